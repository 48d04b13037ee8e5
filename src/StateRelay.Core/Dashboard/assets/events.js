/** Draws what a relay of events does: the latest events, how many there are, who is connected and how far behind. */

import { ChartView } from './chart.js';
import { h, setAttribute, setText } from './dom.js';
import { FactsView } from './facts.js';
import { isObject, keysOf, pointsOf } from './shapes.js';
import { TableView } from './table.js';
import { duration, isNumber, moment, Nothing, number, parseTime, speed, timeLeft, webLink } from './text.js';

const ShownSha = 7;

// A few events are always on their way; from here on somebody is slow.
const Notable = 100;

export function isEvents(state) {
  return isObject(state) && state.view === 'events';
}

export class EventsView {
  #hero = new Hero();
  #tiles = new FactsView('tiles small');
  #events = new TableView({ name: 'Events', keysOf, statusOf: ({ type }) => textOf(type), statusName: 'Type' });
  #clients = new TableView({ name: 'Clients', keysOf });
  #parts;
  #lists = new WeakMap();

  /** @param {(paused: boolean) => void} hold stops what comes, or lets it come again */
  constructor(hold) {
    this.#events.setColumns(EventColumns);
    this.#clients.setColumns(ClientColumns);
    this.#hold = h('button', { type: 'button', onclick: () => this.#toggle(hold) }, 'Pause');
    this.#parts = {
      events: new Part('Latest events', this.#events.element, 'Nothing has happened yet. Events appear here as they come.', this.#hold),
      clients: new Part('Clients', this.#clients.element, 'Nobody follows events now.'),
    };
    this.element = h('div', { class: 'events' },
      h('section', { class: 'hero', 'aria-label': 'Rate' }, h('h2', { class: 'visually-hidden' }, 'Rate'), this.#hero.element, this.#tiles.element),
      h('div', { class: 'columns' }, this.#parts.events.element, this.#parts.clients.element));
  }

  #hold;
  #isHeld = false;

  update(state, context) {
    const { counts, clients } = state;
    this.#hero.update(state, context);
    this.#tiles.update(tilesOf(isObject(counts) ? counts : {}));
    this.#drawPart(this.#parts.events, this.#events, this.#listOf(state.events), state.earlierEvents, 'earlier', context);
    this.#drawPart(this.#parts.clients, this.#clients, this.#furthestBehindFirst(clients), state.moreClients, 'more', context);
  }

  #drawPart(part, table, items, others, word, context) {
    part.update(items.length, isNumber(others) && others > 0 ? `and ${number(others)} ${word}` : '');
    if (items.length > 0) {
      table.update(items, context);
    }
  }

  #toggle(hold) {
    this.#isHeld = !this.#isHeld;
    setText(this.#hold, this.#isHeld ? 'Resume' : 'Pause');
    setAttribute(this.#hold, 'data-tone', this.#isHeld ? 'warn' : null);
    hold(this.#isHeld);
  }

  /** The objects of a list; the same list for the same value. */
  #listOf(value, arrange = list => list) {
    if (!Array.isArray(value)) {
      return [];
    }
    let list = this.#lists.get(value);
    if (list === undefined) {
      list = arrange(value.filter(isObject));
      this.#lists.set(value, list);
    }
    return list;
  }

  #furthestBehindFirst(clients) {
    return this.#listOf(clients, list => list.sort((left, right) => slowness(right) - slowness(left)));
  }
}

/** The large numbers on top. */
class Hero {
  #facts = new FactsView('facts-line');
  #chart = new ChartView('Events a second');
  #history = [];
  #points = [];

  constructor() {
    this.#rate = h('p', { class: 'big' });
    this.#amount = h('p', { class: 'amount' });
    this.element = h('div', { class: 'hero-chart' },
      h('div', {}, h('div', {}, this.#rate, this.#amount), this.#facts.element),
      this.#chart.element);
  }

  #rate;
  #amount;

  update(state, { now }) {
    const { head, events, clients, subscriptions, counts } = state;
    const rate = isObject(state.rate) ? state.rate : {};
    setText(this.#rate, speed(rate.now, 'events'));
    setText(this.#amount, `${number(head)} ${head === 1 ? 'event' : 'events'} in all`);
    if (rate.history !== this.#history) {
      this.#history = rate.history;
      this.#points = Array.isArray(rate.history) && rate.history.every(isObject) ? pointsOf(rate.history) : [];
    }
    this.#chart.update([...this.#points, { time: now, value: rate.now }], '/s');

    const newest = parseTime(Array.isArray(events) ? events[0]?.time : undefined);
    const furthest = Math.max(0, ...(Array.isArray(clients) ? clients.filter(isObject).map(behindOf) : []));
    this.#facts.update([
      { name: 'Last event', text: Number.isNaN(newest) ? Nothing : `${timeLeft(Math.floor((now - newest) / 1000))} ago` },
      { name: 'Subscriptions', text: number(subscriptions) },
      { name: 'Sent to them', text: number(counts?.sent) },
      { name: 'Furthest behind', text: number(furthest), tone: furthest >= Notable ? 'warn' : undefined },
    ]);
  }
}

/** A heading with its list, or with what is to be said while the list is empty. */
class Part {
  constructor(heading, list, nothing, ...controls) {
    this.#list = h('div', {}, list);
    this.#more = h('span', { class: 'size' });
    this.#nothing = h('p', { class: 'empty' }, nothing);
    this.element = h('section', { class: 'section', 'aria-label': heading },
      h('div', { class: 'section-line' }, h('h2', {}, heading, ' ', this.#more), ...controls),
      this.#list,
      this.#nothing);
  }

  #list;
  #more;
  #nothing;

  update(count, more) {
    setText(this.#more, more);
    this.#list.hidden = count === 0;
    this.#nothing.hidden = count > 0;
  }
}

const EventColumns = [
  { id: 'type', label: 'Event', kind: 'text', width: '27%', value: ({ type }) => textOf(type), text: ({ type }) => textOf(type) ?? '' },
  { id: 'about', label: 'About', kind: 'link', value: aboutOf, text: aboutOf, href: ({ url }) => webLink(url)?.href ?? null, search: ({ url, commit }) => `${textOf(url) ?? ''} ${textOf(commit) ?? ''}`.trim() },
  { id: 'time', label: 'When', kind: 'text', width: '5.25rem', value: ({ time }) => parseTime(time), text: ({ time }, { now }) => whenOf(time, now) },
  { id: 'delivery', label: 'Delivery', kind: 'text', width: '18%', rank: 3, value: ({ delivery }) => textOf(delivery), text: ({ delivery }) => textOf(delivery) ?? '' },
  { id: 'sent', label: 'Sent to', kind: 'number', width: '5rem', rank: 2, value: ({ sentTo }) => sentTo, text: ({ sentTo }) => isNumber(sentTo) ? number(sentTo) : '' },
];

const ClientColumns = [
  { id: 'name', label: 'Who', kind: 'text', value: ({ name }) => textOf(name), text: ({ name }) => textOf(name) ?? '' },
  { id: 'follows', label: 'Follows', kind: 'text', value: ({ follows }) => textOf(follows), text: ({ follows }) => textOf(follows) ?? '' },
  { id: 'behind', label: 'Behind', kind: 'number', width: '5rem', value: behindOf, text: client => number(behindOf(client)), tone: client => behindOf(client) >= Notable ? 'warn' : undefined },
  {
    id: 'since', label: 'Connected', kind: 'number', width: '6rem', rank: 2, value: ({ since }) => -parseTime(since),
    text: ({ since }, { now }) => Number.isNaN(parseTime(since)) ? '' : duration((now - parseTime(since)) / 1000, true),
  },
];

function tilesOf(counts) {
  return [
    ['received', 'Deliveries'], ['relayed', 'Relayed', 'good'], ['duplicate', 'Duplicate'], ['ignored', 'Ignored'], ['refused', 'Refused', 'bad'],
  ].filter(([name]) => isNumber(counts[name]))
    .map(([name, title, tone]) => ({ name: title, text: number(counts[name]), tone: counts[name] > 0 ? tone : undefined, quiet: counts[name] === 0 }));
}

function aboutOf({ url, commit }) {
  const page = webLink(url)?.text ?? textOf(url);
  const sha = textOf(commit)?.slice(0, ShownSha);
  return [page, ...(sha === undefined || page?.includes(sha) ? [] : [`@ ${sha}`])].filter(Boolean).join(' ');
}

function whenOf(time, now) {
  const at = parseTime(time);
  return Number.isNaN(at) ? '' : moment(at, now);
}

function behindOf({ behind }) {
  return isNumber(behind) ? Math.max(0, behind) : 0;
}

/** By how many digits somebody is behind: an order in which rows do not dance. */
function slowness(client) {
  return behindOf(client) < Notable ? 0 : Math.floor(Math.log10(behindOf(client)));
}

function textOf(value) {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
