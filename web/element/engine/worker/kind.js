// kind.js: what a file is when it is no image that can be shown, told by its first bytes. Pure.

/** How many bytes are enough. */
export const HEAD = 512;

/**
 * What the bytes are the start of, for a sentence, or null when they may be an image.
 * @param {Uint8Array} head
 */
export function foreignKind(head) {
  const letters = Array.from(head.subarray(0, HEAD), (byte) => String.fromCharCode(byte)).join('');
  const text = letters.replace(/^\u00ef\u00bb\u00bf/, '').trimStart().toLowerCase();
  if (/^(<!doctype html|<html|<head|<body)/.test(text)) return 'a web page';
  if (text.startsWith('<svg') || (/^<(\?xml|!doctype svg|!--)/.test(text) && text.includes('<svg'))) return 'a drawing (SVG)';
  // A bundle may begin with the same byte, the lowest of its header's length; the highest ones are zeros.
  if (/^[[{]/.test(text) && !letters.slice(0, 8).includes('\0')) return 'a text file';
  if (letters.startsWith('%PDF')) return 'a PDF document';
  if (/^PK(\x03\x04|\x05\x06)/.test(letters) || letters.startsWith('\x1f\x8b\x08') || letters.startsWith('\x28\xb5\x2f\xfd')) return 'an archive';
  if (letters.startsWith('\x1a\x45\xdf\xa3') || letters.startsWith('\x00\x00\x01\xba') || letters.startsWith('FLV')) return 'a video';
  if (/^RIFF....AVI /s.test(letters)) return 'a video';
  if (letters.startsWith('ID3') || letters.startsWith('OggS') || letters.startsWith('fLaC') || /^RIFF....WAVE/s.test(letters)) return 'a sound';
  const brand = /^....ftyp(....)/s.exec(letters)?.[1];
  if (brand && !/^(avif|avis|hei[cxms]|hev[cx]|mif1|msf1)$/.test(brand)) return 'a video';
  return null;
}

/**
 * Whether these are the first bytes of a HEIC photograph, which few browsers can read.
 * @param {Uint8Array} head
 */
export function isHeic(head) {
  return /^....ftyp(hei[cxms]|hev[cx]|mif1|msf1)/s.test(Array.from(head.subarray(0, 16), (byte) => String.fromCharCode(byte)).join(''));
}
