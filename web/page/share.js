// share.js: what a visitor takes along: a link to what is in sight, the corrupted image, and the comparison as a tag for a page of
// their own. What a browser does not let a page copy is saved, or shown to be copied by hand.

import { linkNow, srcNow } from './address.js';
import { say } from './say.js';

/** @import { VitroCompare } from '../vitro/vitro.js' */
/**
 * What a tag says of the comparison.
 * @typedef {object} Shown
 * @property {string} src
 * @property {string} corruption
 * @property {number} severity
 * @property {number} seed
 * @property {string} protocol
 * @property {string} models
 * @property {string} label
 */

/** Addresses of what is on this device alone. */
const OWN = /^(blob|data):/;

/**
 * @param {HTMLElement} place the buttons
 * @param {VitroCompare} compare
 */
export function listenForShare(place, compare) {
  /** @param {string} name @param {() => Promise<void>} act */
  const button = (name, act) => {
    const found = /** @type {HTMLButtonElement} */ (place.querySelector(`.${name}`));
    found.onclick = () => act().catch(({ message }) => say(message));
  };
  const byHand = /** @type {HTMLTextAreaElement} */ (place.querySelector('textarea'));
  place.hidden = false;
  button('link', () => copyText(byHand, linkNow(compare), 'Link', leftOut(compare)));
  button('widget', () => copyText(byHand, widgetOf(shownIn(compare), document.baseURI), 'Tag', leftOut(compare)));
  button('image', () => copyImage(compare));
}

/**
 * The comparison as HTML for any page: the script, and the tag with what differs from its defaults.
 * @param {Shown} shown
 * @param {string} base address of this page
 */
export function widgetOf({ src, corruption, severity, seed, protocol, models, label }, base) {
  const named = models.split(/\s+/).filter((name) => name && !OWN.test(name)).join(' ');
  const image = src.startsWith('scene:') || !src ? src : new URL(src, base).href;
  const attributes = [
    ['src', OWN.test(image) ? '' : image], ['corruption', corruption], ['severity', String(severity)], ['seed', seed === 0 ? '' : String(seed)],
    ['protocol', protocol === 'measured' ? '' : protocol], ['models', named === '*' ? '' : named], ['label', label],
  ];
  const text = attributes.filter(([, value]) => value).map(([name, value = '']) => `${name}="${escaped(value)}" `).join('');
  const script = escaped(new URL('vitro/vitro.js', base).href);
  return `<script type="module" src="${script}"></script>\n<vitro-compare ${text}controls></vitro-compare>`;
}

/** @param {VitroCompare} compare @returns {Shown} */
function shownIn(compare) {
  const { corruption, severity, seed, protocol, models, label } = compare;
  return { src: srcNow(compare), corruption, severity, seed, protocol, models, label };
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/**
 * What cannot be taken along, as the end of a sentence.
 * @param {VitroCompare} compare
 */
function leftOut(compare) {
  const { models } = compare;
  const left = [];
  if (OWN.test(srcNow(compare))) left.push('your image');
  if (models.split(/\s+/).some((name) => OWN.test(name))) left.push('your models');
  return left.length > 0 ? ` without ${left.join(' and ')}, which ${left.length > 1 || left[0] === 'your models' ? 'stay' : 'stays'} on this device` : '';
}

/**
 * @param {HTMLTextAreaElement} byHand
 * @param {string} text
 * @param {string} what
 * @param {string} without
 */
async function copyText(byHand, text, what, without) {
  try {
    await navigator.clipboard.writeText(text);
    byHand.hidden = true;
    say(`${what} copied${without}.`);
  } catch {
    byHand.value = text;
    byHand.hidden = false;
    byHand.select();
    say(`${what}${without}: this browser leaves the copying to you.`);
  }
}

/** @param {VitroCompare} compare */
async function copyImage(compare) {
  // Not awaited here: browsers let a page copy only at once after a click.
  const png = compare.settled().then(() => compare.png());
  png.catch(() => {}); // Awaited below.
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    say('Image copied.');
  } catch {
    save(await png, `vitro-${compare.corruption}-${compare.severity}.png`);
    say('Image saved: this browser does not let a page copy it.');
  }
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // The browser reads it after the click.
}
