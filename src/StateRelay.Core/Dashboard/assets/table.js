/**
 * A table of thousands of rows: only those in view, and a few around them, are elements. A row is known by its item's key
 * and patched in place, so text that is selected stays selected and nothing flickers.
 */

import { h, setAttribute, setChildren, setText, svg } from './dom.js';
import { statusRank, toneOf } from './status.js';
import { compareText, isNumber, label, number } from './text.js';

const Overscan = 8;
const AssumedRowHeight = 36;
const AssumedViewHeight = 800;
const MaxChips = 12;

/**
 * @typedef {object} Column
 * @property {string} id
 * @property {string} label
 * @property {'text'|'number'|'status'|'progress'|'link'} kind
 * @property {(item: *, context: object) => *} value what it is sorted by, and the percent of a `progress`
 * @property {(item: *, context: object) => string} text what is shown
 * @property {(item: *) => string|undefined} [tone] how a `text`, `number` or `progress` is coloured
 * @property {(item: *) => string|null} [href] where a `link` leads, an address that was checked; null where it is text
 * @property {(item: *) => string} [search] what a filter looks through instead of the text
 * @property {string} [width] of the column, in any CSS unit; default a share of what is left
 * @property {number} [rank] how soon it goes where the page is narrow: 1 stays longest; default stays
 */

export class TableView {
  #columns = [];
  #keysOf;
  #statusOf;

  #items = [];
  #context = {};
  #byKey = new Map();
  #order = [];
  #shown = [];
  #statuses = new Map();
  #sort = null;
  #filter = { text: '', status: null };
  #searchTexts = new WeakMap();
  #dirty = true;

  #rows = new Map();
  #rowHeight = 0;
  #viewHeight = AssumedViewHeight;
  #scrollTop = 0;
  #frame = 0;

