import assert from 'node:assert/strict';
import test from 'node:test';
import { dimmed, number } from '../page/synthesis-shown.js';

test('a patch keeps its light where it speaks most, and only a little where it says nothing', () => {
  const image = Uint8Array.from({ length: 4 * 4 * 4 }, (_, i) => (i % 4 === 3 ? 255 : 100));
  const pixels = dimmed(image, 4, [0.75, 0.25, 0, 0]);
  const at = (x, y) => [...pixels.slice(4 * (4 * y + x), 4 * (4 * y + x) + 4)];
  assert.deepEqual(at(0, 1), [100, 100, 100, 255]);
  assert.deepEqual(at(2, 0), [43, 43, 43, 255], 'a third of the way up');
  assert.deepEqual(at(3, 3), [15, 15, 15, 255]);
  assert.deepEqual(image[0], 100, 'the image itself stays');
});

test('where nothing speaks, all is dark, and nothing is divided by zero', () => {
  const pixels = dimmed(new Uint8Array(2 * 2 * 4).fill(200), 2, [0, 0, 0, 0]);
  assert.deepEqual([...pixels.slice(0, 4)], [30, 30, 30, 200]);
});

test('numbers have as many digits as tell something', () => {
  assert.deepEqual([0, 0.00004, 0.05, 1.234].map(number), ['0.000', '4e-5', '0.050', '1.23']);
});
