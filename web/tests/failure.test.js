import assert from 'node:assert/strict';
import test from 'node:test';
import { startFailure, workerFailure } from '../element/engine/failure.js';

test('what a policy forbids is said with what allows it', () => {
  const chromium = "CompileError: WebAssembly.compile(): Refused to compile or instantiate WebAssembly module because 'unsafe-eval' is not an allowed source of script";
  const firefox = 'CompileError: call to WebAssembly.compile() blocked by CSP';
  for (const message of [chromium, firefox]) assert.match(startFailure(message), /policy forbids WebAssembly.*'wasm-unsafe-eval'/);
  assert.match(workerFailure('worker-src', 'https://host/worker.js'), /policy forbids workers.*worker-src/);
});

test('an old browser is told so, and any other reason stands as it is', () => {
  assert.match(startFailure('CompileError: WebAssembly.compile(): invalid value type 0x7b'), /Use a current one/);
  assert.match(startFailure('WebAssembly is not defined'), /switched off/);
  assert.equal(startFailure('engine-cpu_bg.wasm is missing.'), 'engine-cpu_bg.wasm is missing.');
  assert.match(workerFailure('', 'https://host/worker.js'), /https:\/\/host\/worker\.js/);
});
