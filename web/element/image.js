// image.js (worker): turns an element's `src` into an image of the processor engine.
//
// `scene:SEED/INDEX` is a rendered scene with a known label; anything else is an address (also data: and blob:).
// Formats that our own decoder does not know (AVIF, GIF, HEIC) are left to the browser's. What it knows and refuses
// stays refused, with the sentence of the command line: a browser would also show half an image.

/** Why an image could not be shown; `code` is `address`, `network` or `format`. The engine's own say `image`. */
export class ImageError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Fetches, decodes or renders `src` with `module`, the processor engine. */
export async function openImage(module, src) {
  if (src.startsWith('scene:')) {
    const match = /^scene:(\d{1,9})\/(\d{1,9})$/.exec(src);
    if (!match) throw new ImageError('address', `“${src}” is no scene. Write scene:SEED/INDEX, such as scene:7/3.`);
    return module.Image.scene(Number(match[1]), Number(match[2]));
  }
  const bytes = await fetchBytes(src);
  try {
    return module.Image.decode(bytes);
  } catch (refusal) {
    if (refusal?.name !== 'format') throw refusal;
    return await decodeInBrowser(module, bytes, refusal);
  }
}

async function fetchBytes(src) {
  let response;
  try {
    response = await fetch(src);
  } catch {
    throw new ImageError('network', 'The image could not be fetched. Its server may refuse other pages.');
  }
  if (!response.ok) throw new ImageError('network', `The image could not be fetched (status ${response.status}).`);
  return new Uint8Array(await response.arrayBuffer());
}

async function decodeInBrowser(module, bytes, refusal) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(new Blob([bytes]));
  } catch {
    throw new ImageError('format', String(refusal?.message ?? refusal));
  }
  const { width, height } = bitmap;
  let pixels;
  try {
    module.Image.checkSize(width, height); // Before there are copies of the pixels.
    pixels = pixelsOf(bitmap);
  } finally {
    bitmap.close();
  }
  return module.Image.fromPixels(pixels, width, height);
}

/** RGBA on a white ground. */
function pixelsOf(bitmap) {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  return new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
}
