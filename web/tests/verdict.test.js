import assert from 'node:assert/strict';
import test from 'node:test';
import { firstFailure, holds, percent } from '../element/compare/verdict.js';

test('an answer holds while it is the label, or the answer to the clean image', () => {
  assert.deepEqual(holds([1, 1, null, 2], 1), [true, true, null, false]);
  assert.deepEqual(holds([2, 2, 1], null), [true, true, false]);
  assert.deepEqual(holds([null, 2], null), [null, null]);
});

test('the first failure is known once everything below it is', () => {
  assert.equal(firstFailure([true, null, false]), null);
  assert.equal(firstFailure([true, true, false, true]), 2);
  assert.equal(firstFailure([true, true]), null);
  assert.equal(firstFailure([false]), 0);
});

test('a small fraction is not called nothing', () => {
  assert.deepEqual([0, 0.001, 0.005, 0.5, 1].map(percent), ['0 %', '<1 %', '1 %', '50 %', '100 %']);
});
