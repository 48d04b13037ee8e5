/** How values read: numbers, times, durations, names. Pure functions. */

const Whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const Tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const Fine = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const ThreeDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const Percent = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const Clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const Day = new Intl.DateTimeFormat('en-GB', { year: 'numeric', month: 'short', day: 'numeric' });
const ByteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const Iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
const PreviewLength = 120;

/** What stands where there is nothing to show. */
export const Nothing = '–';

/** Orders text as people do: without regard to case, `item 9` before `item 10`. */
export const compareText = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;

export function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

/** `1,234`, `12.3`, `0.01234`: as many digits as are of use. */
export function number(value) {
  if (!isNumber(value)) {
    return Nothing;
  }
  const size = Math.abs(value);
  if (Number.isInteger(value) || size >= 1000) {
    return Whole.format(value);
  }
  return size >= 10 ? Tenths.format(value) : Fine.format(value);
}

/** An amount in its unit; bytes in their multiples. */
export function amount(value, unit) {
  if (!isNumber(value)) {
    return Nothing;
  }
  if (isByteUnit(unit)) {
    return bytes(value);
  }
  return unit ? `${number(value)} ${unit}` : number(value);
}

/** How much of how much; the unit once. */
export function amountOf(done, total, unit) {
  if (!isNumber(total) || total <= 0) {
    return amount(done, unit);
  }
  if (!isByteUnit(unit)) {
    return `${number(done)} of ${amount(total, unit)}`;
  }
  const [size, step] = amount(done, unit).split(' ');
  const whole = bytes(total);
  return whole.endsWith(` ${step}`) ? `${size} of ${whole}` : `${amount(done, unit)} of ${whole}`;
}

export function percent(value) {
  return isNumber(value) ? `${Percent.format(value)} %` : Nothing;
}

export function speed(value, unit) {
  if (!isNumber(value)) {
    return Nothing;
  }
  const rounded = value >= 100 ? Math.round(value) : value;
  return isByteUnit(unit) ? `${bytes(rounded)}/s` : `${number(rounded)}${unit ? ` ${unit}` : ' '}/s`;
}

/** Seconds as a clock: `00:04:09`, `2 d 03:00:00`; without leading nothings where `short`: `4:09`. */
export function duration(seconds, short = false) {
  if (!isNumber(seconds)) {
    return Nothing;
  }
  const whole = Math.max(0, Math.floor(seconds));
  const days = Math.floor(whole / 86_400);
  const parts = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const clock = parts.map(part => String(part).padStart(2, '0')).join(':');
  if (short && days === 0) {
    return clock.replace(/^(00:0|00:|0)/, '');
  }
  return days > 0 ? `${number(days)} d ${clock}` : clock;
}

/** Seconds as people say them: `3 s`, `4 min 10 s`, `2 h 5 min`. */
export function timeLeft(seconds) {
  if (!isNumber(seconds)) {
    return Nothing;
  }
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) {
    return `${whole} s`;
  }
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  if (whole < 86_400) {
    return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
  }
  return `${number(Math.floor(whole / 86_400))} d ${Math.floor(whole / 3600) % 24} h`;
}

/** Milliseconds since 1970 of a time text; NaN for anything else. */
export function parseTime(text) {
  return typeof text === 'string' && Iso.test(text) ? Date.parse(text) : NaN;
}

/** A moment by the viewer's clock: the time, and the day where it is another than `today`. */
export function moment(milliseconds, today) {
  if (!isNumber(milliseconds)) {
    return Nothing;
  }
  const day = Day.format(milliseconds);
  return today !== undefined && Day.format(today) === day
    ? Clock.format(milliseconds)
    : `${day}, ${Clock.format(milliseconds)}`;
}

/** The time of day. */
export function clock(milliseconds) {
  return isNumber(milliseconds) ? Clock.format(milliseconds) : Nothing;
}

/** A member's name as a label: `secondsLeft` and `seconds_left` read `Seconds left`. Names that are no words stay as they are. */
export function label(name) {
  if (!/^[a-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$/.test(name)) {
    return name;
  }
  const words = name.replaceAll('_', ' ').replace(/([a-z0-9])([A-Z])(?=[a-z]|$)/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
  return words[0].toUpperCase() + words.slice(1);
}

/**
 * An address that may be linked to, and how it reads; null for anything but https, and for one that carries a name or password,
 * which looks like another. Pages of github.com read as people write them there: `acme/widgets#42`.
 *
 * @returns {{href: string, text: string}|null}
 */
export function webLink(address) {
  if (typeof address !== 'string' || !URL.canParse(address)) {
    return null;
  }
  const url = new URL(address);
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    return null;
  }

  const path = `${url.pathname}${url.search}${url.hash}`.replace(/\/$/, '')
    .replace(/^(\/[^/]+\/[^/]+)\/(?:pull|issues)\/(\d+)$/, '$1#$2')
    .replace(/^(\/[^/]+\/[^/]+)\/commit\/([0-9a-f]{7})[0-9a-f]*$/, '$1 @ $2');
  return { href: url.href, text: url.host === 'github.com' && path !== '' ? path.slice(1) : url.host + path };
}

/** Any JSON value on one line, cut where it grows long; costs no more for a large value than for a small one. */
export function preview(value) {
  const budget = { left: PreviewLength };
  const text = previewWithin(value, budget, 0);
  return text.length > PreviewLength ? `${text.slice(0, PreviewLength)}…` : text;
}

/** One scalar as people read it; `name` says what kind of number it may be. */
export function scalar(value, name = '') {
  if (value === null || value === undefined || value === '') {
    return Nothing;
  }
  if (typeof value === 'number') {
    return /percent/i.test(name) ? percent(value) : number(value);
  }
  const time = parseTime(value);
  return Number.isNaN(time) ? String(value) : moment(time);
}

function previewWithin(value, budget, depth) {
  if (typeof value !== 'object' || value === null) {
    const text = typeof value === 'string' && depth > 0 ? JSON.stringify(value.slice(0, PreviewLength)) : String(value);
    budget.left -= text.length;
    return text;
  }
  if (depth > 3) {
    return '…';
  }

  const parts = [];
  for (const name in value) {
    if (!Object.hasOwn(value, name)) {
      continue;
    }
    if (budget.left <= 0) {
      parts.push('…');
      break;
    }
    const text = previewWithin(value[name], budget, depth + 1);
    budget.left -= name.length;
    parts.push(Array.isArray(value) ? text : `${name}: ${text}`);
  }
  return Array.isArray(value) ? `[${parts.join(', ')}]` : `{${parts.join(', ')}}`;
}

function isByteUnit(unit) {
  return unit === 'bytes' || unit === 'byte' || unit === 'B';
}

function bytes(value) {
  let size = value;
  let step = 0;
  while (Math.abs(size) >= 1000 && step < ByteUnits.length - 1) {
    size /= 1024;
    step++;
  }
  return `${step === 0 || size >= 100 ? Whole.format(size) : ThreeDigits.format(size)} ${ByteUnits[step]}`;
}
