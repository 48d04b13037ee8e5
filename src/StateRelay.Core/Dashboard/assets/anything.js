/** Draws any JSON value sensibly: each member by what it looks like, patched in place while it keeps that look. */

import { ChartView } from './chart.js';
import { h, setChildren, setText } from './dom.js';
import { FactsView, ProgressView } from './facts.js';
import { LogView } from './log.js';
import { isObject, keysOf, kindOf, percentOf, pointsOf } from './shapes.js';
import { toneOf } from './status.js';
import { TableView } from './table.js';
import { isNumber, label, number, percent, preview, scalar } from './text.js';
import { TreeNode } from './tree.js';

const MaxColumns = 12;
const MaxWords = 100;
const MaxSections = 60;
const DeepestSection = 3;
const StatusNames = ['status', 'state', 'phase'];

/** The member that says how an object is doing, where one does. */
export function statusNameOf(value) {
  return StatusNames.find(name => isObject(value) && Object.hasOwn(value, name) && typeof value[name] === 'string' && value[name].length <= 32);
}

/** Draws one value, changing its way where the value's look changes. */
export class AnyView {
  #name;
  #depth;
  #kind = null;
  #view = null;

  /**
   * @param {string} name
   * @param {number} [depth] how deep below the root it stands
   */
  constructor(name, depth = 0) {
    this.#name = name;
    this.#depth = depth;
    this.element = h('div', { class: 'any' });
  }

  update(value, context) {
    let kind = kindOf(value);
    if (this.#depth > DeepestSection && (kind === 'object' || kind === 'map')) {
      kind = 'tree';
    }
    if (kind !== this.#kind) {
      this.#kind = kind;
      this.#view = Views[kind](this.#name, this.#depth);
      this.element.replaceChildren(this.#view.element);
    }
    this.#view.update(value, context);
  }
}

/** An object: its scalars as tiles, everything else in a section of its own. */
export class ObjectView {
  #name;
  #depth;
  #facts = new FactsView();
  #sections = new Map();
  #progress = null;

