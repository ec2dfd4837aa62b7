// image.js: turns an element's `src` into an image of the processor engine.
//
// `scene:SEED/INDEX` is a rendered scene with a known label; anything else is an address (also data: and blob:).
// Formats that our own decoder does not know (AVIF, GIF, HEIC) are left to the browser's. What it knows and refuses
// stays refused, with the sentence of the command line: a browser would also show half an image.

import { bytesOfData, bytesOfFile, download, nameOf } from './download.js';
import { foreignKind, HEAD, isHeic } from './kind.js';
import { codeOf, Refusal, sentence } from './refusal.js';

/** @import { EngineImage, EngineModule } from './engine-module.js' */
/** @import { Guard } from './guard.js' */
/**
 * Where an image comes from.
 * @typedef {object} Source
 * @property {string} src
 * @property {File | undefined} file what `src` stands for, when it is a file of the visitor's
 * @property {RequestCredentials} credentials how an address is fetched
 */

/** Files beyond this are not read. An image of the most pixels that are taken is smaller. */
const LARGEST = 400e6;
const FORMATS = 'Choose a JPEG, PNG, WebP, BMP, GIF or AVIF image.';

/**
 * Fetches, decodes or renders `src`.
 * @param {EngineModule} module the processor engine
 * @param {Guard} guard
 * @param {Source} source
 * @returns {Promise<EngineImage>}
 */
export async function openImage(module, guard, { src, file, credentials }) {
  const name = file?.name || nameOf(src);
  /** @param {() => EngineImage} call */
  const guarded = (call) => guard.run({ kind: 'image', key: `image ${src}`, name: src.startsWith('scene:') ? src : `“${name}”` }, call);
  if (src.startsWith('scene:')) {
    const match = /^scene:(\d{1,9})\/(\d{1,9})$/.exec(src);
    if (!match) throw new Refusal('address', `“${src}” is no scene. Write scene:SEED/INDEX, such as scene:7/3.`);
    return guarded(() => module.Image.scene(Number(match[1]), Number(match[2])));
  }
  const bytes = await bytesOf({ src, file, credentials }, name);
  try {
    return await guarded(() => module.Image.decode(bytes));
  } catch (refusal) {
    if (codeOf(refusal) !== 'format') throw refusal;
    const pixels = await decodeInBrowser(module, bytes).catch((error) => {
      if (codeOf(error) === 'image') throw error;
      const heic = isHeic(bytes) ? `“${name}” is a HEIC photograph, which this browser cannot read. ${FORMATS}` : null;
      throw new Refusal('format', heic ?? `“${name}” cannot be read: ${sentence(refusal)}.`);
    });
    return await guarded(() => module.Image.fromPixels(pixels.bytes, pixels.width, pixels.height));
  }
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
    return data ?? download(src, accept, credentials);
  }
  accept(await bytesOfFile(file.slice(0, HEAD), name));
  if (file.size > LARGEST) {
    const [size, largest] = [file.size, LARGEST].map((bytes) => Math.round(bytes / 1e6));
    throw new Refusal('format', `“${name}” has ${size} MB; images up to ${largest} MB are read. Choose a smaller one.`);
  }
  return bytesOfFile(file, name);
}

/** RGBA on a white ground. @param {EngineModule} module @param {Uint8Array<ArrayBuffer>} bytes */
async function decodeInBrowser(module, bytes) {
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const { width, height } = bitmap;
  try {
    module.Image.checkSize(width, height); // Before there are copies of the pixels.
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
