import assert from 'node:assert/strict';
import test from 'node:test';
import { textOf, valueOf } from '../element/base/rows.js';
import { ATTRIBUTES as CLASSIFY } from '../element/classify/attributes.js';
import { ATTRIBUTES as COMPARE } from '../element/compare/attributes.js';
import { ATTRIBUTES as CORRUPT } from '../element/corrupt/attributes.js';
import { ATTRIBUTES as SWEEP } from '../element/sweep/attributes.js';

const rows = [...CLASSIFY, ...COMPARE, ...CORRUPT, ...SWEEP];
/** @param {string} name */
const row = (name) => /** @type {import('../element/base/rows.js').Row} */ (rows.find((candidate) => candidate.name === name));

test('a severity that is no number reads as the default, and one beyond the range as its end', () => {
  for (const text of [null, '', ' ', 'abc', 'NaN', '3px']) assert.equal(valueOf(row('severity'), text), 3, String(text));
  for (const [text, severity] of [['0', 0], ['5', 5], ['9', 5], ['-1', 0], ['2.4', 2], ['1e9', 5], ['Infinity', 5]]) {
    assert.equal(valueOf(row('severity'), String(text)), severity, String(text));
  }
});

test('a seed has 32 bits', () => {
  for (const [text, seed] of [['abc', 0], ['7', 7], ['-3', 0], ['4294967296', 4294967295], ['1.9', 2]]) {
    assert.equal(valueOf(row('seed'), String(text)), seed, String(text));
  }
});

test('a choice is one of its words, in any case, or the default', () => {
  assert.equal(valueOf(row('loading'), ' EAGER '), 'eager');
  for (const text of [null, '', 'soon']) assert.equal(valueOf(row('loading'), text), 'lazy');
});

test('every value that an attribute can have is written and read back', () => {
  assert.ok(rows.length > 20);
  for (const each of rows) {
    const values = each.kind === 'flag' ? [true, false] : each.kind === 'choice' ? each.choices ?? [] : each.kind === 'integer' ? [each.min ?? 0, each.max ?? 9] : ['', 'a b'];
    for (const value of [each.default, ...values]) assert.equal(valueOf(each, textOf(each, value)), value, `${each.name} ${value}`);
    assert.equal(valueOf(each, textOf(each, null)), each.default, each.name);
  }
});
