// curves.js: accuracy over severity as a drawing, a line for each model; its interval is a band. Names stand at the ends of the
// lines, or below where the drawing is narrow.

import { classOf, fitted, marker, path, pencil, percent, short } from './drawing.js';
import { accuracy, meanAccuracy } from './table.js';

/** @import { Paper } from './drawing.js' */
/** @import { Tally } from './messages.js' */
/** @import { Share } from './table.js' */
/** @typedef {{ severity: number } & Share} Point */
/** @typedef {{ name: string, style: number, points: Point[] }} Line `style` is the model's place among all */

/** Height of the plot and of what is below it, room at its left, room for names at its right. */
const FRAME = { top: 10, plot: 256, bottom: 38, left: 30, names: 166, right: 14 };
const USUAL = 600;
/** A narrower drawing has its names below. */
const NARROW = 480;
const STRONGEST = 5;
/** Least distance of two names, pixels. */
const GAP = 16;
/** Characters of a name that fit beside the lines. */
const LETTERS = 18;

/**
 * The lines of a tally: of one corruption, or of the mean over all. Refused models have none.
 * @param {Tally} tally
 * @param {string | null} corruption
 * @returns {Line[]}
 */
export function linesOf({ models, corruptions, severities }, corruption = null) {
  const rows = corruptions.flatMap(({ name }, row) => (corruption === null || name === corruption ? [row] : []));
  return models.flatMap(({ title, refusal, clean, cells }, style) => {
    if (refusal !== null) return [];
    const corrupted = severities.map((severity, column) => {
      const counts = rows.flatMap((row) => cells[row]?.[column] ?? []);
      return { severity, of: counts.length === 1 && counts[0] ? accuracy(counts[0]) : meanAccuracy(counts) };
    });
    const points = [{ severity: 0, of: accuracy(clean) }, ...corrupted].flatMap(({ severity, of }) => (of ? [{ severity, ...of }] : []));
    return [{ name: title, style, points: points.sort((a, b) => a.severity - b.severity) }];
  });
}

/**
 * Draws the lines. `title` says of what.
 * @param {Paper} paper
 * @param {Line[]} lines
 * @param {string} title
 * @param {number} width in pixels
 */
export function curves(paper, lines, title, width = USUAL) {
  const { make, text, sheet } = pencil(paper);
  const { top, plot, bottom, left } = FRAME;
  const measured = lines.filter(({ points }) => points.length > 0);
  const isNarrow = width < NARROW;
  const right = isNarrow ? FRAME.right : FRAME.names;
  const height = top + plot + bottom + (isNarrow ? measured.length * GAP + 4 : 0);
  /** @param {number} severity */
  const x = (severity) => left + ((width - left - right) * severity) / STRONGEST;
  /** @param {number} fraction */
  const y = (fraction) => top + plot * (1 - fraction);
  /** @type {Element[]} */
  const parts = [];
  for (const fraction of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(make('path', { class: 'axis', d: path([[left, y(fraction)], [width - right, y(fraction)]]) }));
    parts.push(text('tick end', left - 6, y(fraction) + 4, String(fraction * 100)));
  }
  for (let severity = 0; severity <= STRONGEST; severity++) parts.push(text('tick middle', x(severity), top + plot + 16, String(severity)));
  parts.push(text('tick middle', (x(0) + x(STRONGEST)) / 2, top + plot + 34, 'severity'));
  // Bands lie below all lines.
  for (const { style, points } of measured) parts.push(make('path', { class: `interval ${classOf(style)}`, d: band(points, x, y) }));
  for (const { style, points } of measured) {
    parts.push(make('path', { class: `line ${classOf(style)}`, d: path(points.map(({ severity, value }) => [x(severity), y(value)])) }));
    for (const { severity, value } of points) parts.push(make('path', { class: `dot ${classOf(style)}`, d: marker(style, x(severity), y(value)) }));
  }
  const ends = measured.map(({ points }) => /** @type {Point} */ (points.at(-1)));
  const places = isNarrow
    ? measured.map((_, i) => top + plot + bottom + 8 + i * GAP)
    : spread(ends.map(({ value }) => y(value)), GAP, top, top + plot);
  const name = isNarrow ? left + 4 : x(STRONGEST) + 24;
  measured.forEach((line, i) => {
    const { severity, value } = /** @type {Point} */ (ends[i]);
    const place = places[i] ?? y(value);
    if (!isNarrow) parts.push(make('path', { class: 'hair', d: path([[x(severity) + 7, y(value)], [name - 6, place]]) }));
    parts.push(make('path', { class: `dot ${classOf(line.style)}`, d: marker(line.style, name, place) }));
    parts.push(text('label', name + 9, place + 4, `${fitted(line.name, LETTERS)} ${percent(value)}`));
  });
  for (let severity = 0; severity <= STRONGEST; severity++) {
    const read = measured.flatMap((line) => line.points.filter((point) => point.severity === severity)
      .map(({ value, low, high }) => `${line.name} ${percent(value)} % (${percent(low)} to ${percent(high)})`));
    if (read.length === 0) continue;
    const where = severity === 0 ? 'untouched' : `${title}, severity ${severity}`;
    const half = (x(1) - x(0)) / 2;
    parts.push(make('g', { class: 'read' }, [
      make('title', {}, [`${where}: ${read.join(', ')}`]),
      make('rect', { class: 'band', x: short(x(severity) - half), y: top, width: short(2 * half), height: plot }),
    ]));
  }
  return sheet('chart', { width, height }, inWords(lines, title), parts);
}

/** @param {Point[]} points @param {(severity: number) => number} x @param {(fraction: number) => number} y */
function band(points, x, y) {
  const upper = points.map(({ severity, high }) => /** @type {const} */ ([x(severity), y(high)]));
  const lower = points.map(({ severity, low }) => /** @type {const} */ ([x(severity), y(low)]));
  return `${path([...upper, ...lower.reverse()])}Z`;
}

/**
 * Moves labels apart until neighbours are `gap` apart, none outside `low` to `high` as long as they fit.
 * @param {number[]} heights
 * @param {number} gap
 * @param {number} low
 * @param {number} high
 */
export function spread(heights, gap, low, high) {
  const order = heights.map((height, i) => ({ height, i })).sort((a, b) => a.height - b.height);
  let edge = low;
  for (const one of order) {
    one.height = Math.max(one.height, edge);
    edge = one.height + gap;
  }
  edge = high;
  for (const one of [...order].reverse()) {
    one.height = Math.min(one.height, edge);
    edge = one.height - gap;
  }
  return order.sort((a, b) => a.i - b.i).map(({ height }) => height);
}

/** @param {Line[]} lines @param {string} title */
function inWords(lines, title) {
  const of = (/** @type {Line} */ { name, points }) => `${name}: ${points.map(({ severity, value }) => `${percent(value)} at ${severity}`).join(', ')}`;
  return `${title}, percent right by severity. ${lines.map(of).join('; ')}`;
}
