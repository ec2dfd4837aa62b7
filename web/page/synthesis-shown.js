// synthesis-shown.js: what the panel in synthesis.js shows of an image and of those who watch it, as parts of the document.

/** @import { ClassMap, Witness } from '../element/synthesis/messages.js' */

/** How much of its light a patch keeps that says nothing for a class. */
const DARKEST = 0.15;

/** A line of the table. @param {Witness} witness @param {string} title */
export function line({ before, now, shift, refusal }, title) {
  const row = document.createElement('tr');
  const head = Object.assign(document.createElement('th'), { scope: 'row', textContent: title });
  const cell = (/** @type {string} */ text, name = '') => Object.assign(document.createElement('td'), { textContent: text, className: name });
  if (refusal !== undefined || !before || !now || shift === undefined) {
    const said = Object.assign(cell(refusal ?? ''), { colSpan: 3 });
    row.append(head, said);
    return row;
  }
  const moved = before.top !== now.top;
  const still = moved ? `${now.top} ${percent(now.probability)} (${before.top} ${percent(now.still)})` : `${now.top} ${percent(now.probability)}`;
  row.append(head, cell(`${before.top} ${percent(before.probability)}`), cell(still, moved ? 'moved' : ''), cell(number(shift)));
  return row;
}

/**
 * The image, the darker the less a patch speaks for a class.
 * @param {Uint8Array} image RGBA @param {number} side @param {ClassMap} map @param {string} title of the model @param {string} top the class
 */
export function mapOf(image, side, map, title, top) {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  figure.append(caption);
  if (!map || typeof map === 'string') {
    caption.textContent = map ? `${title}: ${map}` : `${title} forms no attention that could be weighted.`;
    return figure;
  }
  caption.textContent = `${title}: “${top}”`;
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `what speaks for “${top}” in what ${title} sees`);
  paint(canvas, dimmed(image, side, map), side);
  figure.prepend(canvas);
  return figure;
}

/**
 * The image, the darker the less a patch speaks; where none does, dark.
 * @param {ArrayLike<number>} image RGBA @param {number} side @param {ArrayLike<number>} map a value for each patch of a square grid
 */
export function dimmed(image, side, map) {
  const [most, along] = [Math.max(...Array.from(map)) || 1, Math.sqrt(map.length)];
  const pixels = Uint8ClampedArray.from(image);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const [column, row] = [Math.floor(((pixel % side) * along) / side), Math.floor((Math.floor(pixel / side) * along) / side)];
    const light = DARKEST + ((1 - DARKEST) * (map[row * along + column] ?? 0)) / most;
    for (let at = 4 * pixel; at < 4 * pixel + 3; at++) pixels[at] = (image[at] ?? 0) * light;
  }
  return pixels;
}

/** @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} pixels RGBA @param {number} side */
export function paint(canvas, pixels, side) {
  if (canvas.width !== side) Object.assign(canvas, { width: side, height: side });
  canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(pixels), side, side), 0, 0);
}

/** @param {number | undefined} fraction */
function percent(fraction = 0) {
  return `${Math.round(100 * fraction)}\u00a0%`;
}

/** With as many digits as tell something. @param {number | undefined} value */
export function number(value = 0) {
  return value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(0) : value.toFixed(value < 0.1 ? 3 : 2);
}
