/** The state as it is: every member, folded until opened, with what changes flashing where motion is welcome. */

import { h, setChildren, setText } from './dom.js';
import { number, preview } from './text.js';

const Step = 100;
const FlashTime = 900;
const stillness = matchMedia('(prefers-reduced-motion: reduce)');

/** One member. Its children are made when it is opened, and followed only while it is. */
export class TreeNode {
  #name;
  #value;
  #isContainer = null;
  #children = new Map();
  #limit = Step;

  /**
   * @param {string} name
   * @param {boolean} [open] whether it begins opened
   */
  constructor(name, open = false) {
    this.#name = name;
    this.#startsOpen = open;
    this.element = h('li');
  }

  #startsOpen;
  #details;
  #summaryText;
  #list;
  #more;
  #leaf;

  /** @param {*} value */
  update(value) {
    if (value === this.#value && this.#isContainer !== null) {
      return;
    }
    const isFirst = this.#isContainer === null;
    this.#value = value;
    const isContainer = typeof value === 'object' && value !== null;
    if (isContainer !== this.#isContainer) {
      this.#isContainer = isContainer;
      this.#children.clear();
      this.element.replaceChildren(isContainer ? this.#makeContainer() : this.#makeLeaf());
    }

    if (isContainer) {
      setText(this.#summaryText, sizeOf(value));
      if (this.#details.open) {
        this.#updateChildren(!isFirst);
      } else if (!isFirst) {
        flash(this.#summaryText);
      }
    } else {
      setText(this.#leaf, typeof value === 'string' ? JSON.stringify(value) : String(value));
      this.#leaf.dataset.type = value === null ? 'null' : typeof value;
      if (!isFirst) {
        flash(this.#leaf);
      }
    }
  }

  #makeContainer() {
    this.#summaryText = h('span', { class: 'size' });
    this.#list = h('ul');
    this.#more = h('button', { type: 'button', class: 'more', onclick: () => this.#showMore() });
    this.#details = h('details', { open: this.#startsOpen, ontoggle: () => this.#details.open && this.#updateChildren(false) },
      h('summary', {}, h('span', { class: 'name' }, this.#name), ' ', this.#summaryText),
      this.#list);
    return this.#details;
  }

  #makeLeaf() {
    this.#leaf = h('span', { class: 'value' });
    return h('span', { class: 'leaf' }, h('span', { class: 'name' }, this.#name), ' ', this.#leaf);
  }

  #updateChildren(flashNew) {
    const names = Object.keys(this.#value);
    const shown = names.slice(0, this.#limit);
    const children = new Map();
    for (const name of shown) {
      const existing = this.#children.get(name);
      const child = existing ?? new TreeNode(name);
      child.update(this.#value[name]);
      if (existing === undefined && flashNew) {
        flash(child.element);
      }
      children.set(name, child);
    }
    this.#children = children;

    const elements = [...children.values()].map(({ element }) => element);
    const left = names.length - shown.length;
    if (left > 0) {
      setText(this.#more, `Show ${number(Math.min(left, Step))} more of ${number(left)}`);
      elements.push(this.#more);
    }
    setChildren(this.#list, elements);
  }

  #showMore() {
    this.#limit += Step;
    this.#updateChildren(false);
  }
}

function sizeOf(value) {
  const size = Array.isArray(value) ? value.length : Object.keys(value).length;
  const text = preview(value);
  return text.length <= 60 ? text : Array.isArray(value) ? `[${number(size)}]` : `{${number(size)}}`;
}

function flash(element) {
  if (!stillness.matches) {
    element.animate([{ backgroundColor: 'var(--flash)' }, { backgroundColor: 'transparent' }], FlashTime);
  }
}
