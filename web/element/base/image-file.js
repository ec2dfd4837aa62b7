// image-file.js: what a page gives in place of an address, as a file.

/** @import { ImageSource } from './api.js' */

const NAME = 'image';

/**
 * Whether a value is something that can be shown.
 * @param {unknown} value
 * @returns {value is ImageSource}
 */
export function isImage(value) {
  const kinds = [
    globalThis.Blob, globalThis.ImageBitmap, globalThis.HTMLImageElement, globalThis.HTMLVideoElement,
    globalThis.HTMLCanvasElement, globalThis.OffscreenCanvas,
  ];
  return kinds.some((kind) => kind !== undefined && value instanceof kind);
}

/**
 * The image as a file: a Blob as it is, anything else as PNG, which loses nothing.
 * @param {ImageSource} image
 * @returns {Promise<File>}
 */
export async function fileOf(image) {
  if (image instanceof File) return image;
  if (image instanceof Blob) return new File([image], NAME, { type: image.type });
  const [width, height] = sizeOf(image);
  if (width === 0 || height === 0) throw new Error('The image has no pixels yet. Wait until it has loaded.');
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('This browser has no memory left for an image of that size. Choose a smaller one.');
  pen.drawImage(image, 0, 0, width, height);
  /** @type {Blob | null} */
  const png = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!png) throw new Error('The image cannot be read. Choose another one.');
  return new File([png], NAME, { type: 'image/png' });
}

/** @param {Exclude<ImageSource, Blob>} image */
function sizeOf(image) {
  if (image instanceof HTMLImageElement) return /** @type {const} */ ([image.naturalWidth, image.naturalHeight]);
  if (image instanceof HTMLVideoElement) return /** @type {const} */ ([image.videoWidth, image.videoHeight]);
  return /** @type {const} */ ([image.width, image.height]);
}
