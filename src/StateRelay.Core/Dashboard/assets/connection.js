/** Shows how the connection is doing, and on which moment's state the page stands while there is none. */

import { h, setAttribute, setText } from './dom.js';
import { clock } from './text.js';

const Tones = { live: 'good', connecting: 'active', reconnecting: 'warn', stopped: 'bad' };

export class ConnectionView {
  #relay;
  #status = { phase: 'connecting', recovered: null, attempt: 0, retryInMs: null, reason: null };
  #retryAt = null;
  #lastLive = null;

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} banner shown while the state may be old
   * @param {import('./staterelay.js').Relay} relay
   */
  constructor(place, banner, relay) {
    this.#relay = relay;
    this.#banner = banner;
    this.#label = h('span');
    this.#badge = h('span', { class: 'badge connection' }, h('span', { class: 'dot', 'aria-hidden': 'true' }), this.#label);
    place.append(this.#badge);
    this.#bannerText = h('p');
    this.#button = h('button', { type: 'button', onclick: () => this.#act() }, 'Try now');
    banner.append(this.#bannerText, this.#button);
  }

  #banner;
  #label;
  #badge;
  #bannerText;
  #button;

  /** The connection in words. */
  get text() {
    const { phase, recovered } = this.#status;
    switch (phase) {
      case 'live':
        return recovered === null ? 'Live' : recovered ? 'Live, resumed' : 'Live, reloaded';
      case 'connecting':
        return 'Connecting';
      case 'reconnecting':
        return 'Reconnecting';
      default:
        return 'Stopped';
    }
  }

  /** The server's time as far as the page may show it: it stands still while the connection is gone. */
  now() {
    return this.#status.phase === 'live' || this.#lastLive === null ? this.#relay.now() : this.#lastLive;
  }

  /** @param {import('./staterelay.js').Status} status */
  update(status) {
    if (this.#status.phase === 'live' && status.phase !== 'live') {
      this.#lastLive = this.#relay.now();
    }
    this.#status = status;
    this.#retryAt = status.retryInMs === null ? null : performance.now() + status.retryInMs;
    setAttribute(this.#badge, 'data-tone', Tones[status.phase]);
    setAttribute(this.#badge, 'data-phase', status.phase);
    setAttribute(this.#badge, 'title', { true: 'Went on where it had stopped', false: 'Started anew after an interruption' }[status.recovered] ?? null);
    setText(this.#label, this.text);
    this.tick();
  }

  /** Brings what depends on the time up to date. */
  tick() {
    const { phase, reason } = this.#status;
    const isGone = phase === 'reconnecting' || phase === 'stopped';
    this.#banner.hidden = !isGone;
    if (!isGone) {
      return;
    }

    const since = this.#lastLive === null ? '' : ` This is how things stood at ${clock(this.#lastLive)}.`;
    const why = reason ? ` (${reason})` : '';
    if (phase === 'stopped') {
      setText(this.#bannerText, `Not connected${why}.${since}`);
      setText(this.#button, 'Connect again');
    } else {
      const seconds = this.#retryAt === null ? 0 : Math.max(0, Math.ceil((this.#retryAt - performance.now()) / 1000));
      setText(this.#bannerText, `Connection lost${why}.${since} ${seconds === 0 ? 'Trying again.' : `Trying again in ${seconds} s.`}`);
      setText(this.#button, 'Try now');
    }
  }

  #act() {
    if (this.#status.phase === 'stopped') {
      location.reload();
    } else {
      this.#relay.retryNow();
    }
  }
}
