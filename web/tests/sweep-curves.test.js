import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { curves, linesOf, spread, STYLES } from '../element/sweep/curves.js';
import { CURVES_STYLE } from '../element/sweep/curves-style.js';

/** Just enough of a document to see what is drawn. */
const document = {
  createElementNS: (space, kind) => ({
    space, kind, attributes: {}, content: [],
    setAttribute(name, value) { this.attributes[name] = value; },
    append(...content) { this.content.push(...content); },
  }),
};

const count = (right) => ({ right, images: 20 });
const model = (title, refusal = null) => ({ name: title, title, refusal, clean: count(19), cells: [[count(15), count(5)], [count(11), count(1)]] });
const TALLY = { corruptions: [{ name: 'fog' }, { name: 'snow' }], severities: [5, 1], models: [model('ViT'), model('gone', 'It is left out.'), model('FAN')] };

function all(element) {
  return typeof element === 'string' ? [] : [element, ...element.content.flatMap(all)];
}

test('lines run from the untouched images through the severities, of one corruption or of all', () => {
  const [vit, fan] = linesOf(TALLY, 'fog');
  assert.deepEqual([vit.name, vit.style, fan.name, fan.style], ['ViT', 0, 'FAN', 2]);
  assert.deepEqual(vit.points.map(({ severity, value }) => [severity, value]), [[0, 0.95], [1, 0.25], [5, 0.75]]);
  const [mean] = linesOf(TALLY);
  assert.ok(Math.abs(mean.points[2].value - (15 + 11) / 40) < 1e-12);
  for (const { low, value, high } of mean.points) assert.ok(low < value && value < high);
});

test('a drawing has no style attribute, and names, markers and bands of its own for every model', () => {
  const drawing = curves(document, linesOf(TALLY, 'fog'), 'fog');
  const elements = all(drawing);
  assert.ok(elements.every(({ attributes, space }) => !('style' in attributes) && space === 'http://www.w3.org/2000/svg'));
  assert.equal(drawing.attributes.role, 'img');
  assert.match(drawing.attributes['aria-label'], /^fog, percent right by severity\. ViT: 95\.0 at 0, 25\.0 at 1, 75\.0 at 5; FAN/);
  const classes = (name) => elements.filter(({ attributes }) => attributes.class?.split(' ')[0] === name).map(({ attributes }) => attributes.class);
  assert.deepEqual(classes('line'), ['line m0', 'line m2']);
  assert.deepEqual(classes('interval'), ['interval m0', 'interval m2']);
  assert.equal(classes('dot').length, 2 * (3 + 1));
  const labels = elements.filter(({ attributes }) => attributes.class === 'label').map(({ content }) => content[0]);
  assert.deepEqual(labels, ['ViT 75.0', 'FAN 75.0']);
  const shapes = elements.filter(({ attributes }) => attributes.class?.startsWith('dot')).map(({ attributes }) => attributes.d.replace(/^M[\d.]+ [\d.]+/, ''));
  assert.equal(new Set(shapes).size, 2);
});

test('names keep their distance and stay inside', () => {
  assert.deepEqual(spread([10, 11, 90, 99], 12, 0, 100), [10, 22, 88, 100]);
  const placed = spread([5, 5, 5], 10, 0, 100).sort((a, b) => a - b);
  assert.ok(placed.every((height, i) => i === 0 || height - placed[i - 1] >= 10));
});

test('nothing counted is drawn as axes alone', () => {
  const drawing = curves(document, [{ name: 'ViT', style: 0, points: [] }], 'fog');
  assert.equal(all(drawing).some(({ attributes }) => /line|dot|label/.test(attributes.class ?? '')), false);
});

test('colours and dashes are those of the charts of `vitro compare`', () => {
  const sheet = readFileSync(new URL('../../shared/src/chart/chart.css', import.meta.url), 'utf8');
  for (let style = 0; style < STYLES; style++) {
    const rule = (text) => new RegExp(`^\\.m${style} \\{(.*)\\}$`, 'm').exec(text)?.[1];
    assert.equal(rule(CURVES_STYLE).replace(/var\(--vitro-model-\d, (light-dark\(.*?\))\)/, '$1'), rule(sheet));
  }
});