  constructor(name, depth) {
    this.#name = name;
    this.#depth = depth;
    this.#body = h('div', { class: 'sections' });
    this.#more = h('p', { class: 'empty', hidden: true });
    this.#bar = h('div', { hidden: true });
    this.element = h('div', { class: 'object' }, this.#bar, this.#facts.element, this.#body, this.#more);
  }

  #body;
  #more;
  #bar;

  /**
   * @param {object} value
   * @param {{omit?: Set<string>}} context members of the root that are shown elsewhere are left out
   * @param {Set<string>} [omit] members that are shown elsewhere
   */
  update(value, context, omit = this.#depth === 0 ? context.omit : undefined) {
    const names = Object.keys(value).filter(name => !omit?.has(name));
    const plain = names.filter(name => isPlain(value[name]));
    this.#facts.update(plain.map(name => factOf(name, value[name])));
    this.#updateBar(percentOf(value), value);

    const rest = names.filter(name => !isPlain(value[name]));
    const sections = new Map();
    for (const name of rest.slice(0, MaxSections)) {
      const section = this.#sections.get(name) ?? new Section(name, this.#depth + 1);
      section.update(value[name], context);
      sections.set(name, section);
    }
    this.#sections = sections;
    setChildren(this.#body, [...sections.values()].map(({ element }) => element));
    this.#more.hidden = rest.length <= MaxSections;
    setText(this.#more, `${number(rest.length - MaxSections)} more members are in the tree.`);
  }

  #updateBar(done, value) {
    this.#bar.hidden = done === null;
    if (done !== null) {
      if (this.#progress === null) {
        this.#progress = new ProgressView(label(this.#name));
        this.#bar.append(this.#progress.element);
      }
      const status = statusNameOf(value);
      this.#progress.update(done, status === undefined ? 'active' : toneOf(value[status]));
    }
  }
}

/** A heading and what belongs under it. */
class Section {
  constructor(name, depth) {
    this.#view = new AnyView(name, depth);
    this.#size = h('span', { class: 'size' });
    this.#heading = h(`h${Math.min(6, depth + 1)}`, {}, label(name), ' ', this.#size);
    this.element = h('section', { class: 'section', 'aria-label': label(name), 'data-name': name }, this.#heading, this.#view.element);
  }

  #view;
  #size;
  #heading;

  update(value, context) {
    this.#view.update(value, context);
    this.element.dataset.kind = kindOf(value);
    setText(this.#size, Array.isArray(value) && value.length > 0 ? number(value.length) : '');
  }
}

/** A list of objects, or objects by name, with columns from all their members. */
class ObjectsView {
  #isMap;
  #table;
  #members = [];
  #columns = new Map();
  #seen = new WeakSet();
  #entries = new WeakMap();
  #items = [];
  #source = null;

  constructor(name, isMap) {
    this.#isMap = isMap;
    this.#table = new TableView({
      name: label(name),
      keysOf: entries => isMap ? entries.map(({ name: key }) => key) : keysOf(entries.map(({ value }) => value)),
      statusOf: ({ value }) => {
        const member = StatusNames.find(candidate => this.#columns.get(candidate) === 'status');
        return member !== undefined && Object.hasOwn(value, member) && value[member] !== null ? String(value[member]) : undefined;
      },
    });
    this.element = this.#table.element;
  }

  update(value, context) {
    if (value !== this.#source) {
      this.#source = value;
      const names = this.#isMap ? Object.keys(value) : null;
      const values = this.#isMap ? Object.values(value) : value;
      this.#items = values.map((item, index) => this.#entryOf(item, names?.[index]));
      this.#learnColumns(values);
    }
    this.#table.update(this.#items, context);
  }

  /** The same object for the same item, so that the table sees what stayed. */
  #entryOf(value, name) {
    const known = this.#entries.get(value);
    if (known !== undefined && known.name === name) {
      return known;
    }
    const entry = { name, value };
    this.#entries.set(value, entry);
    return entry;
  }

  #learnColumns(values) {
    let changed = this.#columns.size === 0;
    for (const value of values) {
      if (this.#seen.has(value)) {
        continue;
      }
      this.#seen.add(value);
      for (const name of Object.keys(value)) {
        const kind = value[name] === null ? undefined : columnKind(name, value[name]);
        if (!this.#columns.has(name) || (this.#columns.get(name) === undefined && kind !== undefined)) {
          this.#columns.set(name, kind);
          changed = true;
        }
      }
    }
    if (changed) {
      this.#members = [...this.#columns.keys()].slice(0, MaxColumns);
      const hasText = this.#isMap || this.#members.some(name => this.#columns.get(name) === 'text');
      const columns = this.#members.map(name => columnOf(name, this.#columns.get(name) ?? 'text', hasText));
      this.#table.setColumns(this.#isMap ? [NameColumn, ...columns] : columns);
      this.element.style.setProperty('--columns', String(columns.length + (this.#isMap ? 1 : 0)));
    }
  }
}

const NameColumn = {
  id: '\u0000name', label: 'Name', kind: 'text', value: ({ name }) => name, text: ({ name }) => name,
};

class SeriesView {
  #chart;
  #source = null;

  constructor(name) {
    this.#chart = new ChartView(name);
    this.element = this.#chart.element;
  }

  update(list) {
    if (list !== this.#source) {
      this.#source = list;
      this.#chart.update(pointsOf(list));
    }
  }
}

class WordsView {
  constructor() {
    this.element = h('ul', { class: 'words' });
  }

  update(list) {
    const shown = list.slice(0, MaxWords).map(word => scalar(word));
    if (list.length > MaxWords) {
      shown.push(`${number(list.length - MaxWords)} more`);
    }
    while (this.element.childElementCount > shown.length) {
      this.element.lastElementChild.remove();
    }
    shown.forEach((text, index) => setText(this.element.children[index] ?? this.element.appendChild(h('li')), text));
  }
}

class TextView {
  constructor(textOf) {
    this.#textOf = textOf;
    this.element = h('p', { class: 'text' });
  }

  #textOf;

  update(value) {
    setText(this.element, this.#textOf(value));
  }
}

class BareTreeView {
  constructor(name) {
    this.#root = new TreeNode(label(name), true);
    this.element = h('ul', { class: 'tree' }, this.#root.element);
  }

  #root;

  update(value) {
    this.#root.update(value);
  }
}

const Views = {
  scalar: name => new TextView(value => scalar(value, name)),
  text: () => new TextView(String),
  empty: () => new TextView(() => 'Empty.'),
  series: name => new SeriesView(name),
  log: name => new LogView({ name: label(name), filter: true }),
  table: name => new ObjectsView(name, false),
  map: name => new ObjectsView(name, true),
  words: () => new WordsView(),
  object: (name, depth) => new ObjectView(name, depth),
  tree: name => new BareTreeView(name),
};

function isPlain(value) {
  const kind = kindOf(value);
  return kind === 'scalar' || kind === 'text';
}

function factOf(name, value) {
  const text = scalar(value, name);
  const isStatus = StatusNames.includes(name) && typeof value === 'string';
  return { name: label(name), text, tone: isStatus ? toneOf(value) : undefined, wide: text.length > 16, quiet: value === null };
}

function columnKind(name, value) {
  if (StatusNames.includes(name) && typeof value === 'string') {
    return 'status';
  }
  if (isNumber(value)) {
    return /^(percent|percentage|progress)$/.test(name) ? 'progress' : 'number';
  }
  return 'text';
}

function columnOf(name, kind, isNarrow) {
  const valueOf = ({ value }) => Object.hasOwn(value, name) ? value[name] : undefined;
  return {
    id: name,
    label: label(name),
    kind,
    width: isNarrow && kind === 'number' ? '8rem' : undefined,
    value: kind === 'progress' ? item => percentOf({ percent: valueOf(item) }) : valueOf,
    text: item => textOf(valueOf(item), name, kind),
    tone: ({ value }) => {
      const status = statusNameOf(value);
      return status === undefined ? undefined : toneOf(value[status]);
    },
  };
}

function textOf(value, name, kind) {
  if (value === undefined || value === null) {
    return '';
  }
  if (kind === 'progress' && isNumber(value)) {
    return percent(value);
  }
  if (kind === 'status') {
    return label(String(value));
  }
  return typeof value === 'object' ? preview(value) : scalar(value, name);
}
