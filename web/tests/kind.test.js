import assert from 'node:assert/strict';
import test from 'node:test';
import { bytesOfData, nameOf } from '../element/engine/worker/download.js';
import { foreignKind, isHeic } from '../element/engine/worker/kind.js';

const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test('what is no image is called by its name', () => {
  const kinds = {
    '<!doctype html><title>app</title>': 'a web page',
    '\n <HTML>': 'a web page',
    '\u00ef\u00bb\u00bf<!DOCTYPE html>': 'a web page',
    '<svg xmlns="http://www.w3.org/2000/svg"/>': 'a drawing (SVG)',
    '<?xml version="1.0"?><svg/>': 'a drawing (SVG)',
    '{"error": "not found"}': 'a text file',
    '%PDF-1.7': 'a PDF document',
    'PK\x03\x04': 'an archive',
    '\0\0\0\x18ftypisom': 'a video',
    '\0\0\0\x14ftypqt  ': 'a video',
    '\x1a\x45\xdf\xa3': 'a video',
    'RIFF\0\0\0\0AVI LIST': 'a video',
    'RIFF\0\0\0\0WAVEfmt ': 'a sound',
  };
  for (const [text, kind] of Object.entries(kinds)) assert.equal(foreignKind(bytes(text)), kind, text);
});

test('what may be an image is left to the decoders', () => {
  const images = ['\xff\xd8\xff\xe0', '\x89PNG\r\n\x1a\n', 'GIF89a', 'BM', 'RIFF\0\0\0\0WEBPVP8 ', '\0\0\0\x1cftypavif', '\0\0\0\x18ftypheic', '', '<'];
  for (const text of images) assert.equal(foreignKind(bytes(text)), null, text);
  assert.equal(isHeic(bytes('\0\0\0\x18ftypheic')), true);
  assert.equal(isHeic(bytes('\0\0\0\x1cftypavif')), false);
});

test('the length of a bundle, its first bytes, is not taken for a text', () => {
  for (let lowest = 0; lowest < 256; lowest++) {
    assert.equal(foreignKind(bytes(`${String.fromCharCode(lowest)}\x01\0\0\0\0\0\0{"__metadata__"`)), null, String(lowest));
  }
});

test('data: addresses are read without fetching', () => {
  assert.deepEqual([...(bytesOfData('data:image/png;base64,AQID') ?? [])], [1, 2, 3]);
  assert.deepEqual([...(bytesOfData('data:,a%20b') ?? [])], [97, 32, 98]);
  assert.equal(bytesOfData('https://host/data:,'), null);
  assert.throws(() => bytesOfData('data:image/png;base64,*'), { name: 'address' });
});

test('a sentence names the file and not its whole address', () => {
  assert.equal(nameOf('https://host/a/my%20photo.jpg?x=1#y'), 'my photo.jpg');
  assert.equal(nameOf('https://host/100%'), '100%');
  assert.equal(nameOf('data:image/png;base64,AAAA'), 'the image in the address');
});
