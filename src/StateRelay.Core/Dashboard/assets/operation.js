/** Draws the state of an OperationTracker: how far it is, its items, what it measured, what it said. */

import { ObjectView } from './anything.js';
import { ChartView } from './chart.js';
import { h, setChildren, setText } from './dom.js';
import { FactsView } from './facts.js';
import { LogView } from './log.js';
import { keysOf, pointsOf } from './shapes.js';
import { isTerminal, toneOf } from './status.js';
import { setProgress, TableView } from './table.js';
import {
  amount, amountOf, duration, isNumber, label, moment, Nothing, number, parseTime, percent, scalar, speed, timeLeft,
} from './text.js';

const Known = new Set([
  'view', 'id', 'title', 'status', 'unit', 'startTime', 'endTime', 'details', 'summary', 'items', 'metrics', 'log', 'errors', 'warnings',
]);

export function isOperation(state) {
  return typeof state === 'object' && state !== null && state.view === 'operation';
}

export class OperationView {
  #hero = new Hero();
  #tiles = new FactsView('tiles small');
  #items = new TableView({ name: 'Items', keysOf, statusOf: ({ status }) => status === undefined ? undefined : String(status) });
  #metrics = new MetricsView();
  #errors = new LogView({ name: 'Errors', level: 'error' });
  #warnings = new LogView({ name: 'Warnings', level: 'warning' });
  #log = new LogView({ name: 'Log', filter: true });
  #details = new FactsView('facts');
  #rest = new ObjectView('more', 1);
  #unit;

