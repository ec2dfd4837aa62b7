// attention.js: attention over an image, and the legend of its colours: viridis, on the same scale for every model.
//
// The scale is fixed: a patch's attention over the average of all patches (1 ×), by its square root, up to 16 ×.
// So two columns, or the same column under fog, can be compared by colour.

import { imageData, pen } from '../base/dom.js';
import { viridis } from '../base/viridis.js';

/** Attention at the top of the scale, as a multiple of the average. */
const FULL = 16;
/** The scale's marks: multiple of the average, and where it lies on the map. */
export const MARKS = [0, 1, 4, 16].map((times) => ({ times, at: Math.sqrt(times / FULL) }));

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
