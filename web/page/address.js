// address.js: the page's state in its address, so that a view can be sent to somebody. An image or a bundle that the
// visitor dropped stays on the device and out of the address; everything else is in it. What is read is brought into its range
// first: an address may come from anywhere.

/** @import { VitroCompare } from '../element/compare/compare.js' */

const NAMES = /** @type {const} */ (['src', 'corruption', 'severity', 'seed', 'protocol', 'models']);
/** What need not be said. @type {Record<string, string | undefined>} */
const DEFAULTS = { models: '*', protocol: 'measured' };
/** What the page keeps beside the element's attributes, as data of the document, and what of it can be read. @type {Record<string, RegExp>} */
const OWN = {
  theme: /^(light|dark)$/,
  more: /^open$/,
  panel: /^sweep$/,
  scenes: /^\d{1,4}$/,
  over: /^[a-z]{1,20}$/,
  severities: /^(0|[1-5]( [1-5]){0,4})$/,
};
/** What nobody can read any more is no address. */
const LONGEST = 2000;
/** More models than a visitor can look at side by side are not loaded because of a link. */
const MOST_MODELS = 12;
/** Safari refuses more than a hundred changes of the address in thirty seconds. */
const PAUSE_MS = 320;

/**
 * The query for these values; what `search` says of anything else (`backend`) stays.
 * @param {string} search
 * @param {Record<string, string | undefined>} values
 */
export function queryOf(search, values) {
  const address = new URLSearchParams(search);
  for (const [name, value] of Object.entries(values)) {
    const text = (value ?? '').split(/\s+/).filter((word) => word && !/^(blob|data):/.test(word)).join(' ');
    if (text && DEFAULTS[name] !== text) address.set(name, text);
    else address.delete(name);
  }
  // Slashes, colons, stars and spaces may stand as they are; the address is meant to be read.
  return address.toString().replaceAll('%2F', '/').replaceAll('%3A', ':');
}

/**
 * The element's attributes that an address asks for; what cannot be read is left out.
 * @param {string} search
 * @returns {Partial<Record<typeof NAMES[number], string>>}
 */
export function valuesOf(search) {
  const address = new URLSearchParams(search);
  const read = {
    src: (/** @type {string} */ text) => (isFetched(text) && text.length <= LONGEST ? text : ''),
    corruption: (/** @type {string} */ text) => (/^\w{1,80}$/.test(text) ? text : ''),
    severity: (/** @type {string} */ text) => within(text, 5),
    seed: (/** @type {string} */ text) => within(text, 0xffffffff),
    protocol: (/** @type {string} */ text) => (/^[a-z-]{1,20}$/.test(text) ? text : ''),
    models: (/** @type {string} */ text) => text.split(/\s+/).flatMap((word) => (word.startsWith('data:') ? [word] : word.split(',')))
      .filter((name) => name && isFetched(name)).slice(0, MOST_MODELS).join(' '),
  };
  const values = NAMES.map((name) => [name, read[name](address.get(name)?.trim() ?? '')]);
  return Object.fromEntries(values.filter(([, text]) => text !== ''));
}

/** Whether a link may ask for it: a name, a path, or the address of something on the web. @param {string} text */
function isFetched(text) {
  return !/^[a-z][a-z\d+.-]*:/i.test(text) || /^(https?|scene|data):/i.test(text);
}

/** @param {string} text @param {number} most */
function within(text, most) {
  const number = text === '' ? NaN : Number(text);
  return Number.isNaN(number) ? '' : String(Math.round(Math.min(Math.max(number, 0), most)));
}

/**
 * The engine that the address asks for.
 * @param {string} search
 */
export function wantedBackend(search) {
  const wanted = new URLSearchParams(search).get('backend');
  return wanted === 'cpu' || wanted === 'webgpu' ? wanted : 'auto';
}

/**
 * Sets the element and what the page keeps from the address.
 * @param {VitroCompare} compare
 */
export function restore(compare) {
  const address = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(valuesOf(location.search))) compare.setAttribute(name, value);
  for (const [name, readable] of Object.entries(OWN)) {
    const value = address.get(name);
    if (value && readable.test(value)) document.documentElement.dataset[name] = value;
  }
}

let timer = 0;
let written = -Infinity;

/**
 * Writes what `restore` reads into the address: now, or soon when it was written just now.
 * @param {VitroCompare} compare
 */
export function remember(compare) {
  clearTimeout(timer);
  timer = setTimeout(() => write(compare), Math.max(0, written + PAUSE_MS - performance.now()));
}

/**
 * What `src` shows the image in sight, also where the element was given none. A frame of the camera has only this device's.
 * @param {VitroCompare} compare
 */
export function srcNow(compare) {
  return (!compare.image && compare.src) || compare.source;
}

/**
 * The query for what is in sight now.
 * @param {VitroCompare} compare
 */
function queryNow(compare) {
  const values = { ...Object.fromEntries(NAMES.map((name) => [name, String(compare[name])])), src: srcNow(compare) };
  const own = Object.fromEntries(Object.keys(OWN).map((name) => [name, document.documentElement.dataset[name]]));
  return queryOf(location.search, { ...values, ...own });
}

/**
 * The address that shows to somebody else what is in sight now.
 * @param {VitroCompare} compare
 */
export function linkNow(compare) {
  const query = queryNow(compare);
  return new URL(`${location.pathname}${query && `?${query}`}`, location.href).href;
}

/** @param {VitroCompare} compare */
function write(compare) {
  const query = queryNow(compare);
  if (`?${query}` === location.search) return;
  written = performance.now();
  try {
    history.replaceState(null, '', `?${query}${location.hash}`);
  } catch {
    // Refused: the view goes on, and the next change tries again.
  }
}
