/** A small picture of numbers over time, drawn as SVG. */

import { h, setAttribute, setText, svg } from './dom.js';
import { amount, clock, label, number } from './text.js';

const Width = 240;
const Height = 48;
const Inset = 3;
const MaxPoints = 480;

export class ChartView {
  #name;
  #points = null;
  #unit;
  #drawn = [];

  /** @param {string} name what the numbers are */
  constructor(name) {
    this.#name = name;
    this.#value = h('span', { class: 'now' });
    this.#range = h('span', { class: 'range' });
    this.#area = svg('path', { class: 'area' });
    this.#line = svg('path', { class: 'line' });
    this.#dot = svg('path', { class: 'end' });
    this.#picture = svg('svg', { viewBox: `0 0 ${Width} ${Height}`, preserveAspectRatio: 'none', role: 'img' },
      this.#area, this.#line, this.#dot);
    this.#picture.addEventListener('pointermove', event => this.#point(event));
    this.#picture.addEventListener('pointerleave', () => this.#showLast());
    this.element = h('figure', { class: 'chart' },
      h('figcaption', {}, h('span', { class: 'name' }, label(name)), this.#value),
      this.#picture,
      this.#range);
  }

  #value;
  #range;
  #area;
  #line;
  #dot;
  #picture;
  #pointing = false;

  /**
   * @param {Array<{time: number, value: number}>} points
   * @param {string} [unit]
   */
  update(points, unit) {
    if (points === this.#points && unit === this.#unit) {
      return;
    }
    this.#points = points;
    this.#unit = unit;
    this.#drawn = points.slice(-MaxPoints).filter(({ time, value }) => Number.isFinite(time) && Number.isFinite(value));
    this.#draw();
    if (!this.#pointing) {
      this.#showLast();
    }
  }

  #draw() {
    const points = this.#drawn;
    if (points.length === 0) {
      [this.#area, this.#line, this.#dot].forEach(path => setAttribute(path, 'd', null));
      setText(this.#range, '');
      return;
    }

    const values = points.map(({ value }) => value);
    const low = Math.min(...values);
    const high = Math.max(...values);
    const floor = low >= 0 && low < high / 2 ? 0 : low;
    const spread = high - floor || 1;
    const [start, end] = [points[0].time, points.at(-1).time];
    const x = time => (end === start ? Width : (time - start) / (end - start) * Width).toFixed(1);
    const y = value => (Height - Inset - (high === floor ? 0.5 : (value - floor) / spread) * (Height - 2 * Inset)).toFixed(1);

    const path = points.map(({ time, value }, index) => `${index === 0 ? 'M' : 'L'}${x(time)} ${y(value)}`).join('');
    setAttribute(this.#line, 'd', path);
    setAttribute(this.#area, 'd', `${path}V${Height}H${x(start)}Z`);
    setAttribute(this.#dot, 'd', `M${x(end)} ${y(values.at(-1))}h0`);
    setText(this.#range, `${number(low)} to ${number(high)}`);
    setAttribute(this.#picture, 'aria-label',
      `${label(this.#name)}: ${amount(values.at(-1), this.#unit)}; between ${number(low)} and ${number(high)} over ${points.length} values`);
  }

  #showLast() {
    this.#pointing = false;
    setText(this.#value, this.#drawn.length === 0 ? amount(undefined) : amount(this.#drawn.at(-1).value, this.#unit));
  }

  #point(event) {
    const box = this.#picture.getBoundingClientRect();
    const points = this.#drawn;
    if (points.length === 0 || box.width === 0) {
      return;
    }
    this.#pointing = true;
    const [start, end] = [points[0].time, points.at(-1).time];
    const time = start + (event.clientX - box.left) / box.width * (end - start);
    const nearest = points.reduce((best, point) => Math.abs(point.time - time) < Math.abs(best.time - time) ? point : best);
    const isTime = nearest.time > 1e11;
    setText(this.#value, `${amount(nearest.value, this.#unit)}${isTime ? ` at ${clock(nearest.time)}` : ''}`);
  }
}
