/**
 * The StateRelay client: follows states and events of a server over one WebSocket, and comes back for as long as it takes.
 *
 * ```js
 * import { connect } from './static/staterelay.js';
 *
 * const relay = connect({
 *   onState: (state, { seq }) => console.log(seq, state),
 *   onStatus: ({ phase, recovered }) => console.log(phase, recovered),
 * });
 * ```
 *
 * It promises:
 * - every state it hands out is one that existed on the server, and is never changed afterwards: what did not change is
 *   the same object as before (`===`);
 * - frames that come together are applied together, then told once for each topic;
 * - after an interruption it goes on from its last position; where the server no longer can, it starts anew and says so
 *   (`recovered: false`);
 * - nothing of the server's is run or trusted beyond being JSON.
 *
 * The wire is `staterelay.v1.json`. Needs nothing but this file and `patch.js`.
 */

import { applyPatch } from './patch.js';

export { applyPatch } from './patch.js';

/**
 * @typedef {object} Status
 * @property {'connecting'|'live'|'reconnecting'|'stopped'} phase
 * @property {boolean|null} recovered whether the stream went on where it had stopped (true) or was started anew (false);
 *   null while there was nothing to recover
 * @property {number} attempt how many times in a row it had to try again; begins anew once a connection has held a while
 * @property {number|null} retryInMs how long it waits before the next try; null when it is not waiting
 * @property {string|null} reason why it is not live, in the server's words where there are any
 *
 * @typedef {object} TopicRequest
 * @property {string} topic
 * @property {object} [filter] which events of an event topic are wanted
 * @property {number} [rate] the least number of milliseconds between two deltas
 * @property {boolean} [paused] whether to begin paused
 *
 * @typedef {object} Options
 * @property {string} [topic] the state to follow; default `state`
 * @property {Array<string|TopicRequest>} [topics] several topics, instead of `topic`
 * @property {string} [token] a viewer token, sent as a subprotocol, never in the address
 * @property {number} [rate] the least number of milliseconds between two deltas, for all topics
 * @property {boolean} [pauseWhenHidden] pause while the page cannot be seen; default false
 * @property {(state: *, info: {topic: string, epoch: string, seq: number, snapshot: boolean}) => void} [onState]
 * @property {(event: object, info: {topic: string, seq: number, n?: number, missed: number}) => void} [onEvent]
 *   `missed` is how many events of a state topic came between the last one told and this one and are gone
 * @property {(gap: {topic: string, seq: number, lost: number|null, reason: string|null}) => void} [onGap]
 *   events of an event topic that are gone; `lost` is null where nobody knows how many
 * @property {(status: Status) => void} [onStatus]
 * @property {(error: {error: string, message: string, topic: string|null}) => void} [onError] what the server refused
 * @property {(frame: object) => void} [onUnknown] a frame of a type this client does not know, for development
 * @property {number} [minDelay] the back-off's first ceiling in milliseconds; default 500
 * @property {number} [maxDelay] the back-off's last ceiling in milliseconds; default 30,000
 * @property {typeof WebSocket} [WebSocket] another implementation, for tests
 * @property {() => number} [random] another source of jitter, for tests
 */

const Dialect = 'staterelay.v1.json';
const OpenTimeout = 15_000;
const StableAfter = 10_000;
const NormalClosure = 1000;

/**
 * Starts following; returns at once.
 *
 * @param {string|URL|Options} [url] where the WebSocket is; default `ws` beside the folder this module came from
 * @param {Options} [options]
 * @returns {Relay}
 */
export function connect(url, options) {
  if (url !== undefined && typeof url !== 'string' && !(url instanceof URL)) {
    return new Relay(undefined, url);
  }
  return new Relay(url, options ?? {});
}

