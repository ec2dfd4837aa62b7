import assert from 'node:assert/strict';
import test from 'node:test';
import { offlineReason, stored } from '../element/engine/worker/stored-copy.js';

test('a copy that is damaged is told from a file that is missing', () => {
  assert.match(stored(new Response('', { status: 504, headers: { 'vitro-stored': 'damaged' } })) ?? '', /damaged.*Connect and reload/);
  assert.equal(stored(new Response('', { status: 404 })), null);
});

test('without a network a sentence says what to do, and with one it says nothing', (context) => {
  const said = (/** @type {boolean} */ onLine) => {
    Object.defineProperty(globalThis, 'navigator', { value: { onLine }, configurable: true });
    return offlineReason('engine-cpu_bg.wasm');
  };
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  context.after(() => before && Object.defineProperty(globalThis, 'navigator', before));
  assert.match(said(false) ?? '', /offline.*engine-cpu_bg\.wasm is not stored.*Connect/);
  assert.equal(said(true), null);
});
