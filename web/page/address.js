// address.js: the page's state in its address, so that a view can be sent to somebody. An image or a bundle that the
// visitor dropped stays on the device and out of the address; everything else is in it. What is read is brought into its range
// first: an address may come from anywhere.

/** @import { VitroCompare } from '../element/compare/compare.js' */

const NAMES = /** @type {const} */ (['src', 'corruption', 'severity', 'seed', 'protocol', 'models']);
/** The first set of the zoo, whose models know scenes. */
const SCENES = '*';
/** What the page's markup says, before an address changes it. */
const opened = { src: '', models: SCENES };
/** What the page keeps beside the element's attributes, as data of the document, and what of it can be read. @type {Record<string, RegExp>} */
const OWN = {
  theme: /^(light|dark)$/,
  more: /^open$/,
  panel: /^(sweep|synthesis)$/,
  scenes: /^\d{1,4}$/,
  over: /^[a-z]{1,20}$/,
  severities: /^(0|[1-5]( [1-5]){0,4})$/,
  make: /^[a-z_]{1,20}$/,
  amount: /^\d{1,3}(\.\d)?$/,
};
/** What nobody can read any more is no address. */
const LONGEST = 2000;
/** More models than a visitor can look at side by side are not loaded because of a link. */
const MOST_MODELS = 12;
/** Safari refuses more than a hundred changes of the address in thirty seconds. */
const PAUSE_MS = 320;

/**
 * The query for these values; what `search` says of anything else (`backend`) stays, and what is as usual is left out.
 * @param {string} search
 * @param {Record<string, string | undefined>} values
 * @param {Record<string, string | undefined>} usual
 */
export function queryOf(search, values, usual = {}) {
  const address = new URLSearchParams(search);
  for (const [name, value] of Object.entries(values)) {
    const text = (value ?? '').split(/\s+/).filter((word) => word && !/^(blob|data):/.test(word)).join(' ');
    if (text && usual[name] !== text) address.set(name, text);
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
 * The image and the models of an address that names one of them or neither: scenes are for the models that learned them, anything
 * else is for those that the page opens with. Without a `src`, the element has a scene of its own.
 * @param {{ src?: string, models?: string }} asked
 * @param {{ src: string, models: string }} home
 * @returns {{ src: string, models: string }}
 */
export function completed({ src, models }, home) {
  if (src) return { src, models: models ?? (src.startsWith('scene:') ? SCENES : home.models) };
  const set = home.models.split('*')[0] || home.models;
  if (models) return { src: models.split(' ').some((name) => name.startsWith(set)) ? home.src : '', models };
  return home;
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
 * What an address asks for without what other hosts have, what that is, and these hosts.
 * @param {ReturnType<typeof valuesOf>} values
 * @param {string} base address of the page
 */
export function withoutForeign({ src = '', models = '', ...rest }, base) {
  /** @type {Set<string>} */
  const hosts = new Set();
  const isOwn = (/** @type {string} */ name) => {
    const address = urlOf(name, base);
    // What is no address is nowhere, and refused in words.
    if (!address?.protocol.startsWith('http') || address.origin === new URL(base).origin) return true;
    hosts.add(address.host);
    return false;
  };
  const kept = { src: src && isOwn(src) ? src : '', models: models.split(' ').filter((name) => name && isOwn(name)).join(' ') };
  const named = Object.fromEntries(Object.entries(kept).filter(([, text]) => text));
  const withheld = { src: src === kept.src ? '' : src, models: models.split(' ').filter((name) => !kept.models.split(' ').includes(name)).join(' ') };
  return { own: /** @type {ReturnType<typeof valuesOf>} */ ({ ...rest, ...named }), withheld, hosts: [...hosts] };
}

/** @param {string} text @param {string} base */
function urlOf(text, base) {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

/**
 * Sets the element and what the page keeps from the address. Other hosts are not asked for anything before the visitor agrees;
 * until then, the address stays as it is.
 * @param {VitroCompare} compare
 * @returns {{ hosts: string[], answer(yes: boolean): void } | null} what to ask the visitor
 */
export function restore(compare) {
  const address = new URLSearchParams(location.search);
  Object.assign(opened, { src: compare.src, models: compare.models });
  const values = valuesOf(location.search);
  const { own, withheld, hosts } = withoutForeign(values, location.href);
  const first = completed(own, opened);
  for (const [name, value] of Object.entries({ ...own, ...first })) compare.setAttribute(name, value);
  for (const [name, readable] of Object.entries(OWN)) {
    const value = address.get(name);
    if (value && readable.test(value)) document.documentElement.dataset[name] = value;
  }
  if (hosts.length === 0) return null;
  asking = true;
  const answer = (/** @type {boolean} */ yes) => {
    asking = false;
    // What the visitor has changed meanwhile stays, but for models that nobody asked for.
    if (yes && withheld.src) compare.src = withheld.src;
    const unasked = own.models ? [] : first.models.split(' ');
    const shown = compare.models.split(' ').filter((name) => name && !unasked.includes(name));
    if (yes && withheld.models) compare.models = [...shown, withheld.models].join(' ');
    remember(compare);
  };
  return { hosts, answer };
}

let asking = false;
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
  const { models } = completed({ src: values.src }, opened);
  return queryOf(location.search, { ...values, models: compare.models || SCENES, ...own }, { models, protocol: 'measured' });
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
  if (asking || `?${query}` === location.search) return;
  written = performance.now();
  try {
    history.replaceState(null, '', `?${query}${location.hash}`);
  } catch {
    // Refused: the view goes on, and the next change tries again.
  }
}