/** One followed topic: its position and state outlive connections; its number does not. */
class Topic {
  constructor(request, defaults) {
    const { topic, filter, rate, paused } = typeof request === 'string' ? { topic: request } : request;
    this.name = topic;
    this.filter = filter;
    this.rate = wholeOrNone(rate ?? defaults.rate);
    this.paused = paused ?? false;
    this.isEvents = filter !== undefined;

    /** @type {{epoch: string, seq: number}|null} how far what was told goes */
    this.position = null;
    /** @type {{epoch: string, seq: number}|null} where the subscription began: the position of an event topic that was told nothing yet */
    this.start = null;
    this.n = null;
    this.state = undefined;
    this.hasState = false;

    this.detach();
    this.recovered = null;
  }

  /** Forgets what belongs to a connection. */
  detach() {
    this.sub = null;
    this.pending = null;
    this.asked = null;
    this.lastFrameAt = 0;
  }

  get since() {
    const position = this.position ?? (this.isEvents ? this.start : null);
    if (position === null) {
      return undefined;
    }
    return this.n === null ? position : { ...position, n: this.n };
  }
}

/** A connection to a server that outlives its sockets. Made by {@link connect}. */
export class Relay {
  #url;
  #options;
  #topics;
  #socket = null;
  #subs = new Map();
  #lastId = 0;
  #retryTimer = null;
  #livenessTimer = null;
  #lastMessageAt = 0;
  #liveSince = null;
  #ping = null;
  #goodbye = null;
  #clockOffset = 0;
  #hiddenPause = false;
  #status = { phase: 'connecting', recovered: null, attempt: 0, retryInMs: null, reason: null };

  /**
   * @param {string|URL|undefined} url
   * @param {Options} options
   */
  constructor(url, options) {
    this.#options = options;
    this.#url = socketUrl(url ?? new URL('../ws', import.meta.url));
    this.#topics = (options.topics ?? [options.topic ?? 'state']).map(request => new Topic(request, options));
    globalThis.addEventListener?.('online', this.retryNow);
    globalThis.document?.addEventListener('visibilitychange', this.#onVisibility);
    this.#open();
    queueMicrotask(() => this.#tell('onStatus', this.#status));
  }

  /** The newest state of the first topic; undefined before the first has come. */
  get state() {
    return this.#topics[0]?.state;
  }

  /** The position of the first topic; null before the first state has come. */
  get position() {
    return this.#topics[0]?.position ?? null;
  }

  /** @returns {Status} */
  get status() {
    return this.#status;
  }

  /** What the server's clock shows now, as far as is known, in milliseconds since 1970. */
  now() {
    return Date.now() + this.#clockOffset;
  }

  /**
   * The newest state of a topic.
   *
   * @param {string} topic
   */
  stateOf(topic) {
    return this.#topics.find(({ name }) => name === topic)?.state;
  }

  /**
   * Asks the server to hold back; what changes meanwhile comes as one delta after {@link resume}.
   *
   * @param {string} [topic] default all
   */
  pause(topic) {
    this.#update(topic, { paused: true });
  }

  /** @param {string} [topic] default all */
  resume(topic) {
    this.#update(topic, { paused: false });
  }

  /**
   * Sets the least time between two deltas; the server has limits of its own.
   *
   * @param {number} milliseconds
   * @param {string} [topic] default all
   */
  setRate(milliseconds, topic) {
    this.#update(topic, { rate: wholeOrNone(milliseconds) });
  }

  /**
   * Tells the server that the end of its operation has been seen.
   *
   * @param {number} [seq] the version that shows the end; default the newest
   * @param {string} [topic] default the first
   */
  acknowledge(seq, topic) {
    const followed = topic === undefined ? this.#topics[0] : this.#topics.find(({ name }) => name === topic);
    if (followed?.sub != null && followed.position !== null) {
      this.#send({ type: 'completion_ack', sub: followed.sub, seq: seq ?? followed.position.seq });
    }
  }

  /** Tries again now instead of waiting, if it is waiting. */
  retryNow = () => {
    if (this.#retryTimer !== null) {
      this.#open();
    }
  };

  /** Stops for good. */
  close() {
    this.#stop('closed by this page');
  }

  #update(topic, change) {
    for (const followed of this.#topics) {
      if (topic === undefined || followed.name === topic) {
        Object.assign(followed, change);
        if (followed.sub !== null) {
          this.#send({ type: 'update', sub: followed.sub, ...change });
        }
      }
    }
  }

  #onVisibility = () => {
    const hidden = document.visibilityState === 'hidden';
    if (!hidden) {
      this.retryNow();
    }
    if (this.#options.pauseWhenHidden && hidden !== this.#hiddenPause) {
      this.#hiddenPause = hidden;
      this.#update(undefined, { paused: hidden });
    }
  };

