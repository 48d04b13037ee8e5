/**
 * RFC 6902 patches on values that are never changed: what was handed out stays as it was, and whatever a patch did not
 * touch is the same object afterwards, so `===` tells what changed.
 *
 * Members of any name are data here, `__proto__` and `constructor` too: they are read only where the object owns them,
 * and written as properties of its own.
 */

/** A patch that does not fit the document it was meant for. */
export class PatchError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'PatchError';
  }
}

/**
 * Gives what the patch makes of the document. Throws a {@link PatchError} where it does not fit; the document is as it was.
 *
 * @param {*} document any JSON value
 * @param {Array<{op: string, path: string, from?: string, value?: *}>} patch
 * @param {Set<object>} [owned] objects and arrays made by earlier patches of the same batch and not handed out yet: those
 *   may be changed in place, so that a batch copies each container once
 * @returns {*}
 */
export function applyPatch(document, patch, owned = new Set()) {
  if (!Array.isArray(patch)) {
    throw new PatchError('A patch is an array.');
  }

  let root = document;
  for (const operation of patch) {
    root = applyOperation(root, operation, owned);
  }
  return root;
}

/**
 * The names in a JSON pointer, unescaped.
 *
 * @param {string} pointer
 * @returns {string[]}
 */
export function parsePointer(pointer) {
  if (typeof pointer !== 'string' || (pointer !== '' && pointer[0] !== '/') || /~(?![01])/.test(pointer)) {
    throw new PatchError(`Not a JSON pointer: ${pointer}`);
  }
  return pointer === '' ? [] : pointer.slice(1).split('/').map(name => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Whether two JSON values are equal; the order of members does not count.
 *
 * @param {*} left
 * @param {*} right
 * @returns {boolean}
 */
export function sameJson(left, right) {
  if (left === right) {
    return true;
  }
  if (!isContainer(left) || !isContainer(right) || Array.isArray(left) !== Array.isArray(right)) {
    return false;
  }
  const names = Object.keys(left);
  return names.length === Object.keys(right).length
    && names.every(name => Object.hasOwn(right, name) && sameJson(left[name], right[name]));
}

function applyOperation(root, operation, owned) {
  const path = parsePointer(operation?.path);
  switch (operation.op) {
    case 'add':
      return add(root, path, valueOf(operation), owned);
    case 'replace':
      return replace(root, path, valueOf(operation), owned);
    case 'remove':
      return remove(root, path, owned);
    case 'move': {
      const from = parsePointer(operation.from);
      if (from.length < path.length && from.every((name, depth) => name === path[depth])) {
        throw new PatchError(`Cannot move ${operation.from} into itself.`);
      }
      const value = find(root, from);
      return add(remove(root, from, owned), path, value, owned);
    }
    case 'copy': {
      const value = find(root, parsePointer(operation.from));
      owned.clear(); // the copy stands in two places: from here on, changing one must not change the other
      return add(root, path, value, owned);
    }
    case 'test':
      if (!sameJson(find(root, path), valueOf(operation))) {
        throw new PatchError(`Test failed at ${operation.path}`);
      }
      return root;
    default:
      throw new PatchError(`Unknown operation: ${operation.op}`);
  }
}

function add(root, path, value, owned) {
  if (path.length === 0) {
    return value;
  }
  return edit(root, path, owned, (parent, name) => {
    if (Array.isArray(parent)) {
      parent.splice(name === '-' ? parent.length : indexOf(name, parent.length), 0, value);
    } else {
      put(parent, name, value);
    }
  });
}

function replace(root, path, value, owned) {
  return path.length === 0 ? value : edit(root, path, owned, (parent, name) => put(parent, existing(parent, name), value));
}

function remove(root, path, owned) {
  if (path.length === 0) {
    return null;
  }
  return edit(root, path, owned, (parent, name) => {
    const key = existing(parent, name);
    if (Array.isArray(parent)) {
      parent.splice(key, 1);
    } else {
      delete parent[key];
    }
  });
}

/** Copies the containers along the path, unless owned already, and lets `act` change the last one. */
function edit(root, path, owned, act) {
  const newRoot = own(root, owned);
  let node = newRoot;
  for (const name of path.slice(0, -1)) {
    const key = existing(node, name);
    const child = own(node[key], owned);
    if (child !== node[key]) {
      put(node, key, child);
    }
    node = child;
  }
  act(node, path.at(-1));
  return newRoot;
}

function own(value, owned) {
  if (!isContainer(value)) {
    throw new PatchError('The path leads through a value that has no members.');
  }
  if (owned.has(value)) {
    return value;
  }
  const copy = Array.isArray(value) ? value.slice() : { ...value };
  owned.add(copy);
  return copy;
}

function find(root, path) {
  let node = root;
  for (const name of path) {
    node = node[existing(node, name)];
  }
  return node;
}

/** The key under which the container holds that name. */
function existing(container, name) {
  if (Array.isArray(container)) {
    return indexOf(name, container.length - 1);
  }
  if (!isContainer(container) || !Object.hasOwn(container, name)) {
    throw new PatchError(`There is no member ${JSON.stringify(name)}.`);
  }
  return name;
}

function indexOf(name, last) {
  if (!/^(0|[1-9]\d*)$/.test(name) || Number(name) > last) {
    throw new PatchError(`There is no index ${name}.`);
  }
  return Number(name);
}

function put(container, key, value) {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
}

function valueOf(operation) {
  if (!Object.hasOwn(operation, 'value')) {
    throw new PatchError(`${operation.op} needs a value.`);
  }
  return operation.value;
}

function isContainer(value) {
  return typeof value === 'object' && value !== null;
}
