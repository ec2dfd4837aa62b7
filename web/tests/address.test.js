import assert from 'node:assert/strict';
import test from 'node:test';
import { completed, queryOf, valuesOf, withoutForeign } from '../page/address.js';

test('what the visitor dropped stays out of the address, and the rest of the models in it', () => {
  assert.equal(queryOf('', { models: 'vit blob:http://host/1 fan' }), 'models=vit+fan');
  assert.equal(queryOf('?models=vit', { models: '* blob:http://host/1' }, { models: '*' }), '');
  assert.equal(queryOf('?src=scene:1/2', { src: 'blob:http://host/1' }), '');
  assert.equal(queryOf('', { src: 'data:image/png;base64,AAAA' }), '');
});

test('what the address says of anything else stays', () => {
  assert.equal(queryOf('?backend=cpu&severity=1', { severity: '4', theme: undefined }), 'backend=cpu&severity=4');
});

test('an image brings the models that know its kind, and models bring an image of theirs', () => {
  const home = { src: 'cat.jpg', models: 'photographs/*' };
  const bring = (/** @type {{ src?: string, models?: string }} */ asked) => completed(asked, home);
  assert.deepEqual(bring({}), home);
  assert.deepEqual(bring({ src: 'scene:7/3' }), { src: 'scene:7/3', models: '*' });
  assert.deepEqual(bring({ src: 'https://host/a.png' }), { src: 'https://host/a.png', models: 'photographs/*' });
  assert.deepEqual(bring({ models: 'photographs/* https://host/a.safetensors' }).src, 'cat.jpg');
  assert.deepEqual(bring({ models: 'photographs/vit' }).src, 'cat.jpg');
  assert.deepEqual(bring({ models: 'vit fan' }), { src: '', models: 'vit fan' });
  assert.deepEqual(bring({ src: 'a.png', models: 'vit' }), { src: 'a.png', models: 'vit' });
});

test('what other hosts have is left out, and they are named', () => {
  const part = (/** @type {Parameters<typeof withoutForeign>[0]} */ values) => withoutForeign(values, 'https://here/vitro/?severity=2');
  assert.deepEqual(part({ src: 'scene:7/3', models: 'vit fan', severity: '4' }), {
    own: { src: 'scene:7/3', models: 'vit fan', severity: '4' }, withheld: { src: '', models: '' }, hosts: [],
  });
  assert.deepEqual(part({ src: '../a.png', models: 'https://here/x.safetensors data:x,y cifar10/*' }).hosts, []);
  assert.deepEqual(part({ src: '//there:81/a.png', models: 'vit http://here/x.safetensors https://there:81/y.safetensors' }), {
    own: { models: 'vit' }, withheld: { src: '//there:81/a.png', models: 'http://here/x.safetensors https://there:81/y.safetensors' }, hosts: ['there:81', 'here'],
  });
  assert.deepEqual(part({ src: 'HTTPS://there/a.png' }), { own: {}, withheld: { src: 'HTTPS://there/a.png', models: '' }, hosts: ['there'] });
  for (const odd of ['https://', 'http://[', '//:x/', 'a b']) assert.ok(Array.isArray(part({ src: odd, models: odd }).hosts), odd);
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