  constructor() {
    this.#sections = {
      items: section('items', 'Items', this.#items.element),
      metrics: section('metrics', 'Metrics', this.#metrics.element),
      errors: section('errors', 'Errors', this.#errors.element),
      warnings: section('warnings', 'Warnings', this.#warnings.element),
      log: section('log', 'Log', this.#log.element),
      details: section('details', 'Details', this.#details.element),
    };
    const { items, metrics, errors, warnings, log, details } = this.#sections;
    this.#restFrame = h('div', { hidden: true }, this.#rest.element);
    this.#rail = h('div', { class: 'rail' }, errors, warnings, metrics, log, details);
    this.element = h('div', { class: 'operation' },
      h('section', { class: 'hero', 'aria-label': 'Progress' }, h('h2', { class: 'visually-hidden' }, 'Progress'), this.#hero.element, this.#tiles.element),
      h('div', { class: 'columns' }, h('div', { class: 'main' }, items, this.#restFrame), this.#rail));
    this.#setUnit(undefined);
  }

  #sections;
  #restFrame;
  #rail;

  update(state, context) {
    const { items = [], metrics = [], log = [], errors = [], warnings = [], details = {}, summary = {} } = state;
    if (state.unit !== this.#unit) {
      this.#setUnit(state.unit);
    }
    this.#hero.update(state, context);
    this.#tiles.update(tilesOf(summary));
    this.#items.update(items, context);
    this.#metrics.update(metrics);
    this.#errors.update(errors);
    this.#warnings.update(warnings);
    this.#log.update(log);
    this.#details.update(Object.keys(details ?? {}).map(name => ({ name: label(name), text: scalar(details[name], name) })));

    this.#sections.items.hidden = items.length === 0;
    this.#sections.metrics.hidden = metrics.length === 0;
    this.#sections.errors.hidden = errors.length === 0;
    this.#sections.warnings.hidden = warnings.length === 0;
    this.#sections.log.hidden = log.length === 0;
    this.#sections.details.hidden = Object.keys(details ?? {}).length === 0;
    this.#rail.hidden = [...this.#rail.children].every(({ hidden }) => hidden);

    const hasRest = Object.keys(state).some(name => !Known.has(name));
    this.#restFrame.hidden = !hasRest;
    if (hasRest) {
      this.#rest.update(state, context, Known);
    }
  }

  #setUnit(unit) {
    this.#unit = unit;
    this.#items.setColumns(itemColumns(unit));
  }
}

/** The large numbers on top. */
class Hero {
  #facts = new FactsView('facts-line');

  constructor() {
    this.#percent = h('p', { class: 'big' });
    this.#amount = h('p', { class: 'amount' });
    this.#bar = h('progress', { max: '100', 'aria-label': 'Whole operation' });
    this.element = h('div', {},
      h('div', { class: 'hero-line' }, h('div', {}, this.#percent, this.#amount), this.#facts.element),
      this.#bar);
  }

  #percent;
  #amount;
  #bar;

  update(state, { now }) {
    const { summary = {}, unit, status } = state;
    const ended = isTerminal(status);
    const done = isNumber(summary.percent) ? summary.percent : status === 'completed' ? 100 : null;
    setText(this.#percent, done === null ? amount(summary.done, unit) : percent(done));
    setText(this.#amount, done === null ? 'done so far' : amountOf(summary.done, summary.total, unit));
    setProgress(this.#bar, done === null && ended ? 0 : done, toneOf(status));

    const start = parseTime(state.startTime);
    const end = parseTime(state.endTime);
    this.#facts.update([
      { name: ended ? 'Average speed' : 'Speed', text: speed(summary.speed, unit) },
      ...(ended ? [] : [{ name: 'Time left', text: isNumber(summary.secondsLeft) ? timeLeft(summary.secondsLeft) : Nothing }]),
      { name: 'Elapsed', text: duration(((Number.isNaN(end) ? now : end) - start) / 1000) },
      { name: 'Started', text: moment(start, now) },
      ...(Number.isNaN(end) ? [] : [{ name: 'Ended', text: moment(end, now) }]),
    ]);
  }
}

class MetricsView {
  #charts = new Map();
  #points = new WeakMap();

  constructor() {
    this.element = h('div', { class: 'charts' });
  }

  update(metrics) {
    const keys = keysOf(metrics);
    const charts = new Map();
    metrics.forEach((metric, index) => {
      const chart = this.#charts.get(keys[index]) ?? new ChartView(String(metric.name));
      chart.update(this.#pointsOf(metric), metric.unit);
      charts.set(keys[index], chart);
    });
    this.#charts = charts;
    setChildren(this.element, [...charts.values()].map(({ element }) => element));
  }

  #pointsOf({ history, value }) {
    if (!Array.isArray(history) || history.length === 0) {
      return isNumber(value) ? [{ time: 0, value }] : [];
    }
    let points = this.#points.get(history);
    if (points === undefined) {
      points = pointsOf(history);
      this.#points.set(history, points);
    }
    return points;
  }
}

function itemColumns(unit) {
  return [
    { id: 'name', label: 'Item', kind: 'text', value: ({ name }) => name, text: ({ name }) => String(name ?? '') },
    { id: 'status', label: 'Status', kind: 'status', width: '7rem', value: ({ status }) => status, text: ({ status }) => label(String(status ?? '')) },
    {
      id: 'progress', label: 'Progress', kind: 'progress', width: '9.5rem', value: itemPercent, tone: ({ status }) => toneOf(status),
      text: item => itemPercent(item) === null ? '' : percent(itemPercent(item)),
    },
    {
      id: 'done', label: 'Done', kind: 'number', width: '9.5rem', rank: 3, value: ({ done }) => done,
      text: item => item.unit === undefined
        ? (isBytes(unit) ? amountOf(item.done, item.total, unit) : amountOf(item.done, item.total))
        : amountOf(item.done, item.total, item.unit),
    },
    {
      id: 'speed', label: 'Speed', kind: 'number', width: '5.75rem', rank: 4, value: item => item.speed,
      text: item => item.speed > 0 ? speed(item.speed, isBytes(item.unit ?? unit) ? 'bytes' : '') : '',
    },
    { id: 'left', label: 'Time left', kind: 'number', width: '5.75rem', rank: 2, value: item => item.secondsLeft, text: item => isNumber(item.secondsLeft) ? timeLeft(item.secondsLeft) : '' },
    { id: 'elapsed', label: 'Elapsed', kind: 'number', width: '4.5rem', rank: 5, value: itemSeconds, text: (item, context) => isNumber(itemSeconds(item, context)) ? duration(itemSeconds(item, context), true) : '' },
    { id: 'notes', label: 'Notes', kind: 'text', width: '22%', rank: 6, value: notesOf, text: notesOf },
  ];
}

function itemPercent({ percent: done, status, total }) {
  if (isNumber(done)) {
    return done;
  }
  if (status === 'completed') {
    return 100;
  }
  return (status === 'running' || status === 'retrying') && !(total > 0) ? null : 0;
}

function itemSeconds({ startTime, endTime }, { now }) {
  const start = parseTime(startTime);
  const end = parseTime(endTime);
  return Number.isNaN(start) ? null : Math.max(0, ((Number.isNaN(end) ? now : end) - start) / 1000);
}

function notesOf({ message, retries, errors, warnings }) {
  const counts = [[retries, 'retry', 'retries'], [errors, 'error', 'errors'], [warnings, 'warning', 'warnings']]
    .filter(([count]) => count > 0)
    .map(([count, one, many]) => `${number(count)} ${count === 1 ? one : many}`);
  return [...(message ? [String(message)] : []), ...counts].join(' · ');
}

function tilesOf(summary) {
  return [
    ['items', 'Items'], ['completed', 'Completed', 'good'], ['active', 'Active', 'active'], ['waiting', 'Waiting'],
    ['failed', 'Failed', 'bad'], ['skipped', 'Skipped'], ['cancelled', 'Cancelled'], ['retries', 'Retries', 'warn'],
    ['errors', 'Errors', 'bad'], ['warnings', 'Warnings', 'warn'],
  ].filter(([name]) => isNumber(summary[name]))
    .map(([name, title, tone]) => ({ name: title, text: number(summary[name]), tone: summary[name] > 0 ? tone : undefined, quiet: summary[name] === 0 }));
}

function isBytes(unit) {
  return unit === 'bytes' || unit === 'byte' || unit === 'B';
}

function section(name, heading, content) {
  return h('section', { class: 'section', 'data-name': name, 'aria-label': heading }, h('h2', {}, heading), content);
}
