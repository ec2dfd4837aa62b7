// figure.js: a sweep as one image, drawn into a canvas from the same numbers and in the inks of the page. Loaded when it is asked for.

import { curves, linesOf } from './curves.js';
import { fitted } from './drawing.js';
import { flips, flipsOf } from './flips.js';
import { rowsOf } from './heat.js';
import { shadeOf } from './shades.js';
import { numbersOf, titleOf } from './view.js';

/** @import { Counts, Tally } from './messages.js' */
/** @typedef {{ ink: string, paper: string, quiet: string, font: string }} Inks */

/** Pixels of the file for each of the drawing: letters stay sharp where it is enlarged. */
const SCALE = 2;
const [WIDTH, MARGIN, GAP] = [1240, 32, 24];
const [CURVES, FLIPS] = [640, 496];
/** The maps: how many stand side by side, width of the names, height of a line. */
const [ACROSS, NAMES, LINE] = [3, 124, 20];

/**
 * Draws the figure.
 * @param {ShadowRoot} root whose style sheet has the look of the drawings
 * @param {Tally} tally
 * @param {Inks} inks
 * @returns {Promise<Blob>} a PNG file
 */
export async function png(root, tally, inks) {
  const models = tally.models.filter(({ refusal }) => refusal === null);
  const maps = tally.corruptions.length > 0 && tally.severities.length > 0 ? models : [];
  const bars = flipsOf(tally);
  // Out of sight, but in the tree: only there the style sheet says what they look like.
  const place = document.createElement('div');
  place.className = 'unseen';
  place.append(curves(document, linesOf(tally), titleOf(tally), CURVES), ...(bars.length > 0 ? [flips(document, bars, tally.severities, FLIPS)] : []));
  const cell = document.createElement('td');
  const shade = (/** @type {number} */ fraction) => {
    cell.className = shadeOf(fraction);
    return getComputedStyle(cell);
  };
  root.append(place);
  try {
    const [lines, histogram] = /** @type {SVGElement[]} */ ([...place.children]);
    place.append(Object.assign(document.createElement('div'), { className: 'heat' }));
    place.lastElementChild?.append(cell);
    const top = MARGIN + 72;
    const beside = top + models.length * LINE + LINE + GAP;
    const below = Math.max(top + heightOf(lines), beside + heightOf(histogram)) + GAP;
    const rows = Math.max(...maps.map((model) => rowsOf(tally, model).length), 0) + 2;
    const height = below + Math.ceil(maps.length / ACROSS) * (rows * LINE + GAP) + LINE + MARGIN;
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH * SCALE, height: height * SCALE });
    const pen = canvas.getContext('2d');
    if (!pen) throw new Error('This browser has no memory left for an image of that size. Close other pages and try again.');
    pen.scale(SCALE, SCALE);
    pen.fillStyle = inks.paper;
    pen.fillRect(0, 0, WIDTH, height);
    const write = writer(pen, inks);
    write('How often each model is right', MARGIN, MARGIN + 16, { size: 20, bold: true });
    write(`${titleOf(tally)}; ${tally.done} of ${tally.images} ${tally.counted === 'scenes' ? 'rendered scenes' : `images of ${tally.dataset}`}; bands are 95 % intervals`, MARGIN, MARGIN + 42, { quiet: true });
    if (lines) paint(pen, lines, MARGIN, top, inks.font);
    const side = WIDTH - MARGIN - FLIPS;
    numbers(write, tally, models, side, top);
    if (histogram) paint(pen, histogram, side, beside, inks.font);
    maps.forEach((model, i) => {
      const room = (WIDTH - 2 * MARGIN + GAP) / ACROSS;
      map(pen, write, shade, tally, model, { left: MARGIN + (i % ACROSS) * room, top: below + Math.floor(i / ACROSS) * (rows * LINE + GAP), width: room - GAP });
    });
    write(fitted(models[0]?.protocol ?? '', 180), MARGIN, height - MARGIN, { quiet: true, size: 12 });
    /** @type {Blob | null} */
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob) throw new Error('This browser could not write the image. Save the numbers as CSV.');
    return blob;
  } finally {
    place.remove();
  }
}

/** @typedef {{ size?: number, bold?: boolean, quiet?: boolean, colour?: string, align?: CanvasTextAlign }} Manner */