  // One socket's life.

  #open() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#subs.clear();
    this.#topics.forEach(topic => topic.detach());
    this.#liveSince = null;
    this.#ping = null;
    this.#goodbye = null;
    if (this.#status.retryInMs !== null) {
      this.#setStatus({ retryInMs: null });
    }

    const protocols = this.#options.token === undefined ? [Dialect] : [Dialect, `bearer.${base64Url(this.#options.token)}`];
    const socket = new (this.#options.WebSocket ?? WebSocket)(this.#url, protocols);
    this.#socket = socket;
    socket.onopen = () => socket === this.#socket && this.#topics.forEach(topic => this.#subscribe(topic));
    socket.onmessage = ({ data }) => socket === this.#socket && this.#receive(data);
    socket.onclose = ({ code, reason }) => socket === this.#socket && this.#closed(code, reason);
    this.#lastMessageAt = performance.now();
    this.#watchLiveness();
  }

  #watchLiveness() {
    clearTimeout(this.#livenessTimer);
    const limit = this.#ping === null ? OpenTimeout : this.#ping.interval + 2 * this.#ping.timeout;
    const left = this.#lastMessageAt + limit - performance.now();
    if (left > 0) {
      this.#livenessTimer = setTimeout(() => this.#watchLiveness(), left);
    } else {
      this.#drop('the server fell silent');
    }
  }

