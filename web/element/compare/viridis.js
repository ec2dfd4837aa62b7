// viridis.js: the one colour map for attention, perceptually even, the same scale for every model.
//
// The scale is fixed: a patch's attention over the average of all patches (1 ×), by its square root, up to 16 ×.
// So two columns, or the same column under fog, can be compared by colour.

import { imageData, pen } from '../base/dom.js';

/** Attention at the top of the scale, as a multiple of the average. */
const FULL = 16;
/** The scale's marks: multiple of the average, and where it lies on the map. */
export const MARKS = [0, 1, 4, 16].map((times) => ({ times, at: Math.sqrt(times / FULL) }));

// Nine evenly spaced colours of matplotlib's viridis; between them, linear steps.
const STOPS = [
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141],
  [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37],
];

/**
 * The colour at `t` in 0..1, as `[red, green, blue]`.
 * @param {number} t
 */
export function viridis(t) {
  const place = Math.min(Math.max(t, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(place), STOPS.length - 2);
  const [from, to] = [STOPS[low] ?? [], STOPS[low + 1] ?? []];
  return from.map((value, channel) => Math.round(value + ((to[channel] ?? value) - value) * (place - low)));
}

/**
 * Draws the image in grey with the attention of each patch over it.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasImageSource} source
 * @param {Float32Array} attention sums to 1, or is empty
 * @param {number} rows
 * @param {number} columns
 */
export function drawAttention(canvas, source, attention, rows, columns) {
  const side = canvas.width;
  const context = pen(canvas);
  context.globalCompositeOperation = 'source-over';
  context.globalAlpha = 1;
  context.drawImage(source, 0, 0, side, side);
  // Grey first, so that the image's own colours are not read as attention.
  context.globalCompositeOperation = 'saturation';
  context.fillStyle = 'hsl(0 0% 50%)';
  context.fillRect(0, 0, side, side);
  context.globalCompositeOperation = 'source-over';
  if (attention.length === 0) return;
  const map = Object.assign(document.createElement('canvas'), { width: columns, height: rows });
  const colours = [...attention].map((weight) => viridis(Math.sqrt((weight * attention.length) / FULL)));
  pen(map).putImageData(imageData(colours.flatMap((colour) => [...colour, 255]), columns, rows), 0, 0);
  context.globalAlpha = 0.5;
  context.imageSmoothingEnabled = false;
  context.drawImage(map, 0, 0, side, side);
  context.globalAlpha = 1;
  context.imageSmoothingEnabled = true;
}

/**
 * Draws the map from low to high, for the legend.
 * @param {HTMLCanvasElement} canvas
 */
export function drawLegend(canvas) {
  const context = pen(canvas);
  for (let x = 0; x < canvas.width; x++) {
    context.fillStyle = `rgb(${viridis(x / (canvas.width - 1)).join(' ')})`;
    context.fillRect(x, 0, 1, canvas.height);
  }
}
