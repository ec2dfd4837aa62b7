import assert from 'node:assert/strict';
import test from 'node:test';
import { accuracy, addedError, commands, csv, meanAccuracy, meanCorruptionError } from '../element/sweep/table.js';
import { rowsOf } from '../element/sweep/heat.js';
import { shadeOf } from '../element/sweep/shades.js';
import { SHADES_STYLE } from '../element/sweep/shades-style.js';
import { add, begin, empty, refuse } from '../element/sweep/tally.js';

const count = (right, images) => ({ right, images });
const MODEL = { name: 'vit', title: 'ViT', protocol: '', refusal: null, clean: count(9, 10), cells: [[count(8, 10), count(2, 10)], [count(5, 10), count(0, 10)]] };
const TALLY = {
  dataset: 'scenes', counted: 'scenes', corruptions: [{ name: 'fog', set: 'Common' }, { name: 'saturate', set: 'Extra' }],
  severities: [1, 5], seed: 3, images: 10, done: 10, failed: [], seconds: 1,
  models: [MODEL, { ...MODEL, name: 'gone', refusal: 'It is left out.' }],
};

test("intervals are Wilson's, and have a width at the ends", () => {
  const { value, low, high } = accuracy(count(8, 10));
  // What defines them: at either end, 0.8 is just as far away as chance allows.
  for (const end of [low, high]) assert.ok(Math.abs(Math.abs(0.8 - end) - 1.959963984540054 * Math.sqrt((end * (1 - end)) / 10)) < 1e-12);
  assert.equal(value, 0.8);
  const [none, all] = [accuracy(count(0, 100)), accuracy(count(100, 100))];
  assert.ok(none.low === 0 && none.high > 0.03 && none.high < 0.04, JSON.stringify(none));
  assert.ok(Math.abs(1 - all.low - none.high) < 1e-12 && all.high === 1);
  assert.equal(accuracy(count(0, 0)), null);
});

test('a mean over corruptions has the interval of its images, which the corruptions share', () => {
  const mean = meanAccuracy([count(8, 10), count(4, 10)]);
  assert.ok(Math.abs(mean.value - 0.6) < 1e-12 && Math.abs(mean.high - accuracy(count(6, 10)).high) < 1e-12);
  assert.equal(meanAccuracy([]), null);
  assert.equal(meanAccuracy([count(0, 0)]), null);
});

test('errors are means over the cells of the benchmark alone', () => {
  assert.ok(Math.abs(meanCorruptionError(TALLY, MODEL) - (0.2 + 0.8) / 2) < 1e-12);
  assert.ok(Math.abs(addedError(TALLY, MODEL) - (0.5 - 0.1)) < 1e-12);
  const extra = { ...TALLY, corruptions: TALLY.corruptions.slice(1) };
  assert.equal(meanCorruptionError(extra, { ...MODEL, cells: MODEL.cells.slice(1) }), null);
});

test('CSV has a line for each condition and quotes what needs it', () => {
  const odd = { ...TALLY, models: [{ ...MODEL, name: 'a "b", c' }] };
  const lines = csv(odd).split('\r\n');
  assert.equal(lines.length, 1 + 1 + 4 + 1);
  assert.equal(lines[0], 'model,corruption,severity,right,images,accuracy,low,high');
  assert.match(lines[1], /^"a ""b"", c",,0,9,10,0\.9,/);
  assert.match(lines[3], /^"a ""b"", c",fog,5,2,10,0\.2,/);
  assert.equal(csv(TALLY).includes('gone'), false);
});

test('the command line counts the same', () => {
  assert.equal(commands(TALLY), 'vitro eval zoo:vit --data scenes --only fog,saturate --severity 1,5 --limit 10 --seed 3 --device cpu');
  const untouched = commands({ ...TALLY, corruptions: [], models: [{ ...MODEL, name: 'https://host/my bundle.safetensors?x=1' }] });
  assert.equal(untouched, "vitro eval 'my bundle.safetensors' --data scenes --clean --limit 10 --seed 3 --device cpu");
  assert.ok(commands({ ...TALLY, dataset: 'my pets', counted: 'images' }).includes(" --data './my pets' --only"));
  const quoted = commands({ ...TALLY, models: [MODEL] }, new Map([['vit', "it's; rm"]]));
  const nameless = commands({ ...TALLY, models: [{ ...MODEL, name: 'data:application/octet-stream;base64,AA/AA' }] });
  assert.ok(nameless.startsWith('vitro eval bundle.safetensors --data'), nameless);
  assert.ok(quoted.startsWith("vitro eval 'it'\\''s; rm' --data"), quoted);
});

test('a heat map has the numbers of the cells, and the mean over several corruptions last', () => {
  const rows = rowsOf({ corruptions: [{ title: 'Fog' }, { title: 'Saturate' }] }, MODEL);
  const numbers = rows.map(({ title, cells }) => [title, ...cells.map(({ share }) => share.value)]);
  assert.deepEqual(numbers, [['Fog', 0.8, 0.2], ['Saturate', 0.5, 0], ['mean', 0.65, 0.1]]);
  assert.equal(rowsOf({ corruptions: [{ title: 'Fog' }] }, { cells: [MODEL.cells[0]] }).length, 1);
  assert.equal(rowsOf({ corruptions: [{ title: 'Fog' }] }, { cells: [[count(0, 0)]] })[0].cells[0].share, null);
});

test('numbers can be read on every colour of a heat map', () => {
  const part = (level) => (level <= 0.04045 * 255 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) => 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  const seen = new Set();
  for (let percent = 0; percent <= 100; percent++) {
    const [, ground, letters] = new RegExp(`^\\.heat \\.${shadeOf(percent / 100)} { background-color: rgb\\((.*)\\); color: (.*); }$`, 'm').exec(SHADES_STYLE);
    const [low, high] = [light(ground.split(' ').map(Number)), letters === '#000' ? 0 : 1].sort((a, b) => a - b);
    assert.ok((high + 0.05) / (low + 0.05) >= 4.5, `${percent} %`);
    seen.add(ground);
  }
  assert.equal(seen.size, 21);
});

test('a scene is first wrong once for each corruption, also where it is right again later', () => {
  const tally = empty({ models: ['vit', 'fan'], severities: [1, 3, 5], seed: 0 });
  begin(tally, [{ name: 'fog' }, { name: 'snow' }], []);
  assert.deepEqual(tally.models[0].flips, [0, 0, 0, 0, 0]);
  add(tally, [['vit', Uint8Array.of(1, 1, 0, 1, 1, 1, 1)], ['fan', Uint8Array.of(0, 1, 1, 1, 0, 0, 0)]]);
  add(tally, [['vit', Uint8Array.of(1, 0, 0, 0, 1, 1, 0)], ['fan', Uint8Array.of(1, 1, 1, 1, 1, 1, 1)]]);
  assert.deepEqual(tally.models.map(({ flips }) => flips), [[0, 1, 1, 1, 1], [2, 0, 0, 0, 2]]);
  refuse(tally, 'fan', 'It is left out.');
  assert.deepEqual(tally.models[1].flips, [0, 0, 0, 0, 0]);
  const untouched = empty({ models: ['vit'], severities: [1, 3], seed: 0 });
  begin(untouched, [], []);
  add(untouched, [['vit', Uint8Array.of(1)]]);
  assert.deepEqual(untouched.models[0].flips, []);
});
