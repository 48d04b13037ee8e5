/**
 * What a value looks like, and so how it is best drawn. Pure functions; a value that is the same object as before is
 * not looked at again.
 */

import { isNumber, parseTime } from './text.js';

const Times = ['time', 'timestamp', 'at', 't'];
const Values = ['value', 'v', 'y'];
const Keys = ['id', 'key', 'name', 'fullName'];
const LongText = 48;

const kinds = new WeakMap();

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * `scalar`, `text` (a long one), `empty`, `series` (numbers over time), `log`, `table` (objects in a list), `map` (objects
 * of one kind by name), `words` (scalars in a list), `object`, or `tree` (anything else).
 *
 * @param {*} value
 * @returns {string}
 */
export function kindOf(value) {
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string' && value.length > LongText ? 'text' : 'scalar';
  }
  let kind = kinds.get(value);
  if (kind === undefined) {
    kind = Array.isArray(value) ? kindOfList(value) : kindOfObject(value);
    kinds.set(value, kind);
  }
  return kind;
}

/** The points of a series as `{time, value}`; the time is the index where there is none. */
export function pointsOf(list) {
  if (list.length === 0 || isNumber(list[0])) {
    return list.map((value, index) => ({ time: index, value }));
  }
  const timeName = Times.find(name => Object.hasOwn(list[0], name));
  const valueName = Values.find(name => Object.hasOwn(list[0], name));
  return list.map(point => ({ time: timeOf(point[timeName]), value: point[valueName] }));
}

/** Gives each item a key of its own: by its identifying member where there is one, else by its place. */
export function keysOf(items) {
  const name = Keys.find(candidate => items.every(item => isObject(item) && isKey(item[candidate])));
  const seen = new Map();
  return items.map((item, index) => {
    const key = name === undefined ? `#${index}` : String(item[name]);
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return count === 0 ? key : `${key}\u0000${count}`;
  });
}

/** How far along an object says it is, 0 to 100; null where it says nothing of the kind. */
export function percentOf(value) {
  if (!isObject(value)) {
    return null;
  }
  for (const name of ['percent', 'percentage', 'progress']) {
    if (Object.hasOwn(value, name) && isNumber(value[name])) {
      return within(value[name]);
    }
  }
  return isNumber(value.done) && isNumber(value.total) && value.total > 0 ? within(100 * value.done / value.total) : null;
}

function kindOfList(list) {
  if (list.length === 0) {
    return 'empty';
  }
  if (list.every(isNumber)) {
    return list.length > 1 ? 'series' : 'words';
  }
  if (list.every(isObject)) {
    if (list.every(isPoint)) {
      return 'series';
    }
    return list.every(isLine) ? 'log' : 'table';
  }
  return list.every(item => typeof item !== 'object' || item === null) ? 'words' : 'tree';
}

function kindOfObject(value) {
  const members = Object.values(value);
  if (members.length === 0) {
    return 'empty';
  }
  if (members.length > 1 && members.every(isObject)) {
    const names = members.map(Object.keys);
    const shared = names[0].filter(name => names.every(list => list.includes(name)));
    if (shared.length > 0 && shared.length * 2 >= Math.max(...names.map(list => list.length))) {
      return 'map';
    }
  }
  return 'object';
}

function isPoint(item) {
  return Times.some(name => Object.hasOwn(item, name) && !Number.isNaN(timeOf(item[name])))
    && Values.some(name => Object.hasOwn(item, name) && isNumber(item[name]))
    && Object.keys(item).length <= 3;
}

function isLine(item) {
  return Object.hasOwn(item, 'message') && typeof item.message === 'string'
    && Object.hasOwn(item, 'level') && typeof item.level === 'string';
}

function isKey(value) {
  return typeof value === 'string' || isNumber(value);
}

function timeOf(value) {
  return isNumber(value) ? value : parseTime(value);
}

function within(value) {
  return Math.min(100, Math.max(0, value));
}
