import assert from 'node:assert/strict';
import test from 'node:test';
import { forScenes } from '../page/sources.js';

test('scenes are for the models that learned them, and for those that the visitor brought', () => {
  assert.equal(forScenes('cifar10/*'), '*');
  assert.equal(forScenes('cifar10/vit blob:http://host/1 https://host/a.safetensors'), '* blob:http://host/1 https://host/a.safetensors');
  assert.equal(forScenes('vit fan'), 'vit fan');
  assert.equal(forScenes('vit cifar10/vit'), 'vit');
  assert.equal(forScenes(''), '');
});
