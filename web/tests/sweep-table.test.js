import assert from 'node:assert/strict';
import test from 'node:test';
import { accuracy, addedError, commands, csv, meanAccuracy, meanCorruptionError } from '../element/sweep/table.js';

const count = (right, images) => ({ right, images });
const MODEL = { name: 'vit', title: 'ViT', protocol: '', refusal: null, clean: count(9, 10), cells: [[count(8, 10), count(2, 10)], [count(5, 10), count(0, 10)]] };
const TALLY = {
  corruptions: [{ name: 'fog', set: 'Common' }, { name: 'saturate', set: 'Extra' }],
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
  assert.equal(commands(TALLY), 'vitro eval zoo/vit.safetensors --data scenes --only fog,saturate --severity 1,5 --limit 10 --seed 3');
  const untouched = commands({ ...TALLY, corruptions: [], models: [{ ...MODEL, name: 'https://host/my bundle.safetensors?x=1' }] });
  assert.equal(untouched, "vitro eval 'my bundle.safetensors' --data scenes --clean --limit 10 --seed 3");
  const quoted = commands({ ...TALLY, models: [MODEL] }, new Map([['vit', "it's; rm"]]));
  assert.ok(quoted.startsWith("vitro eval 'it'\\''s; rm' --data"), quoted);
});
