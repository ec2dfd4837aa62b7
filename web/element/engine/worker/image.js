// image.js: turns an element's `src` into an image of the processor engine.
//
// `scene:SEED/INDEX` is a rendered scene with a known label; anything else is an address (also data: and blob:).
// Formats that our own decoder does not know (AVIF, GIF, HEIC) are left to the browser's. What it knows and refuses
// stays refused, with the sentence of the command line: a browser would also show half an image. An engine without decoders
// refuses as much, and leaves the pixels of every format to the browser.

import { bytesOfData, bytesOfFile, download, nameOf } from './download.js';
import { foreignKind, HEAD, isHeic } from './kind.js';
import { codeOf, Refusal, sentence } from './refusal.js';

/** @import { EngineImage, EngineModule, ImageMaker } from './engine-module.js' */
/**
 * Where an image comes from.
 * @typedef {object} Source
 * @property {string} src
 * @property {File | undefined} file what `src` stands for, when it is a file of the visitor's
 * @property {RequestCredentials} credentials how an address is fetched
 */

/**
 * Makes a call that can hang or break the engine; `name` is what it is about, for people.
 * @typedef {<T>(name: string, call: () => T) => Promise<T>} Guarded
 */

/** Files beyond this are not read. An image of the most pixels that are taken is smaller. */
const LARGEST = 400e6;
const FORMATS = 'Choose a JPEG, PNG, WebP, BMP, GIF or AVIF image.';

/**
 * Fetches, decodes or renders `src`.
 * @param {Pick<EngineModule, 'Image'>} module an engine that makes images
 * @param {Guarded} guarded
 * @param {Source} source
 * @returns {Promise<EngineImage>}
 */
export async function openImage({ Image }, guarded, { src, file, credentials }) {
  const name = file?.name || nameOf(src);
  if (src.startsWith('scene:')) {
    const match = /^scene:(\d{1,9})\/(\d{1,9})$/.exec(src);
    if (!match) throw new Refusal('address', `“${src}” is no scene. Write scene:SEED/INDEX, such as scene:7/3.`);
    const { scene } = Image;
    if (!scene) throw new Refusal('address', `“${src}” is rendered by the engine of networks, which is not here. Give the address of an image.`);
    return guarded(src, () => scene(Number(match[1]), Number(match[2])));
  }
  const shown = `“${name}”`;
  const bytes = await bytesOf({ src, file, credentials }, name);
  /** @type {unknown} */
  let foreign = null;
  try {
    if (Image.decode) return await guarded(shown, () => /** @type {NonNullable<typeof Image.decode>} */ (Image.decode)(bytes));
    await guarded(shown, () => Image.examine?.(bytes));
  } catch (refusal) {
    if (codeOf(refusal) !== 'format') throw refusal;
    foreign = refusal;
  }
  const pixels = await decodeInBrowser(Image, bytes, !foreign).catch((error) => {
    if (codeOf(error) === 'image') throw error;
    if (!foreign) throw new Refusal('image', `${shown} cannot be decoded. Open it in a viewer and save it again.`);
    const heic = isHeic(bytes) ? `${shown} is a HEIC photograph, which this browser cannot read. ${FORMATS}` : null;
    throw new Refusal('format', heic ?? `${shown} cannot be read: ${sentence(foreign)}.`);
  });
  return guarded(shown, () => Image.fromPixels(pixels.bytes, pixels.width, pixels.height));
}

/** @param {Source} source @param {string} name */
async function bytesOf({ src, file, credentials }, name) {
  /** @param {Uint8Array} head */
  const accept = (head) => {
    const kind = foreignKind(head);
    if (kind) throw new Refusal('format', `“${name}” is ${kind}, not an image. ${FORMATS}`);
  };
  if (!file) {
    const data = bytesOfData(src);
    if (data) accept(data);
    return data ?? download(src, accept, { credentials });
  }
  accept(await bytesOfFile(file.slice(0, HEAD), name));
  if (file.size > LARGEST) {
    const [size, largest] = [file.size, LARGEST].map((bytes) => Math.round(bytes / 1e6));
    throw new Refusal('format', `“${name}” has ${size} MB; images up to ${largest} MB are read. Choose a smaller one.`);
  }
  return bytesOfFile(file, name);
}

/**
 * RGBA on a white ground.
 * @param {ImageMaker} Image
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {boolean} ours whether our own decoder reads the format: it passes over colour profiles
 */
async function decodeInBrowser(Image, bytes, ours) {
  const bitmap = await createImageBitmap(new Blob([bytes]), { colorSpaceConversion: ours ? 'none' : 'default' });
  const { width, height } = bitmap;
  try {
    Image.checkSize(width, height); // Before there are copies of the pixels.
    const context = new OffscreenCanvas(width, height).getContext('2d');
    if (!context) throw new Refusal('image', 'This browser has no memory left for an image of that size. Choose a smaller one.');
    context.fillStyle = 'white';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { width, height, bytes: new Uint8Array(context.getImageData(0, 0, width, height).data.buffer) };
  } finally {
    bitmap.close();
  }
}
