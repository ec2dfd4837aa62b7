// curves.js: accuracy over severity as a drawing, a line for each model, with the look of the charts of `vitro compare`
// (shared/src/chart). A model is told by colour, dash, marker and the name at the end of its line; its interval is a band.
//
// The drawing has no `style` attributes, which a strict Content Security Policy forbids; the style sheet is in curves-style.js.

import { accuracy, meanAccuracy } from './table.js';

/** @import { Tally } from './messages.js' */
/** @import { Share } from './table.js' */
/** @typedef {{ severity: number } & Share} Point */
/** @typedef {{ name: string, style: number, points: Point[] }} Line `style` is the model's place among all */

const SVG = 'http://www.w3.org/2000/svg';
const FRAME = { width: 600, height: 304, left: 30, right: 166, top: 10, bottom: 38 };
const STRONGEST = 5;
/** Colours and dashes in the style sheet. */
export const STYLES = 6;
/** Least distance of two names, pixels. */
const GAP = 16;
/** Outlines of the markers around a point; each ends where it began. */
const MARKERS = [
  'm-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z', 'm-3.2 -3.2h6.4v6.4h-6.4z', 'm0 -4.4l4.2 7.6h-8.4z', 'm0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z',
  'm0 4.4l4.2 -7.6h-8.4z', 'm-4.6 -2h9.2v4h-9.2z', 'm-2 -4.6h4v9.2h-4z',
];

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
 * @param {Pick<Document, 'createElementNS'>} document
 * @param {Line[]} lines
 * @param {string} title
 */
export function curves(document, lines, title) {
  /** @param {string} kind @param {Record<string, string | number>} attributes @param {(Element | string)[]} content */
  const make = (kind, attributes, content = []) => {
    const element = document.createElementNS(SVG, kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.append(...content);
    return element;
  };
  /** @param {string} className @param {number} left @param {number} top @param {string} words */
  const text = (className, left, top, words) => make('text', { class: className, x: short(left), y: short(top) }, [words]);
  const { width, height, left, right, top, bottom } = FRAME;
  const parts = [make('title', {}, [inWords(lines, title)])];
  for (const fraction of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(make('path', { class: 'axis', d: path([[left, y(fraction)], [width - right, y(fraction)]]) }));
    parts.push(text('tick end', left - 6, y(fraction) + 4, String(fraction * 100)));
  }
  for (let severity = 0; severity <= STRONGEST; severity++) parts.push(text('tick middle', x(severity), height - bottom + 16, String(severity)));
  parts.push(text('tick middle', (x(0) + x(STRONGEST)) / 2, height - 4, 'severity'));
  const measured = lines.filter(({ points }) => points.length > 0);
  // Bands lie below all lines.
  for (const line of measured) parts.push(make('path', { class: `interval ${classOf(line)}`, d: band(line.points) }));
  for (const line of measured) {
    parts.push(make('path', { class: `line ${classOf(line)}`, d: path(line.points.map(({ severity, value }) => [x(severity), y(value)])) }));
    for (const { severity, value } of line.points) parts.push(make('path', { class: `dot ${classOf(line)}`, d: marker(line.style, x(severity), y(value)) }));
  }
  const ends = measured.map(({ points }) => /** @type {Point} */ (points.at(-1)));
  const places = spread(ends.map(({ value }) => y(value)), GAP, top, height - bottom);
  measured.forEach((line, i) => {
    const { severity, value } = /** @type {Point} */ (ends[i]);
    const place = places[i] ?? y(value);
    parts.push(make('path', { class: 'hair', d: path([[x(severity) + 7, y(value)], [x(STRONGEST) + 18, place]]) }));
    parts.push(make('path', { class: `dot ${classOf(line)}`, d: marker(line.style, x(STRONGEST) + 24, place) }));
    parts.push(text('label', x(STRONGEST) + 33, place + 4, `${[...line.name].slice(0, 18).join('')} ${percent(value)}`));
  });
  for (let severity = 0; severity <= STRONGEST; severity++) {
    const read = measured.flatMap(({ name, points }) => points.filter((point) => point.severity === severity)
      .map(({ value, low, high }) => `${name} ${percent(value)} % (${percent(low)} to ${percent(high)})`));
    if (read.length === 0) continue;
    const where = severity === 0 ? 'untouched' : `${title}, severity ${severity}`;
    const half = (x(1) - x(0)) / 2;
    parts.push(make('g', { class: 'read' }, [
      make('title', {}, [`${where}: ${read.join(', ')}`]),
      make('rect', { class: 'band', x: short(x(severity) - half), y: top, width: short(2 * half), height: height - top - bottom }),
    ]));
  }
  const label = inWords(lines, title);
  return make('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label }, parts);
}

/** The class of a model's line and marker; after six models, colours and dashes come again, with other markers. @param {Line} line */
function classOf({ style }) {
  return `m${style % STYLES}`;
}

/** @param {number} severity */
function x(severity) {
  return FRAME.left + ((FRAME.width - FRAME.left - FRAME.right) * severity) / STRONGEST;
}

/** @param {number} fraction */
function y(fraction) {
  return FRAME.top + (FRAME.height - FRAME.top - FRAME.bottom) * (1 - fraction);
}

/** @param {number} index @param {number} left @param {number} top */
function marker(index, left, top) {
  return `M${short(left)} ${short(top)}${MARKERS[index % MARKERS.length]}`;
}

/** @param {(readonly [number, number])[]} points */
function path(points) {
  return points.map(([left, top], i) => `${i === 0 ? 'M' : 'L'}${short(left)} ${short(top)}`).join('');
}

/** @param {Point[]} points */
function band(points) {
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

/** @param {number} fraction */
function percent(fraction) {
  return (fraction * 100).toFixed(1);
}

/** A length with at most two decimals. @param {number} length */
function short(length) {
  return Math.round(length * 100) / 100 + 0;
}
