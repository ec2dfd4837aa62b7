// tally.js: the counts of a sweep as they grow. Pure.

/** @import { Corruption } from '../engine/messages.js' */
/** @import { Asked, Count, Counts, Loaded, Tally } from './messages.js' */

/**
 * Nothing counted yet.
 * @param {Pick<Asked, 'models' | 'severities' | 'seed' | 'folder'>} asked
 * @returns {Tally}
 */
export function empty({ models, severities, seed, folder = null }, backend = /** @type {Tally['backend']} */ ('cpu'), note = '') {
  return {
    dataset: folder?.name ?? 'scenes', counted: folder ? 'images' : 'scenes',
    corruptions: [], severities, seed, images: 0, done: 0, failed: [], seconds: 0, backend, note,
    models: models.map((name) => ({ name, title: name, protocol: '', refusal: null, clean: count(), cells: [], flips: [] })),
  };
}

/**
 * What the first worker knows.
 * @param {Tally} tally
 * @param {Corruption[]} corruptions
 * @param {Loaded[]} loaded
 */
export function begin(tally, corruptions, loaded) {
  tally.corruptions = corruptions;
  for (const model of tally.models) {
    Object.assign(model, loaded.find(({ name }) => name === model.name));
    model.cells = corruptions.map(() => tally.severities.map(count));
    model.flips = model.cells.flat().length > 0 ? ['untouched', ...tally.severities, 'never'].map(() => 0) : [];
  }
}

/**
 * Adds the bits of one image.
 * @param {Tally} tally
 * @param {readonly (readonly [string, Uint8Array])[]} right
 */
export function add(tally, right) {
  const bits = new Map(right);
  for (const model of going(tally)) {
    const own = bits.get(model.name);
    if (!own) continue;
    [model.clean, ...model.cells.flat()].forEach((cell, condition) => {
      cell.right += own[condition] ?? 0;
      cell.images += 1;
    });
    for (const place of flipsOf(own, tally)) model.flips[place] = (model.flips[place] ?? 0) + 1;
  }
  tally.done += 1;
}

/**
 * Where an image is first wrong, once for each corruption: 0 when it is untouched, then the severities, then never.
 * @param {Uint8Array} right
 * @param {Pick<Tally, 'corruptions' | 'severities'>} tally
 */
function flipsOf(right, { corruptions, severities: { length } }) {
  return length === 0 ? [] : corruptions.map((_, row) => {
    const first = [right[0] ?? 0, ...right.subarray(1 + row * length, 1 + (row + 1) * length)].indexOf(0);
    return first < 0 ? length + 1 : first;
  });
}

/**
 * Leaves a model out: it has no numbers any more, only the reason.
 * @param {Tally} tally
 * @param {string} name
 * @param {string} message
 */
export function refuse(tally, name, message) {
  const model = going(tally).find((candidate) => candidate.name === name);
  if (!model) return false;
  Object.assign(model, { refusal: message, clean: count(), cells: model.cells.map((cells) => cells.map(count)), flips: model.flips.map(() => 0) });
  return true;
}

/**
 * The models that are not refused.
 * @param {Tally} tally
 * @returns {Counts[]}
 */
export function going(tally) {
  return tally.models.filter(({ refusal }) => refusal === null);
}

/** @returns {Count} */
function count() {
  return { right: 0, images: 0 };
}
