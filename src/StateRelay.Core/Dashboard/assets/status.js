/** What is known about statuses: their order, tone and end. Unknown ones are shown as they are. */

import { h, setAttribute, setText } from './dom.js';
import { label } from './text.js';

const Tones = new Map([
  ['running', 'active'], ['preparing', 'active'], ['copying', 'active'], ['initializing', 'active'], ['connecting', 'active'],
  ['retrying', 'warn'], ['confirming', 'warn'], ['warning', 'warn'], ['degraded', 'warn'],
  ['failed', 'bad'], ['error', 'bad'], ['disconnected', 'bad'],
  ['queued', 'quiet'], ['pending', 'quiet'], ['skipped', 'quiet'], ['cancelled', 'quiet'],
  ['completed', 'good'], ['connected', 'good'], ['succeeded', 'good'], ['ok', 'good'], ['healthy', 'good'],
]);
const Order = [...Tones.keys()];
const Terminal = new Set(['completed', 'failed', 'cancelled']);

export function isTerminal(status) {
  return Terminal.has(status);
}

/** `active`, `warn`, `bad`, `good` or `quiet`. */
export function toneOf(status) {
  return Tones.get(String(status).toLowerCase()) ?? 'quiet';
}

/** Sorts statuses by how much they deserve a look; unknown ones come last. */
export function statusRank(status) {
  const rank = Order.indexOf(String(status).toLowerCase());
  return rank < 0 ? Order.length : rank;
}

/** A status as a coloured word: the word carries the meaning, the colour only repeats it. */
export class Badge {
  constructor(className = '') {
    this.text = h('span');
    this.element = h('span', { class: `badge ${className}`.trim() }, h('span', { class: 'dot', 'aria-hidden': 'true' }), this.text);
  }

  update(status) {
    setAttribute(this.element, 'data-tone', toneOf(status));
    setText(this.text, label(String(status)));
  }
}
