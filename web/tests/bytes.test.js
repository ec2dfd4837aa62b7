import assert from 'node:assert/strict';
import test from 'node:test';
import { Ledger, megabytes } from '../page/bytes.js';

/** @param {Ledger} ledger @param {string} file @param {number} got @param {number | null} of */
const hear = (ledger, file, got, of, stored = false) => ledger.hear({ file, got, of, stored });

test('the fraction is over all files and never goes back, whatever is announced or asked for again', () => {
  const ledger = new Ledger();
  assert.ok(ledger.done, 'nothing is waited for');
  const seen = [];
  for (const [file, got, of] of /** @type {[string, number, number][]} */ ([
    ['engine', 50, 100], ['vit', 0, 300], ['engine', 100, 100], ['vit', 150, 300], ['vit', 10, 300], ['fan', 0, 400], ['fan', 400, 400], ['vit', 300, 300],
  ])) {
    hear(ledger, file, got, of);
    seen.push(ledger.fraction);
  }
  assert.deepEqual(seen, [...seen].sort((a, b) => a - b));
  assert.deepEqual([seen[0], seen.at(-1), ledger.got, ledger.of, ledger.done], [0.5, 1, 800, 800, true]);
  assert.deepEqual(ledger.complete, ['engine', 'vit', 'fan']);
});

test('a file after everything is there begins anew, and one that is there already does not', () => {
  const ledger = new Ledger();
  hear(ledger, 'engine', 100, 100);
  hear(ledger, 'engine', 0, 100);
  assert.ok(ledger.done);
  hear(ledger, 'fan', 100, 400);
  assert.deepEqual([ledger.fraction, ledger.of, ledger.done], [0.25, 400, false]);
});

test('a file of unknown size does not count, and none is more than whole', () => {
  const ledger = new Ledger();
  hear(ledger, 'theirs', 1000, null);
  hear(ledger, 'engine', 120, 100);
  assert.deepEqual([ledger.fraction, ledger.got, ledger.of], [1, 100, 100]);
});

test('files come from this device when all do that have come', () => {
  const ledger = new Ledger();
  hear(ledger, 'vit', 0, 300);
  assert.ok(!ledger.stored);
  hear(ledger, 'engine', 100, 100, true);
  assert.ok(ledger.stored);
  hear(ledger, 'vit', 10, 300);
  assert.ok(!ledger.stored);
});

test('bytes are told in megabytes', () => {
  assert.equal(megabytes(4_740_972), '4.7 MB');
});