/** @param {CanvasRenderingContext2D} pen @param {Inks} inks */
function writer(pen, { ink, quiet: faint, font }) {
  /** @param {string} text @param {number} left @param {number} base @param {Manner} manner */
  return (text, left, base, { size = 13, bold = false, quiet = false, colour = quiet ? faint : ink, align = 'left' } = {}) => {
    pen.font = `${bold ? 600 : 400} ${size}px ${font}`;
    pen.textAlign = align;
    pen.fillStyle = colour;
    pen.fillText(text, left, base);
  };
}

/** @typedef {ReturnType<typeof writer>} Write */

/** @param {Write} write @param {Tally} tally @param {Counts[]} models @param {number} left @param {number} top */
function numbers(write, tally, models, left, top) {
  const ends = [232, 312, 400, FLIPS];
  ['untouched', 'error', 'added', 'never wrong'].forEach((word, i) => write(word, left + (ends[i] ?? 0), top + 8, { quiet: true, align: 'right' }));
  models.forEach((model, line) => {
    const base = top + 8 + (line + 1) * LINE;
    write(fitted(model.title, 22), left, base, { bold: true });
    numbersOf(tally, model).forEach((number, i) => write(number === null ? '–' : number.toFixed(1), left + (ends[i] ?? 0), base, { align: 'right' }));
  });
}

/**
 * @param {CanvasRenderingContext2D} pen @param {Write} write @param {(fraction: number) => CSSStyleDeclaration} shade @param {Tally} tally
 * @param {Counts} model
 * @param {{ left: number, top: number, width: number }} place
 */
function map(pen, write, shade, tally, model, { left, top, width }) {
  const cell = (width - NAMES) / tally.severities.length;
  write(fitted(model.title, 40), left, top + 14, { bold: true });
  tally.severities.forEach((severity, i) => write(String(severity), left + NAMES + (i + 0.5) * cell, top + LINE + 14, { quiet: true, align: 'center' }));
  write('severity', left, top + LINE + 14, { quiet: true });
  rowsOf(tally, model).forEach(({ title, cells }, line) => {
    const above = top + (line + 2) * LINE;
    write(fitted(title, 20), left, above + 14, { quiet: title !== 'mean', size: 12 });
    cells.forEach(({ share }, i) => {
      if (!share) return;
      const { backgroundColor, color: colour } = shade(share.value);
      pen.fillStyle = backgroundColor;
      pen.fillRect(left + NAMES + i * cell, above, cell - 1, LINE - 1);
      write((share.value * 100).toFixed(0), left + NAMES + (i + 0.5) * cell, above + 14, { size: 12, align: 'center', colour });
    });
  });
}

/**
 * Draws what an SVG drawing shows, with the look that the style sheet gives it.
 * @param {CanvasRenderingContext2D} pen
 * @param {SVGElement} drawing
 * @param {number} left
 * @param {number} top
 * @param {string} font
 */
function paint(pen, drawing, left, top, font) {
  pen.save();
  pen.translate(left, top);
  for (const element of drawing.querySelectorAll('path, rect, text')) {
    const { fill, stroke, strokeWidth, strokeDasharray, textAnchor } = getComputedStyle(element);
    /** @param {string} name */
    const number = (name) => Number(element.getAttribute(name));
    pen.fillStyle = fill === 'none' ? 'transparent' : fill;
    if (element.localName === 'text') {
      pen.font = `12px ${font}`;
      pen.textAlign = textAnchor === 'middle' ? 'center' : textAnchor === 'end' ? 'right' : 'left';
      pen.fillText(element.textContent ?? '', number('x'), number('y'));
      continue;
    }
    const shape = new Path2D(element.getAttribute('d') ?? '');
    if (element.localName === 'rect') shape.rect(number('x'), number('y'), number('width'), number('height'));
    pen.fill(shape);
    if (stroke === 'none') continue;
    pen.strokeStyle = stroke;
    pen.lineWidth = parseFloat(strokeWidth);
    pen.lineJoin = 'round';
    pen.setLineDash(strokeDasharray === 'none' ? [] : strokeDasharray.split(/[ ,]+/).map(parseFloat));
    pen.stroke(shape);
  }
  pen.restore();
}

/** @param {SVGElement | undefined} drawing */
function heightOf(drawing) {
  return Number(drawing?.getAttribute('height') ?? 0);
}
