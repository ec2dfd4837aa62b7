import assert from 'node:assert/strict';
import test from 'node:test';
import { queryOf } from '../page/address.js';

test('what the visitor dropped stays out of the address, and the rest of the models in it', () => {
  assert.equal(queryOf('', { models: 'vit blob:http://host/1 fan' }), 'models=vit+fan');
  assert.equal(queryOf('?models=vit', { models: '* blob:http://host/1' }), '');
  assert.equal(queryOf('?src=scene:1/2', { src: 'blob:http://host/1' }), '');
  assert.equal(queryOf('', { src: 'data:image/png;base64,AAAA' }), '');
});

test('what the address says of anything else stays', () => {
  assert.equal(queryOf('?backend=cpu&severity=1', { severity: '4', theme: undefined }), 'backend=cpu&severity=4');
});

test('an address is meant to be read', () => {
  assert.equal(queryOf('', { src: 'scene:7/20' }), 'src=scene:7/20');
});
