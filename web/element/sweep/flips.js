// flips.js: where an image is first wrong, as a histogram: untouched, or at a severity of a corruption, each with a bar for every
// model. What is never wrong has no bar; the numbers of the models say how much that is.

import { classOf, marker, path, pencil, percent, short } from './drawing.js';

/** @import { Paper } from './drawing.js' */
/** @import { Counts, Tally } from './messages.js' */
/** @typedef {{ name: string, style: number, shares: number[] }} Flips the shares of untouched images and of each severity */

const FRAME = { top: 20, plot: 110, bottom: 38, left: 30, right: 14 };
const WIDEST = 18;
/** What the top of the scale may stand for. */
const SCALES = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1];

/**
 * The bars of a tally; none before something can be said.
 * @param {Tally} tally
 * @returns {Flips[]}
 */
export function flipsOf({ models }) {
  return models.flatMap((model, style) => {
    const all = total(model);
    return all > 0 ? [{ name: model.title, style, shares: model.flips.slice(0, -1).map((count) => count / all) }] : [];
  });
}

/**
 * The share of images under a corruption that are right at every severity, or null.
 * @param {Counts} model
 */
export function neverWrong(model) {
  const all = total(model);
  return all > 0 ? (model.flips.at(-1) ?? 0) / all : null;
}

/** @param {Counts} model */
function total({ refusal, flips }) {
  return refusal === null ? flips.reduce((sum, count) => sum + count, 0) : 0;
}

/**
 * Draws them.
 * @param {Paper} paper
 * @param {Flips[]} models
 * @param {readonly number[]} severities
 * @param {number} width in pixels
 */
export function flips(paper, models, severities, width = 600) {
  const { make, text, sheet } = pencil(paper);
  const { top, plot, bottom, left, right } = FRAME;
  const places = ['0', ...severities.map(String)];
  const most = Math.max(...models.flatMap(({ shares }) => shares), 0);
  const scale = SCALES.find((scale) => scale >= most) ?? 1;
  const room = (width - left - right) / places.length;
  const bar = Math.min(WIDEST, (room - 12) / Math.max(models.length, 1));
  /** @param {number} share */
  const y = (share) => top + plot * (1 - share / scale);
  /** @type {Element[]} */
  const parts = [];
  for (const part of [0, 0.5, 1]) {
    parts.push(make('path', { class: 'axis', d: path([[left, y(part * scale)], [width - right, y(part * scale)]]) }));
    parts.push(text('tick end', left - 6, y(part * scale) + 4, String(short(part * scale * 100))));
  }
  places.forEach((place, i) => {
    const middle = left + room * (i + 0.5);
    parts.push(text('tick middle', middle, top + plot + 16, place));
    models.forEach(({ name, style, shares }, m) => {
      const share = shares[i] ?? 0;
      const from = middle + (m - models.length / 2) * bar;
      parts.push(make('g', { class: 'read' }, [
        make('title', {}, [`${name}: ${percent(share)} % are first wrong ${i === 0 ? 'untouched' : `at severity ${place}`}`]),
        make('rect', { class: `flip ${classOf(style)}`, x: short(from + 1), y: short(y(share)), width: short(bar - 2), height: short(top + plot - y(share)) }),
        make('path', { class: `dot ${classOf(style)}`, d: marker(style, from + bar / 2, y(share)) }),
      ]));
    });
  });
  parts.push(text('tick middle', left + (width - left - right) / 2, top + plot + 34, 'first wrong at severity'));
  const words = models.map(({ name, shares }) => `${name}: ${shares.map((share, i) => `${percent(share)} at ${places[i]}`).join(', ')}`);
  return sheet('chart', { width, height: top + plot + bottom }, `Where an image is first wrong, percent by severity. ${words.join('; ')}`, parts);
}
