/**
 * Making and changing elements. Text goes in as text nodes and nothing else: there is no way here to give markup.
 */

const SvgNamespace = 'http://www.w3.org/2000/svg';

/**
 * @param {string} tag
 * @param {Object<string, string|number|boolean|null|undefined|Function>} [attributes] functions are listeners (`onclick`);
 *   true is an empty attribute; false, null and undefined are left out
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS(SvgNamespace, tag), attributes, children);
}

/**
 * Writes text into the element's one text node, and only where it differs: a selection in text that stayed is kept.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  const node = element.firstChild;
  if (node === null) {
    if (text !== '') {
      element.append(text);
    }
  } else if (node.data !== text) {
    node.data = text;
  }
}

/**
 * Sets an attribute where it differs; null takes it away.
 *
 * @param {Element} element
 * @param {string} name
 * @param {string|number|null} value
 */
export function setAttribute(element, name, value) {
  if (value === null) {
    element.removeAttribute(name);
  } else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, String(value));
  }
}

/**
 * Makes `nodes` the children of the parent in that order, moving only those that stand elsewhere.
 *
 * @param {Element} parent
 * @param {Element[]} nodes
 */
export function setChildren(parent, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...parent.childNodes]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) {
      next = next.nextSibling;
    } else {
      parent.insertBefore(node, next);
    }
  }
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children);
  return element;
}
