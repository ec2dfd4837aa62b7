import assert from 'node:assert/strict';
import test from 'node:test';
import { listOf, membersOf } from '../page/rows.js';

const ZOO = [
  { name: 'vit', set: 'scenes' },
  { name: 'fan', set: 'scenes' },
  { name: 'cifar10/vit', set: 'cifar10' },
  { name: 'cifar10/fan', set: 'cifar10' },
  { name: 'cifar10/rvt', set: 'cifar10', aside: true },
];

test('a star means what a set opens with, and a name means itself, once', () => {
  assert.deepEqual(membersOf('', ZOO), ['vit', 'fan']);
  assert.deepEqual(membersOf('* vit', ZOO), ['vit', 'fan']);
  assert.deepEqual(membersOf('cifar10/* cifar10/rvt blob:x', ZOO), ['cifar10/vit', 'cifar10/fan', 'cifar10/rvt', 'blob:x']);
  assert.deepEqual(membersOf('nothing/*', ZOO), ['nothing/*'], 'what is no set stays a name, and is refused in words');
  assert.deepEqual(membersOf('*', []), []);
});

test('a choice is written in one word where it is what the set opens with', () => {
  assert.equal(listOf(['vit', 'fan'], [], ZOO), '*');
  assert.equal(listOf(['cifar10/vit', 'cifar10/fan'], ['blob:x'], ZOO), 'cifar10/* blob:x');
  assert.equal(listOf([], ['blob:x'], ZOO), 'blob:x');
  assert.equal(listOf(['cifar10/fan'], [], ZOO), 'cifar10/fan');
  assert.equal(listOf(['cifar10/vit', 'cifar10/fan', 'cifar10/rvt'], [], ZOO), 'cifar10/vit cifar10/fan cifar10/rvt');
});
