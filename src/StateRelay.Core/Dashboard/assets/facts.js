/** Named values: as tiles where they are short, and a bar for how far something has come. */

import { h, setAttribute, setChildren, setText } from './dom.js';
import { setProgress } from './table.js';
import { percent as percentText } from './text.js';

/**
 * @typedef {object} Fact
 * @property {string} name
 * @property {string} text
 * @property {string} [tone] how it is coloured
 * @property {boolean} [quiet] whether it says nothing of note
 * @property {boolean} [wide] whether it needs room
 */

/** A list of facts, each patched in place. */
export class FactsView {
  #tiles = new Map();

  /** @param {string} [className] */
  constructor(className = 'tiles') {
    this.element = h('dl', { class: className });
  }

  /** @param {Fact[]} facts */
  update(facts) {
    const tiles = new Map();
    for (const fact of facts) {
      const tile = this.#tiles.get(fact.name) ?? makeTile(fact.name);
      setText(tile.value, fact.text);
      setAttribute(tile.element, 'data-tone', fact.tone ?? null);
      setAttribute(tile.element, 'class', `tile${fact.quiet ? ' quiet' : ''}${fact.wide ? ' wide' : ''}`);
      tiles.set(fact.name, tile);
    }
    this.#tiles = tiles;
    setChildren(this.element, [...tiles.values()].map(({ element }) => element));
    this.element.hidden = facts.length === 0;
  }
}

/** How far something has come. */
export class ProgressView {
  /** @param {string} name what is under way */
  constructor(name) {
    this.#bar = h('progress', { max: '100', 'aria-label': name });
    this.#text = h('span', { class: 'percent' });
    this.element = h('div', { class: 'progress-line' }, this.#bar, this.#text);
  }

  #bar;
  #text;

  /**
   * @param {number|null} percent null for "under way, nobody knows how far"
   * @param {string} [tone]
   */
  update(percent, tone) {
    setProgress(this.#bar, percent, tone);
    setText(this.#text, percent === null ? '' : percentText(percent));
  }
}

function makeTile(name) {
  const value = h('dd');
  return { value, element: h('div', {}, h('dt', {}, name), value) };
}