  /** Gives the socket up without waiting for its closing handshake, which a dead network never finishes. */
  #drop(reason) {
    const socket = this.#socket;
    this.#closed(undefined, reason);
    socket?.close();
  }

  #closed(code, reason) {
    this.#socket = null;
    clearTimeout(this.#livenessTimer);
    const ending = this.#goodbye?.code ?? code;
    const why = this.#goodbye?.reason || reason || null;
    if (staysAway(ending) || staysAway(code)) {
      this.#stop(why ?? `closed with code ${ending}`);
      return;
    }

    const wasStable = this.#liveSince !== null && performance.now() - this.#liveSince >= StableAfter;
    const attempt = wasStable ? 0 : this.#status.attempt;
    const delay = this.#delay(attempt);
    this.#retryTimer = setTimeout(() => this.#open(), delay);
    this.#setStatus({ phase: 'reconnecting', attempt: attempt + 1, retryInMs: delay, reason: why });
  }

  #delay(attempt) {
    const { minDelay = 500, maxDelay = 30_000, random = Math.random } = this.#options;
    const ceiling = Math.min(maxDelay, minDelay * 2 ** Math.min(attempt, 30));
    const hint = this.#goodbye?.retry;
    return hint
      ? numberOr(hint.after, 0) + random() * Math.max(numberOr(hint.jitter, 0), attempt > 0 ? ceiling : 0)
      : random() * ceiling;
  }

  #stop(reason) {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#livenessTimer);
    this.#retryTimer = null;
    globalThis.removeEventListener?.('online', this.retryNow);
    globalThis.document?.removeEventListener('visibilitychange', this.#onVisibility);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NormalClosure);
    if (this.#status.phase !== 'stopped') {
      this.#setStatus({ phase: 'stopped', retryInMs: null, reason });
    }
  }

  #subscribe(topic, fresh = false) {
    if (topic.sub !== null) {
      this.#send({ type: 'unsubscribe', id: ++this.#lastId, sub: topic.sub });
      this.#subs.delete(topic.sub);
      topic.sub = null;
    }

    topic.pending = ++this.#lastId;
    topic.asked = fresh ? undefined : topic.since;
    this.#send({
      type: 'subscribe',
      id: topic.pending,
      topic: topic.name,
      filter: topic.filter,
      rate: topic.rate,
      paused: topic.paused || undefined,
      since: topic.asked,
    });
  }

  #send(message) {
    if (this.#socket?.readyState === 1) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  // Frames.

  #receive(text) {
    this.#lastMessageAt = performance.now();
    let frames;
    try {
      frames = JSON.parse(text);
    } catch {
      this.#drop('the server sent something that is not JSON');
      return;
    }

    const batch = { owned: new Set(), told: [], states: new Map() };
    for (const frame of Array.isArray(frames) ? frames : [frames]) {
      if (typeof frame === 'object' && frame !== null) {
        this.#apply(frame, batch);
      }
    }

    batch.told.forEach(([name, ...args]) => this.#tell(name, ...args));
    for (const [topic, snapshot] of batch.states) {
      const { epoch, seq } = topic.position;
      this.#tell('onState', topic.state, { topic: topic.name, epoch, seq, snapshot });
    }
    if (batch.confirmed) {
      this.#maybeLive();
    }
  }

  #apply(frame, batch) {
    const topic = this.#subs.get(frame.sub);
    switch (frame.type) {
      case 'hello':
        this.#ping = { interval: numberOr(frame.ping?.interval, 25_000), timeout: numberOr(frame.ping?.timeout, 10_000) };
        this.#clockOffset = numberOr(Date.parse(frame.time) - Date.now(), 0);
        this.#watchLiveness();
        break;
      case 'ping':
        this.#send({ type: 'pong', seq: frame.seq });
        this.#checkHeads(frame.heads);
        break;
      case 'pong':
      case 'unsubscribed':
        break;
      case 'subscription_confirmed':
        this.#confirm(frame, batch);
        break;
      case 'state_snapshot':
        if (topic) {
          this.#setState(topic, { epoch: frame.epoch, seq: frame.seq }, frame.state, true, batch);
        }
        break;
      case 'state_delta':
        if (topic && this.#follows(topic, frame)) {
          this.#applyDelta(topic, frame, batch);
        }
        break;
      case 'state_event':
        if (topic) {
          const missed = topic.n === null || !(frame.n > topic.n) ? 0 : frame.n - topic.n - 1;
          topic.n = numberOr(frame.n, topic.n);
          batch.told.push(['onEvent', frame.event, { topic: topic.name, seq: frame.seq, n: frame.n, missed }]);
        }
        break;
      case 'event':
        if (topic && this.#followsEvents(topic, frame)) {
          this.#move(topic, frame);
          batch.told.push(['onEvent', frame.event, { topic: topic.name, seq: frame.seq, missed: 0 }]);
        }
        break;
      case 'gap':
        if (topic && this.#followsEvents(topic, frame)) {
          this.#move(topic, frame);
          batch.told.push(['onGap', { topic: topic.name, seq: frame.seq, lost: frame.lost ?? null, reason: frame.reason ?? null }]);
        }
        break;
      case 'error':
        this.#refused(frame, batch);
        break;
      case 'goodbye':
        this.#goodbye = frame;
        break;
      default:
        batch.told.push(['onUnknown', frame]);
    }
  }

  #confirm(frame, batch) {
    const topic = this.#topics.find(({ pending }) => pending !== null && pending === frame.id);
    if (topic === undefined) {
      return;
    }

    topic.pending = null;
    topic.sub = frame.sub;
    this.#subs.set(frame.sub, topic);
    topic.lastFrameAt = performance.now();
    const hadPosition = topic.asked !== undefined;
    topic.recovered = frame.recovered === true ? true : hadPosition ? false : topic.hasState ? false : null;
    if (frame.recovered !== true) {
      if (topic.position?.epoch !== frame.epoch) {
        topic.n = null;
      }
      if (hadPosition && topic.isEvents) {
        batch.told.push(['onGap', { topic: topic.name, seq: frame.seq, lost: null, reason: frame.reason ?? null }]);
      }
      // Not a state's position: that moves with the snapshot, which may be cut off on its way.
      topic.start = { epoch: frame.epoch, seq: frame.seq };
      topic.position = null;
    }
    batch.confirmed = true;
  }

  /** The position rule: whether to apply the frame; one that leaves a hole makes the topic be asked for again. */
  #follows(topic, frame) {
    if (topic.position === null || frame.seq <= topic.position.seq) {
      return false;
    }
    if (frame.prev === topic.position.seq) {
      return true;
    }
    this.#subscribe(topic);
    return false;
  }

  #followsEvents(topic, frame) {
    topic.position ??= topic.start;
    return this.#follows(topic, frame);
  }

  #applyDelta(topic, frame, batch) {
    let state;
    try {
      state = applyPatch(topic.state, frame.patch, batch.owned);
    } catch {
      this.#subscribe(topic, true); // it should have fitted: trust nothing but a snapshot now
      return;
    }
    this.#setState(topic, { epoch: topic.position.epoch, seq: frame.seq }, state, batch.states.get(topic) ?? false, batch);
  }

  #setState(topic, position, state, snapshot, batch) {
    topic.position = position;
    topic.state = state;
    topic.hasState = true;
    topic.lastFrameAt = performance.now();
    batch.states.set(topic, snapshot);
  }

  #move(topic, frame) {
    topic.isEvents = true;
    topic.position = { epoch: topic.position.epoch, seq: frame.seq };
    topic.lastFrameAt = performance.now();
  }

  /** A head that is ahead of us with nothing under way means that something was lost. */
  #checkHeads(heads) {
    for (const [sub, head] of Object.entries(heads ?? {})) {
      const topic = this.#subs.get(Number(sub));
      if (!topic || topic.paused || topic.pending !== null || topic.position === null || !(head > topic.position.seq)) {
        continue;
      }
      if (performance.now() - topic.lastFrameAt > numberOr(topic.rate, 0)) {
        this.#subscribe(topic);
      }
    }
  }

  #refused(frame, batch) {
    const topic = this.#topics.find(({ pending }) => pending !== null && pending === frame.id) ?? null;
    batch.told.push(['onError', { error: frame.error, message: frame.message, topic: topic?.name ?? null }]);
    if (topic === null) {
      return;
    }

    topic.pending = null;
    if (frame.temporary === true) {
      this.#drop(frame.message);
    } else if (this.#topics.every(({ sub, pending }) => sub === null && pending === null)) {
      this.#stop(frame.message ?? frame.error);
    }
  }

  #maybeLive() {
    if (this.#topics.some(({ pending }) => pending !== null) || this.#socket === null) {
      return;
    }
    this.#liveSince ??= performance.now();
    const outcomes = this.#topics.map(({ recovered }) => recovered);
    const recovered = outcomes.includes(false) ? false : outcomes.includes(true) ? true : null;
    this.#setStatus({ phase: 'live', recovered, retryInMs: null, reason: null });
  }

  #setStatus(change) {
    this.#status = { ...this.#status, ...change };
    this.#tell('onStatus', this.#status);
  }

  /** A callback that throws is the page's own affair: it is reported, and does not stop the stream. */
  #tell(name, ...args) {
    try {
      this.#options[name]?.(...args);
    } catch (error) {
      (globalThis.reportError ?? console.error)(error);
    }
  }
}

function socketUrl(url) {
  const absolute = new URL(url, globalThis.document?.baseURI);
  absolute.protocol = absolute.protocol.replace(/^http/, 'ws');
  absolute.hash = '';
  return absolute.href;
}

function staysAway(code) {
  return code === 1008 || (code >= 4400 && code <= 4499);
}

function base64Url(text) {
  const bytes = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function wholeOrNone(milliseconds) {
  return Number.isFinite(milliseconds) ? Math.max(0, Math.round(milliseconds)) : undefined;
}

function numberOr(value, fallback) {
  return Number.isFinite(value) ? value : fallback;
}
