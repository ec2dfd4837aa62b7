import assert from 'node:assert/strict';
import test from 'node:test';
import { addressOf, chosen, isAddress, namesOf, titleOf, withModel, withoutModel } from '../element/base/values.js';

const ZOO = [
  { name: 'a', set: 'scenes' }, { name: 'b', set: 'scenes' }, { name: 'photos/a', set: 'photos' }, { name: 'photos/b', set: 'photos' },
  { name: 'photos/c', set: 'photos', aside: true },
];

test('names are separated by spaces or commas, and each counts once', () => {
  assert.deepEqual(namesOf(' vit, fan\nvit '), ['vit', 'fan']);
  assert.deepEqual(namesOf('vit data:application/octet-stream;base64,AAAA'), ['vit', 'data:application/octet-stream;base64,AAAA']);
});

test('no name and a star mean the whole zoo, in its order', () => {
  assert.deepEqual(chosen([], ZOO), ['a', 'b']);
  assert.deepEqual(chosen(['*', 'blob:x', 'a'], ZOO), ['a', 'b', 'blob:x']);
  assert.deepEqual(chosen(['b'], ZOO), ['b']);
  assert.deepEqual(chosen(['photos/*', 'a'], ZOO), ['photos/a', 'photos/b', 'a']);
  assert.deepEqual(chosen(['photos/c'], ZOO), ['photos/c'], 'by its name');
  assert.deepEqual(chosen(['nothing/*'], ZOO), ['nothing/*'], 'to be refused by name');
  assert.deepEqual(chosen([], []), []);
});

test('a model that joins keeps the zoo, whether it has arrived or not, and leaves no trace when it goes', () => {
  const joined = withModel('', 'blob:x');
  assert.deepEqual(chosen(namesOf(joined), ZOO), ['a', 'b', 'blob:x']);
  assert.equal(withModel(joined, 'blob:x'), joined);
  assert.equal(withoutModel(joined, 'blob:x'), '');
  assert.equal(withoutModel('vit blob:x', 'blob:x'), 'vit');
});

test('names of the zoo are no addresses', () => {
  assert.deepEqual(['vit', 'http-net', 'https://a/b', 'blob:x', 'data:,'].map(isAddress), [false, false, true, true, true]);
});

test('a model is called by its name or the last part of its address', () => {
  const titles = ['vit', 'https://host/a/mine.safetensors?x=1', 'data:,x', 'https://host/'].map(titleOf);
  assert.deepEqual(titles, ['vit', 'mine.safetensors', 'a model in the address', 'https://host/']);
});

test('an address that cannot be resolved stays as it is', () => {
  assert.equal(addressOf('a.png', 'http://host/page/'), 'http://host/page/a.png');
  assert.equal(addressOf('scene:7/3', 'http://host/'), 'scene:7/3');
  assert.equal(addressOf('http://', 'http://host/'), 'http://');
});
