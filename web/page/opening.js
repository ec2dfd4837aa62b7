// opening.js: the comparison that the page brings along, computed beforehand. The build writes it into the page: as markup, which
// is drawn before any script runs, and as data, which the element shows until the engine has its own answers.
//
// This module is imported first: it takes hold of the images in the markup before the element is defined and replaces it.

import { answersOf } from './stored.js';

/** @import { Stored } from './stored.js' */
/** @typedef {import('../vitro/vitro.js').VitroCompare} VitroCompare */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */

const place = document.querySelector('#opening');
const root = document.querySelector('vitro-compare')?.shadowRoot;
const images = ['clean', 'corrupted'].map((name) => root?.querySelector(`img.${name}`));

/**
 * Gives the comparison to the engine: now when its images are there, or as soon as they are.
 * @param {Engine} engine
 * @param {VitroCompare} compare the element that shows it
 */
export function bring(engine, compare) {
  const [clean, corrupted] = images;
  if (!place || !(clean instanceof HTMLImageElement) || !(corrupted instanceof HTMLImageElement)) return;
  const give = () => {
    const written = JSON.parse(place.textContent ?? '');
    const src = new URL(written.src, document.baseURI).href; // As the element asks.
    /** @type {Stored} */
    const stored = { ...written, src, pixels: { clean: pixels(clean), corrupted: pixels(corrupted) } };
    engine.bring({ corruptions: stored.corruptions, zoo: stored.zoo }, (look) => answersOf(stored, look));
  };
  if ([clean, corrupted].every(({ complete, naturalWidth }) => complete && naturalWidth > 0)) return give();
  Promise.all([clean.decode(), corrupted.decode()]).then(() => {
    if (engine.backend !== 'none') return;
    give();
    compare.imageChanged(); // It has asked before.
  }, () => {}); // Without them, the engine's own answers come first.
}

/** RGBA. @param {HTMLImageElement} image */
function pixels(image) {
  const { naturalWidth: width, naturalHeight: height } = image;
  const pen = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  pen?.drawImage(image, 0, 0);
  return new Uint8Array(pen?.getImageData(0, 0, width, height).data.buffer ?? new ArrayBuffer(4 * width * height));
}
