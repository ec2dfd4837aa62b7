import assert from 'node:assert/strict';
import test from 'node:test';
import { queryOf, valuesOf } from '../page/address.js';

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

test('what an address says is brought into its range, and what cannot be read is left out', () => {
  const all = 'src=scene:7/3&corruption=fog&severity=4&seed=9&protocol=full-size&models=vit+fan';
  assert.deepEqual(valuesOf(`?${all}`), { src: 'scene:7/3', corruption: 'fog', severity: '4', seed: '9', protocol: 'full-size', models: 'vit fan' });
  assert.deepEqual(valuesOf('?severity=99&seed=-4'), { severity: '5', seed: '0' });
  assert.deepEqual(valuesOf('?severity=2.6&seed=1e12'), { severity: '3', seed: '4294967295' });
  assert.deepEqual(valuesOf('?severity=abc&seed=&corruption=<b>'), {});
  for (const src of ['javascript:alert(1)', 'blob:http://host/1', 'file:///etc/passwd', 'FILE:///x', `https://host/${'a'.repeat(2000)}`]) {
    assert.deepEqual(valuesOf(`?src=${encodeURIComponent(src)}`), {}, src);
  }
  for (const src of ['photo.jpg', '../a/b.png', 'https://host/a.png', '//host/a.png']) assert.deepEqual(valuesOf(`?src=${src}`), { src });
  const names = Array.from({ length: 40 }, (_, i) => `m${i}`).join(' ');
  assert.equal(valuesOf(`?models=${names}`).models.split(' ').length, 12);
  assert.equal(valuesOf('?models=vit,fan data:x;base64,AA').models, 'vit fan data:x;base64,AA');
  assert.equal(valuesOf('?models=vit blob:http://host/1 javascript:x, fan').models, 'vit fan');
});
