import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { curves, linesOf, spread } from '../element/sweep/curves.js';
import { CURVES_STYLE } from '../element/sweep/curves-style.js';
import { STYLES } from '../element/sweep/drawing.js';
import { flips, flipsOf, neverWrong } from '../element/sweep/flips.js';

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

test('a narrow drawing has its names below the plot, each on a line of its own, and none beside it', () => {
  const texts = (width) => {
    const drawing = curves(document, linesOf(TALLY, 'fog'), 'fog', width);
    const labels = all(drawing).filter(({ attributes }) => attributes.class === 'label').map(({ attributes }) => [attributes.x, attributes.y]);
    return { labels, height: drawing.attributes.height, hairs: all(drawing).filter(({ attributes }) => attributes.class === 'hair').length };
  };
  const [wide, narrow] = [texts(600), texts(288)];
  assert.deepEqual([wide.hairs, narrow.hairs], [2, 0]);
  assert.ok(narrow.labels.every(([x, y]) => x < 60 && y > wide.height && y <= narrow.height), JSON.stringify(narrow));
  assert.equal(new Set(narrow.labels.map(([, y]) => y)).size, 2);
});

test('where images are first wrong is a bar for each model in each place, as high as its share', () => {
  const tally = { severities: [1, 5], models: [{ ...model('ViT'), flips: [2, 4, 10, 24] }, { ...model('gone', 'It is left out.'), flips: [0, 0, 0, 0] }, { ...model('FAN'), flips: [0, 4, 4, 32] }] };
  const bars = flipsOf(tally);
  assert.deepEqual(bars, [{ name: 'ViT', style: 0, shares: [0.05, 0.1, 0.25] }, { name: 'FAN', style: 2, shares: [0, 0.1, 0.1] }]);
  assert.deepEqual(tally.models.map(neverWrong), [0.6, null, 0.8]);
  const drawing = flips(document, bars, tally.severities);
  const elements = all(drawing);
  assert.ok(elements.every(({ attributes }) => !('style' in attributes)));
  const heights = (style) => elements.filter(({ attributes }) => attributes.class === `flip ${style}`).map(({ attributes }) => Number(attributes.height));
  const [vit, fan] = [heights('m0'), heights('m2')];
  assert.equal(vit.length, 3);
  assert.ok(Math.abs(vit[1] / vit[0] - 2) < 1e-9 && Math.abs(vit[2] / vit[0] - 5) < 1e-9 && fan[0] === 0 && fan[1] === vit[1], JSON.stringify([vit, fan]));
  assert.match(drawing.attributes['aria-label'], /ViT: 5\.0 at 0, 10\.0 at 1, 25\.0 at 5; FAN/);
  assert.deepEqual(flipsOf({ models: [{ ...model('ViT'), flips: [] }] }), []);
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
