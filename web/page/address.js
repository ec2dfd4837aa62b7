// address.js: the page's state in its address, so that a view can be sent to somebody. An image or a bundle that the
// visitor dropped stays on the device and out of the address; everything else is in it.

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
  for (const name of NAMES) {
    const value = address.get(name);
    if (value) compare.setAttribute(name, value);
  }
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

/** @param {VitroCompare} compare */
function write(compare) {
  const values = Object.fromEntries(NAMES.map((name) => [name, String(compare[name])]));
  const own = Object.fromEntries(Object.keys(OWN).map((name) => [name, document.documentElement.dataset[name]]));
  const query = queryOf(location.search, { ...values, ...own });
  if (`?${query}` === location.search) return;
  written = performance.now();
  try {
    history.replaceState(null, '', `?${query}${location.hash}`);
  } catch {
    // Refused: the view goes on, and the next change tries again.
  }
}
