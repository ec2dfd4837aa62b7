import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { asked, Damaged, isWhole, weightsOf } from '../element/engine/worker/whole.js';

test('the weights of every bundle of the zoo have the hash that its list names, and one changed byte has not', async () => {
  const zoo = new URL('../../zoo/', import.meta.url);
  const list = JSON.parse(await readFile(new URL('index.json', zoo), 'utf8'));
  assert.ok(list.length > 0);
  for (const { file, weights_sha256: hash } of list) {
    const bytes = new Uint8Array(await readFile(new URL(file, zoo)));
    assert.ok(await isWhole(weightsOf(bytes), hash), file);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    assert.ok(!(await isWhole(weightsOf(bytes), hash)), file);
  }
});

test('files that are cut off or no bundles have no weights that fit', async () => {
  const hash = createHash('sha256').update('weights').digest('hex');
  for (const text of ['', 'web', '<!doctype html><p>not found']) assert.ok(!(await isWhole(weightsOf(new TextEncoder().encode(text)), hash)), text);
  assert.ok(await isWhole(new TextEncoder().encode('weights'), hash));
  assert.ok(await isWhole(new Uint8Array(), undefined), 'nothing is known of it');
});

test('what is damaged is asked for once more, past every cache, and nothing else is', async () => {
  /** @type {RequestCache[]} */
  const caches = [];
  const ask = (/** @type {() => string} */ answer) => asked(async (cache) => {
    caches.push(cache);
    return answer();
  });
  assert.equal(await ask(() => {
    if (caches.length === 1) throw new Damaged();
    return 'whole';
  }), 'whole');
  assert.deepEqual(caches, ['default', 'reload']);
  await assert.rejects(ask(() => { throw new Damaged(); }), Damaged);
  assert.equal(caches.length, 4);
  await assert.rejects(ask(() => { throw new Error('no network'); }), /no network/);
  assert.equal(caches.length, 5);
});
