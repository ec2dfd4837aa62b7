import assert from 'node:assert/strict';
import test from 'node:test';
import { answersOf } from '../page/stored.js';

const answer = {
  title: 'A', classes: ['cat', 'dog'], methods: [], preprocess: { image_size: 1, filter: 'bicubic', crop_pct: 1 }, probabilities: [0.25, 0.75], levels: [1, 1, 1, 1, 0, 0], attention: [1], iterations: [],
  rows: 1, columns: 1, patches: 1, numbers: [],
};
const stored = {
  src: 'http://host/cat.jpg', set: 'photographs', corruption: 'fog', severity: 3, seed: 0, side: 1, seen: 1, corruptions: [],
  models: [{ name: 'vit', ...answer }, { name: 'fan', ...answer }, { name: 'gone', ...answer }],
  zoo: ['vit', 'fan'].map((name) => ({ name, title: name, file: `${name}.safetensors` })),
  pixels: { clean: Uint8Array.of(1, 2, 3, 255), corrupted: Uint8Array.of(4, 5, 6, 255) },
};
const look = {
  kind: /** @type {const} */ ('look'), view: 2, number: 9, src: 'http://host/cat.jpg', corruption: 'fog', severity: 3, seed: 0, protocol: /** @type {'measured' | 'full-size'} */ ('measured'),
  models: ['photographs/*'], credentials: /** @type {const} */ ('same-origin'),
};

test('the stored request gets the messages of the engine, but no end and no time', () => {
  const messages = answersOf(stored, look);
  assert.deepEqual(messages.map(({ kind }) => kind), ['image', 'pixels', 'model', 'answer', 'model', 'answer']);
  assert.ok(messages.every(({ view, number }) => view === 2 && number === 9));
  const [image, , , first] = messages;
  assert.ok(image?.kind === 'image' && image.label === null && image.pixels === stored.pixels.clean);
  assert.ok(first?.kind === 'answer' && Number.isNaN(first.milliseconds) && first.usual === null);
  assert.deepEqual([...first.probabilities], [0.25, 0.75]);
});

test('only models that are asked for and in the zoo answer', () => {
  const names = (/** @type {string[]} */ models) => answersOf(stored, { ...look, models }).flatMap((message) => (message.kind === 'answer' ? [message.name] : []));
  assert.deepEqual(names(['fan']), ['fan']);
  assert.deepEqual(names(['photographs/*', 'https://host/x.safetensors']), ['vit', 'fan']);
  for (const others of [['gone'], ['*'], []]) assert.deepEqual(names(others), []);
});

test('any other request gets nothing', () => {
  for (const other of [{ src: 'http://host/dog.jpg' }, { corruption: 'snow' }, { severity: 4 }, { seed: 1 }, { protocol: 'full-size' }]) {
    assert.deepEqual(answersOf(stored, { ...look, ...other }), [], JSON.stringify(other));
  }
});
