/** Lines that come in order: a log with levels, errors, warnings, events. Follows the end unless scrolled away from it. */

import { h, setChildren, setText } from './dom.js';
import { keysOf } from './shapes.js';
import { clock, number, parseTime, preview } from './text.js';

const MaxLines = 500;
const NearEnd = 24;
const Levels = ['trace', 'debug', 'info', 'information', 'notice', 'warn', 'warning', 'error', 'critical', 'fatal'];

/**
 * @typedef {object} Line
 * @property {string} [level]
 * @property {string} message
 * @property {string} [time]
 * @property {string} [item] what it is about
 */

export class LogView {
  #name;
  #source = null;
  #rows = new Map();
  #level = null;
  #following = true;

  /**
   * @param {object} options
   * @param {string} options.name what the lines are
   * @param {string} [options.level] the level of lines that have none of their own
   * @param {boolean} [options.filter] whether there is a filter by level
   */
  constructor({ name, level, filter = false }) {
    this.#name = name;
    this.#defaultLevel = level;
    this.#count = h('p', { class: 'count' });
    this.#select = h('select', { 'aria-label': `Level of ${name}`, onchange: () => this.#filterBy(this.#select.value) },
      h('option', { value: '' }, 'All levels'));
    this.#list = h('ol', {
      class: 'log', tabindex: '0', 'aria-label': name,
      onscroll: () => {
        const { scrollHeight, scrollTop, clientHeight } = this.#list;
        this.#following = scrollHeight - scrollTop - clientHeight < NearEnd;
        this.#jump.hidden = this.#following;
      },
    });
    this.#jump = h('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.#toEnd() }, 'Newest ↓');
    this.element = h('div', { class: 'log-view' },
      h('div', { class: 'toolbar' }, filter ? this.#select : '', this.#count),
      h('div', { class: 'log-frame' }, this.#list, this.#jump));
  }

  #defaultLevel;
  #count;
  #select;
  #list;
  #jump;

  /** @param {Line[]} lines */
  update(lines) {
    if (lines === this.#source) {
      return;
    }
    this.#source = lines;
    this.#draw();
  }

  #draw() {
    const lines = this.#source;
    const keys = keysOf(lines);
    const levels = new Set();
    const rows = new Map();
    lines.forEach((line, index) => {
      const level = this.#levelOf(line);
      levels.add(level);
      if (index < lines.length - MaxLines && this.#level === null) {
        return;
      }
      if (this.#level === null || level === this.#level) {
        const row = this.#rows.get(keys[index]);
        rows.set(keys[index], row?.line === line ? row : { line, element: drawLine(line, level) });
      }
    });
    this.#rows = rows;
    setChildren(this.#list, [...rows.values()].slice(-MaxLines).map(({ element }) => element));
    this.#drawLevels(levels);
    setText(this.#count, rows.size === lines.length
      ? `${number(lines.length)} ${lines.length === 1 ? 'line' : 'lines'}`
      : `${number(rows.size)} of ${number(lines.length)}`);
    if (this.#following) {
      this.#list.scrollTop = this.#list.scrollHeight;
    }
  }

  #drawLevels(levels) {
    const known = new Set([...this.#select.options].map(({ value }) => value));
    const missing = [...levels].filter(level => level !== '' && !known.has(level));
    if (missing.length > 0) {
      const all = [...known, ...missing].filter(level => level !== '').sort((left, right) => Levels.indexOf(left) - Levels.indexOf(right));
      this.#select.replaceChildren(h('option', { value: '' }, 'All levels'), ...all.map(level => h('option', { value: level }, level)));
      this.#select.value = this.#level ?? '';
    }
  }

  #filterBy(level) {
    this.#level = level === '' ? null : level;
    this.#following = true;
    this.#draw();
  }

  #toEnd() {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#list.focus();
  }

  #levelOf(line) {
    return typeof line?.level === 'string' ? line.level : this.#defaultLevel ?? '';
  }
}

function drawLine(line, level) {
  const time = parseTime(line?.time ?? line?.timestamp);
  const row = h('li', { 'data-level': level });
  if (!Number.isNaN(time)) {
    row.append(h('time', { datetime: new Date(time).toISOString() }, clock(time)), ' ');
  }
  if (level !== '') {
    row.append(h('span', { class: 'level' }, level), ' ');
  }
  if (line?.fatal === true) {
    row.append(h('span', { class: 'level' }, 'fatal'), ' ');
  }
  if (typeof line?.item === 'string' && line.item !== '') {
    row.append(h('span', { class: 'item' }, line.item), ' ');
  }
  row.append(h('span', { class: 'message' }, typeof line?.message === 'string' ? line.message : preview(line)));
  return row;
}
