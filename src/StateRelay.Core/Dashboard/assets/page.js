/** The live page: connects, and draws the newest state once a frame, whatever comes how often. */

import { AnyView, statusNameOf } from './anything.js';
import { ConnectionView } from './connection.js';
import { h, setText } from './dom.js';
import { EventsView, isEvents } from './events.js';
import { LogView } from './log.js';
import { isOperation, OperationView } from './operation.js';
import { isObject, percentOf } from './shapes.js';
import { Badge, isTerminal } from './status.js';
import { connect } from './staterelay.js';
import { label, percent } from './text.js';
import { TreeNode } from './tree.js';

const MaxEvents = 200;
const AnnounceEvery = 3000;

const topics = document.querySelector('meta[name=topics]').content.split(' ');
const topic = new URLSearchParams(location.search).get('topic') ?? topics[0];
const byId = id => document.getElementById(id);

const badge = new Badge('large');
badge.element.hidden = true; // until there is a state
byId('status').append(badge.element);
const tree = new TreeNode(topic, true);
byId('tree').append(tree.element);
byId('json').href = `./api/state${queryOf(topic)}`;
byId('topics').append(...topics.map(name => h('a', { href: `./${queryOf(name)}`, 'aria-current': name === topic ? 'page' : null }, label(name))));
byId('topics').hidden = topics.length < 2;
const eventLog = new LogView({ name: 'Events', filter: false });
byId('events').append(eventLog.element);

let state;
let hasState = false;
let shown = null;
let events = [];
let frame = 0;

const relay = connect(new URL('./ws', document.baseURI), {
  topic,
  onState(newest, { seq }) {
    state = newest;
    hasState = true;
    nameWindow();
    requestDraw();
    if (isOperation(newest) && isTerminal(newest.status)) {
      relay.acknowledge(seq);
    }
  },
  onEvent(event, { missed }) {
    const lost = missed > 0 ? [{ message: `${missed} events missed` }] : [];
    events = [...events, ...lost, lineOf(event)].slice(-MaxEvents);
    requestDraw();
  },
  onStatus(status) {
    connection.update(status);
    announce(connection.text);
    requestDraw();
  },
  onError({ message, error }) {
    byId('waiting').textContent = `The server refuses “${topic}”: ${message ?? error}`;
  },
  onUnknown({ type }) {
    console.debug('A frame of a type this page does not know:', type);
  },
});

const connection = new ConnectionView(byId('connection'), byId('banner'), relay);
connection.update(relay.status);

byId('tree-details').addEventListener('toggle', requestDraw);
byId('events-details').addEventListener('toggle', requestDraw);
byId('theme').addEventListener('click', nextTheme);
showTheme();
setInterval(() => {
  connection.tick();
  requestDraw();
}, 1000);

/** The first topic needs no name. */
function queryOf(name) {
  return name === topics[0] ? '' : `?topic=${encodeURIComponent(name)}`;
}

function requestDraw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    draw();
  });
}

function draw() {
  if (!hasState) {
    return;
  }
  const kind = isOperation(state) ? 'operation' : isEvents(state) ? 'events' : 'any';
  if (shown?.kind !== kind) {
    shown = { kind, view: viewOf(kind) };
    byId('view').replaceChildren(shown.view.element);
    byId('waiting').hidden = true;
  }

  const heading = titleOf(state);
  const status = statusOf(state);
  const context = { now: connection.now(), omit: new Set([titleNameOf(state), statusNameOf(state)]) };
  setText(byId('title'), heading);
  badge.element.hidden = status === undefined;
  if (status !== undefined) {
    badge.update(status);
    announce(`${heading}: ${label(status)}`);
  }
  shown.view.update(state, context);

  byId('raw').hidden = false;
  if (byId('tree-details').open) {
    tree.update(state);
  }
  byId('events-details').hidden = events.length === 0;
  setText(byId('events-count'), String(events.length));
  if (byId('events-details').open) {
    eventLog.update(events);
  }
}

function viewOf(kind) {
  switch (kind) {
    case 'operation':
      return new OperationView();
    case 'events':
      return new EventsView(paused => paused ? relay.pause() : relay.resume());
    default:
      return new AnyView(topic);
  }
}

function nameWindow() {
  const done = isOperation(state) ? percentOf(state.summary) : percentOf(state);
  const status = statusOf(state);
  const lead = status !== undefined && isTerminal(status) ? label(status) : done === null ? '' : percent(Math.floor(done * 10) / 10);
  const text = [lead, titleOf(state)].filter(part => part !== '').join(' · ');
  if (document.title !== text) {
    document.title = text;
  }
}

function titleNameOf(value) {
  return ['title', 'name'].find(candidate => isObject(value) && typeof value[candidate] === 'string' && value[candidate] !== '');
}

function titleOf(value) {
  const name = titleNameOf(value);
  return name === undefined ? label(topic) : value[name];
}

function statusOf(value) {
  const name = statusNameOf(value);
  return name === undefined ? undefined : value[name];
}

function lineOf(event) {
  const { type, subject, timestamp, data } = event ?? {};
  const more = isObject(data) && Object.keys(data).length > 0 ? ` ${JSON.stringify(data)}` : '';
  return { time: timestamp, item: subject, message: `${label(String(type))}${more}`.slice(0, 400) };
}

// What is said aloud: the newest of what there is to say, not more often than every few seconds.

const said = { last: '', waiting: null, timer: 0 };

function announce(text) {
  const kind = text.includes(': ') ? 'status' : 'connection';
  if (said[kind] === text) {
    return;
  }
  said[kind] = text;
  said.waiting = [said.connection, said.status].filter(Boolean).join('. ');
  if (said.timer === 0) {
    said.timer = setTimeout(() => {
      said.timer = 0;
      setText(byId('announce'), said.waiting);
    }, AnnounceEvery);
  }
}

// The theme: the system's, until one is chosen.

function nextTheme() {
  const themes = ['system', 'light', 'dark'];
  const next = themes[(themes.indexOf(document.documentElement.dataset.theme ?? 'system') + 1) % themes.length];
  if (next === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = next;
  }
  try {
    localStorage.setItem('staterelay.theme', next);
  } catch {
    // Storage may be forbidden: the choice lasts as long as the page.
  }
  showTheme();
}

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? 'system';
  byId('theme').setAttribute('aria-label', `Theme: ${theme}. Change it`);
  byId('theme').title = `Theme: ${theme}`;
  setText(byId('theme-name'), label(theme));
}