  /**
   * @param {object} options
   * @param {string} options.name what the rows are, for people who cannot see the heading above
   * @param {(items: Array) => string[]} options.keysOf a key for each item
   * @param {(item: *) => string|undefined} [options.statusOf] where items have a status to filter by
   * @param {string} [options.statusName] what that is called; default `Status`
   */
  constructor({ name, keysOf, statusOf, statusName = 'Status' }) {
    this.#keysOf = keysOf;
    this.#statusOf = statusOf ?? (() => undefined);

    this.#search = h('input', {
      type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${name}`, autocomplete: 'off', spellcheck: 'false',
      oninput: () => this.#setFilter({ text: this.#search.value.trim().toLowerCase() }),
    });
    this.#chips = h('div', { class: 'chips', role: 'group', 'aria-label': `${statusName} of ${name}` });
    this.#count = h('p', { class: 'count' });
    this.#head = h('tr', { 'aria-rowindex': '1' });
    this.#columnGroup = h('colgroup');
    this.#above = h('tbody', { class: 'spacer', 'aria-hidden': 'true', hidden: true });
    this.#body = h('tbody');
    this.#below = h('tbody', { class: 'spacer', 'aria-hidden': 'true', hidden: true });
    this.#table = h('table', { 'aria-label': name }, this.#columnGroup, h('thead', {}, this.#head), this.#above, this.#body, this.#below);
    this.#scroller = h('div', {
      class: 'scroller', role: 'region', tabindex: '0', 'aria-label': `${name}, scrollable`,
      onscroll: () => this.#scrolled(),
    }, this.#table);
    this.#empty = h('p', { class: 'empty', hidden: true }, 'Nothing matches.');
    this.element = h('div', { class: 'table-view' },
      h('div', { class: 'toolbar' }, this.#search, this.#chips, this.#count),
      this.#scroller,
      this.#empty);
    new ResizeObserver(() => this.#resized()).observe(this.#scroller);
  }

  #search;
  #chips;
  #count;
  #head;
  #columnGroup;
  #above;
  #body;
  #below;
  #table;
  #scroller;
  #empty;

  /** @param {Column[]} columns */
  setColumns(columns) {
    this.#columns = columns;
    this.#rows.clear();
    this.#body.replaceChildren();
    this.#columnGroup.replaceChildren(...columns.map(column => {
      const col = h('col', { 'data-rank': column.rank });
      if (column.width) {
        col.style.setProperty('width', column.width);
      }
      return col;
    }));
    this.#head.replaceChildren(...columns.map(column => this.#headCell(column)));
    this.#dirty = true;
  }

  /**
   * Shows these items. An item that is the same object as before costs next to nothing.
   *
   * @param {Array} items
   * @param {object} context handed to the columns; what depends on it is asked again on every call
   */
  update(items, context) {
    this.#context = context;
    if (items !== this.#items || this.#dirty) {
      this.#items = items;
      this.#arrange();
    }
    this.#draw();
  }

  #headCell(column) {
    const arrow = svg('svg', { class: 'arrow', viewBox: '0 0 8 8', 'aria-hidden': 'true' }, svg('path', { d: 'M4 1 7 6H1z' }));
    const button = h('button', { type: 'button', onclick: () => this.#sortBy(column) }, column.label, arrow);
    return h('th', { scope: 'col', class: column.kind, 'data-rank': column.rank, 'data-column': column.id, 'aria-sort': 'none' }, button);
  }

  #sortBy(column) {
    const descending = this.#sort?.id === column.id && !this.#sort.descending;
    this.#sort = { id: column.id, descending };
    for (const cell of this.#head.children) {
      setAttribute(cell, 'aria-sort', cell.dataset.column !== column.id ? 'none' : descending ? 'descending' : 'ascending');
    }
    this.#arrange();
    this.#draw();
  }

  #setFilter(change) {
    this.#filter = { ...this.#filter, ...change };
    this.#scroller.scrollTop = 0;
    this.#scrollTop = 0;
    this.#arrange();
    this.#draw();
  }

  // Which items, in which order.

  #arrange() {
    this.#dirty = false;
    const keys = this.#keysOf(this.#items);
    const entries = new Map();
    const statuses = new Map();
    this.#items.forEach((item, index) => {
      const status = this.#statusOf(item);
      entries.set(keys[index], { key: keys[index], item, index, status });
      if (status !== undefined) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    this.#byKey = entries;
    this.#statuses = statuses;
    if (this.#filter.status !== null && !statuses.has(this.#filter.status)) {
      statuses.set(this.#filter.status, 0);
    }

    const column = this.#columns.find(({ id }) => id === this.#sort?.id);
    this.#order = column === undefined ? keys : this.#sorted(column, keys);
    this.#shown = this.#order.filter(key => this.#matches(entries.get(key)));
    this.#drawToolbar();
  }

  /** Sorts beginning from the last order: it is nearly right already, which makes sorting cheap. */
  #sorted(column, keys) {
    const entries = this.#byKey;
    const known = this.#order.filter(key => entries.has(key));
    const isKnown = new Set(known);
    const start = [...known, ...keys.filter(key => !isKnown.has(key))];
    for (const entry of entries.values()) {
      entry.sort = column.value(entry.item, this.#context);
    }

    const compare = column.kind === 'status' ? compareStatus : compareValues;
    const direction = this.#sort.descending ? -1 : 1;
    return start.sort((leftKey, rightKey) => {
      const left = entries.get(leftKey);
      const right = entries.get(rightKey);
      const leftMissing = isMissing(left.sort);
      const rightMissing = isMissing(right.sort);
      if (leftMissing || rightMissing) {
        return leftMissing - rightMissing || left.index - right.index;
      }
      return direction * compare(left.sort, right.sort) || left.index - right.index;
    });
  }

  #matches({ item, status }) {
    const { text, status: wanted } = this.#filter;
    return (wanted === null || status === wanted)
      && (text === '' || text.split(/\s+/).every(word => this.#searchText(item).includes(word)));
  }

  #searchText(item) {
    if (typeof item !== 'object' || item === null) {
      return String(item).toLowerCase();
    }
    let text = this.#searchTexts.get(item);
    if (text === undefined) {
      text = this.#columns
        .filter(({ kind }) => kind !== 'progress')
        .map(column => column.search?.(item) ?? column.text(item, this.#context)).join('\n').toLowerCase();
      this.#searchTexts.set(item, text);
    }
    return text;
  }

  // What is drawn.

  #drawToolbar() {
    const all = this.#items.length;
    const shown = this.#shown.length;
    setText(this.#count, shown === all ? `${number(all)} ${all === 1 ? 'row' : 'rows'}` : `${number(shown)} of ${number(all)}`);
    this.#empty.hidden = shown > 0 || all === 0;

    const counts = this.#statuses;
    const names = [...counts.keys()]
      .sort((left, right) => (right === this.#filter.status) - (left === this.#filter.status) || counts.get(right) - counts.get(left))
      .slice(0, MaxChips)
      .sort((left, right) => statusRank(left) - statusRank(right) || compareText(left, right));
    this.#chips.hidden = names.length < 2 && this.#filter.status === null;
    const kept = new Map([...this.#chips.children].map(chip => [chip.dataset.status ?? null, chip]));
    setChildren(this.#chips, [null, ...names].map(name => {
      const chip = kept.get(name) ?? this.#chip(name);
      setAttribute(chip, 'aria-pressed', String(this.#filter.status === name));
      setText(chip.lastChild, number(name === null ? all : counts.get(name)));
      return chip;
    }));
  }

  #chip(status) {
    return h('button', {
      type: 'button', class: 'chip', 'data-status': status, 'data-tone': status === null ? null : toneOf(status),
      onclick: () => this.#setFilter({ status }),
    }, h('span', {}, status === null ? 'All' : label(status)), ' ', h('span', { class: 'n' }));
  }

  #draw() {
    const height = this.#rowHeight || AssumedRowHeight;
    const rows = this.#shown.length;
    const first = Math.max(0, Math.min(Math.floor(this.#scrollTop / height), rows - 1) - Overscan);
    const last = Math.min(rows, Math.ceil((this.#scrollTop + this.#viewHeight) / height) + Overscan);

    const wanted = this.#shown.slice(first, last);
    const keep = new Set(wanted);
    for (const key of this.#rows.keys()) {
      if (!keep.has(key)) {
        this.#rows.delete(key);
      }
    }
    setChildren(this.#body, wanted.map((key, offset) => {
      let row = this.#rows.get(key);
      if (row === undefined) {
        row = new Row(this.#columns, key);
        this.#rows.set(key, row);
      }
      row.update(this.#byKey.get(key).item, this.#context, first + offset);
      return row.element;
    }));
    setAttribute(this.#table, 'aria-rowcount', rows + 1);
    this.#space(this.#above, first * height);
    this.#space(this.#below, (rows - last) * height);

    if (this.#rowHeight === 0 && wanted.length > 0) {
      this.#measure();
    }
  }

  #space(spacer, height) {
    const size = `${height}px`;
    if (spacer.style.height !== size) {
      spacer.style.setProperty('height', size);
      spacer.hidden = height === 0;
    }
  }

  #measure() {
    const measured = this.#body.firstElementChild?.getBoundingClientRect().height ?? 0;
    if (measured > 0 && measured !== this.#rowHeight) {
      this.#rowHeight = measured;
      this.#requestDraw();
    }
  }

  #scrolled() {
    this.#scrollTop = this.#scroller.scrollTop;
    this.#requestDraw();
  }

  #resized() {
    this.#viewHeight = this.#scroller.clientHeight || AssumedViewHeight;
    this.#measure();
    this.#requestDraw();
  }

  #requestDraw() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.#draw();
    });
  }
}

/** One row's elements; writes only what differs. */
class Row {
  #columns;
  #cells;

  constructor(columns, key) {
    this.#columns = columns;
    this.#cells = columns.map((column, index) => cellOf(column, index === 0));
    this.element = h('tr', { 'data-key': key }, ...this.#cells.map(({ element }) => element));
  }

  update(item, context, index) {
    setAttribute(this.element, 'aria-rowindex', index + 2);
    this.#columns.forEach((column, at) => this.#cells[at].update(item, context));
  }
}

function cellOf(column, isFirst) {
  const attributes = { class: column.kind, 'data-rank': column.rank, 'data-column': column.id };
  const tag = isFirst ? 'th' : 'td';
  if (isFirst) {
    attributes.scope = 'row';
  }

  if (column.kind === 'progress') {
    const bar = h('progress', { max: '100', 'aria-label': column.label });
    const text = h('span', { class: 'percent' });
    return {
      element: h(tag, attributes, h('span', { class: 'bar' }, bar, text)),
      update(item, context) {
        const percent = column.value(item, context);
        setProgress(bar, percent, column.tone?.(item));
        setText(text, column.text(item, context));
      },
    };
  }

  if (column.kind === 'status') {
    const text = h('span');
    const badge = h('span', { class: 'badge' }, h('span', { class: 'dot', 'aria-hidden': 'true' }), text);
    return {
      element: h(tag, attributes, badge),
      update(item, context) {
        const value = column.text(item, context);
        setText(text, value);
        setAttribute(badge, 'data-tone', toneOf(column.value(item, context)));
        badge.hidden = value === '';
      },
    };
  }

  if (column.kind === 'link') {
    return linkCell(column, h(tag, attributes));
  }

  const cell = h(tag, attributes);
  return {
    element: cell,
    update(item, context) {
      const text = column.text(item, context);
      if (cell.firstChild?.data !== text) {
        setText(cell, text);
        setAttribute(cell, 'title', text.length > 12 ? text : null);
      }
      if (column.tone !== undefined) {
        setAttribute(cell, 'data-tone', column.tone(item) ?? null);
      }
    },
  };
}

function linkCell(column, cell) {
  const plain = h('span');
  const link = h('a', { target: '_blank', rel: 'noopener noreferrer' });
  return {
    element: cell,
    update(item, context) {
      const href = column.href(item);
      const shown = href === null ? plain : link;
      const text = column.text(item, context);
      setText(shown, text);
      setAttribute(link, 'href', href);
      setAttribute(cell, 'title', column.search?.(item) || text || null);
      if (cell.firstChild !== shown) {
        cell.replaceChildren(shown);
      }
    },
  };
}

/**
 * Sets a `<progress>`: a percent, or null for "under way, nobody knows how far".
 *
 * @param {HTMLProgressElement} bar
 * @param {number|null} percent
 * @param {string} [tone]
 */
export function setProgress(bar, percent, tone = 'active') {
  setAttribute(bar, 'value', percent === null ? null : Math.round(percent * 10) / 10);
  setAttribute(bar, 'data-tone', tone);
}

function compareStatus(left, right) {
  return statusRank(left) - statusRank(right) || compareText(String(left), String(right));
}

function compareValues(left, right) {
  if (isNumber(left) && isNumber(right)) {
    return left - right;
  }
  return isNumber(left) - isNumber(right) ? isNumber(right) - isNumber(left) : compareText(String(left), String(right));
}

function isMissing(value) {
  return value === null || value === undefined || value === '';
}
