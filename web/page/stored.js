// stored.js: answers that were computed beforehand, as the messages in which the engine would give them. Pure.

/** @import { Corruption, Look, Prediction, Preprocess, ProbeNumber, ToView, ZooEntry } from '../element/engine/messages.js' */
/**
 * What one model says of the stored image.
 * @typedef {object} StoredAnswer
 * @property {string} name
 * @property {string} title
 * @property {string[]} classes
 * @property {string[]} methods
 * @property {Preprocess} preprocess
 * @property {number[]} probabilities
 * @property {number[]} levels the top class at severities 0 to 5
 * @property {number[]} attention
 * @property {number[]} iterations
 * @property {number} rows
 * @property {number} columns
 * @property {number} patches
 * @property {ProbeNumber[]} numbers
 */
/**
 * One comparison, as `cargo xtask opening` writes it, with its pixels (RGBA) and the zoo's list.
 * @typedef {object} Stored
 * @property {string} src in full
 * @property {string} set of the zoo, whose models have answered
 * @property {string} corruption
 * @property {number} severity
 * @property {number} seed
 * @property {number} side of the clean image
 * @property {number} seen side of the corrupted image, as the models see it
 * @property {StoredAnswer[]} models
 * @property {Corruption[]} corruptions the registry
 * @property {ZooEntry[]} zoo
 * @property {{ clean: Uint8Array, corrupted: Uint8Array }} pixels
 */

/**
 * What the engine would say to this request, without the end: the answers stand until it says so itself. Nothing for any other
 * request than the stored one.
 * @param {Stored} stored
 * @param {Look} look
 * @returns {ToView[]}
 */
export function answersOf(stored, { view, number, src, corruption, severity, seed, protocol, models }) {
  const { set, side, seen, pixels } = stored;
  const isStored = protocol === 'measured' && src === stored.src && corruption === stored.corruption && severity === stored.severity && seed === stored.seed;
  const isThere = (/** @type {string} */ name) => stored.zoo.some((entry) => entry.name === name);
  const isAsked = (/** @type {string} */ name) => models.includes(`${set}/*`) || models.includes(name);
  const shown = stored.models.filter(({ name }) => isThere(name) && isAsked(name));
  if (!isStored || shown.length === 0) return [];
  return [
    { view, number, kind: 'image', src, side, label: null, pixels: pixels.clean },
    { view, number, kind: 'pixels', side: seen, pixels: pixels.corrupted },
    ...shown.flatMap(({ name, title, classes, methods, preprocess, levels, ...answer }) => /** @type {ToView[]} */ ([
      { view, number, kind: 'model', name, manifest: { title, classes, methods, preprocess } },
      { view, number, kind: 'answer', name, ...prediction(answer), backend: 'cpu', milliseconds: NaN, usual: null, levels },
    ])),
  ];
}

/**
 * @param {Omit<StoredAnswer, 'name' | 'title' | 'classes' | 'methods' | 'preprocess' | 'levels'>} answer
 * @returns {Prediction}
 */
function prediction({ probabilities, attention, iterations, rows, columns, patches, numbers }) {
  return {
    logits: new Float32Array(),
    probabilities: Float32Array.from(probabilities),
    attention: Float32Array.from(attention),
    iterations: Float32Array.from(iterations),
    rows, columns, patches, numbers,
  };
}
