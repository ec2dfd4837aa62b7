import assert from 'node:assert/strict';
import test from 'node:test';
import { Corrupter, DEADLINES, IDLE_MS } from '../element/corrupt/client.js';

// What a client still waits for when its test is over keeps Node awake for no longer than the tests.
for (const name of ['setInterval', 'setTimeout']) {
  const begin = globalThis[name];
  globalThis[name] = (...values) => begin(...values).unref();
}

globalThis.ImageData ??= class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};

/** A client whose workers only record what they are told; `say` speaks for the newest. */
function client() {
  const workers = [];
  const corrupter = new Corrupter(() => {
    const worker = { heard: [], ended: false, postMessage: (message) => worker.heard.push(message), terminate: () => (worker.ended = true) };
    workers.push(worker);
    return worker;
  });
  const say = (message, worker = workers.at(-1)) => worker.onmessage({ data: message });
  const wait = (seconds) => {
    for (let second = 0; second < seconds; second++) corrupter.tick(1);
  };
  return { corrupter, workers, say, wait };
}

const SOURCE = { src: 'https://example.org/a.jpg', file: undefined, credentials: 'omit' };
const FOG = { corruption: 'fog', severity: 3, seed: 0 };
const READY = { kind: 'ready', corruptions: [{ name: 'fog' }] };
const opened = (view) => ({ kind: 'opened', view, side: 2, pixels: new Uint8Array(16) });
const corrupted = (request) => ({ kind: 'corrupted', view: request.view, number: request.number, side: 2, pixels: new Uint8Array(16).fill(7), milliseconds: 3 });

/** An open image. */
async function open({ corrupter, say }) {
  const opening = corrupter.open(SOURCE);
  say(READY);
  say(opened(1));
  return opening;
}

/** A test with a client of its own. */
function claim(title, body) {
  test(title, () => body(client()));
}

claim('an image is opened, corrupted and closed', async ({ corrupter, workers, say }) => {
  const image = await open({ corrupter, say });
  assert.deepEqual([image.side, image.clean.length, corrupter.corruptions.length], [2, 16, 1]);
  const answer = corrupter.corrupt(image, FOG);
  say(corrupted(workers[0].heard.at(-1)));
  const { pixels, milliseconds } = await answer;
  assert.deepEqual([pixels.width, pixels.data[0], milliseconds], [2, 7, 3]);
  corrupter.close(image);
  assert.deepEqual(workers[0].heard.map(({ kind }) => kind), ['open', 'corrupt', 'close']);
  await assert.rejects(corrupter.corrupt(image, FOG), { code: 'image' });
});

claim('nothing starts before the first request, and one worker serves every image', async ({ corrupter, workers }) => {
  assert.equal(workers.length, 0);
  corrupter.open(SOURCE).catch(() => {});
  corrupter.open(SOURCE).catch(() => {});
  assert.equal(workers.length, 1);
  assert.deepEqual(workers[0].heard.map(({ view }) => view), [1, 2]);
});

claim('the newest request of an image wins, whatever the order of answers', async ({ corrupter, workers, say }) => {
  const image = await open({ corrupter, say });
  const older = corrupter.corrupt(image, FOG);
  const newer = corrupter.corrupt(image, { ...FOG, severity: 5 });
  await assert.rejects(older, { name: 'AbortError' });
  const [first, second] = workers[0].heard.slice(1);
  say(corrupted(first));
  say(corrupted(second));
  assert.equal((await newer).milliseconds, 3);
});

claim('an aborted request rejects with the reason of its signal, and the worker hears of it', async ({ corrupter, workers, say }) => {
  const image = await open({ corrupter, say });
  const reason = new Error('no longer wanted');
  const controller = new AbortController();
  const answer = corrupter.corrupt(image, FOG, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(answer, reason);
  assert.equal(workers[0].heard.at(-1).kind, 'cancel');
  await assert.rejects(corrupter.corrupt(image, FOG, { signal: controller.signal }), reason);
  await assert.rejects(corrupter.open(SOURCE, { signal: controller.signal }), reason);
});

claim('an image that is refused is refused with its code', async ({ corrupter, say }) => {
  const opening = corrupter.open(SOURCE);
  say({ kind: 'refused', view: 1, number: null, code: 'network', message: 'It is not there.' });
  await assert.rejects(opening, { code: 'network', message: 'It is not there.' });
});

claim('a call beyond its deadline is refused, and the rest is asked of a new worker', async ({ corrupter, workers, say, wait }) => {
  const image = await open({ corrupter, say });
  const other = corrupter.open(SOURCE);
  const answer = corrupter.corrupt(image, FOG);
  say({ kind: 'began', id: 1, task: { kind: 'corruption', key: '1', name: 'fog' } });
  wait(DEADLINES.call);
  assert.equal(workers.length, 1);
  wait(1);
  await assert.rejects(answer, { code: 'corruption', message: /^Fog gave no result within 30 s, so it is left out\. Choose/ });
  assert.equal(workers[0].ended, true);
  assert.deepEqual(workers[1].heard.map(({ kind, view }) => [kind, view]), [['open', 1], ['open', 2]]);
  say(READY);
  say(opened(1));
  say(opened(2));
  assert.equal((await other).id, 2);
  const again = corrupter.corrupt(image, FOG);
  say(corrupted(workers[1].heard.at(-1)));
  assert.equal((await again).pixels.width, 2);
});

claim('a page that slept does not blame the engine', async ({ corrupter, workers, say }) => {
  await open({ corrupter, say });
  say({ kind: 'began', id: 1, task: { kind: 'corruption', key: '1', name: 'fog' } });
  corrupter.tick(3600);
  assert.equal(workers.length, 1);
});

claim('a dead worker is replaced; the image that broke it is refused', async ({ corrupter, workers, say }) => {
  const image = await open({ corrupter, say });
  const bad = corrupter.open(SOURCE);
  const answer = corrupter.corrupt(image, FOG);
  say({ kind: 'began', id: 1, task: { kind: 'image', key: '2', name: '“b.jpg”' } });
  say({ kind: 'broken', id: 1, message: 'panicked at x.rs:1:\nno' });
  await assert.rejects(bad, { code: 'image', message: /“b\.jpg” stopped the engine .* Choose another image/ });
  assert.deepEqual(workers[1].heard.map(({ kind }) => kind), ['open', 'corrupt']);
  say(corrupted(workers[0].heard.at(-1)), workers[0]);
  say(corrupted(workers[1].heard.at(-1)));
  assert.equal((await answer).milliseconds, 3);
});

claim('an engine that does not start says so to everybody, and the next request tries anew', async ({ corrupter, workers, say, wait }) => {
  const opening = corrupter.open(SOURCE);
  wait(DEADLINES.start + 1);
  await assert.rejects(opening, { code: 'engine', message: /did not start/ });
  await assert.rejects(corrupter.ready, { code: 'engine' });
  const again = corrupter.open(SOURCE);
  assert.equal(workers.length, 2);
  say({ kind: 'failed', message: 'WebAssembly is not defined' });
  await assert.rejects(again, /switched off in this browser/);
});

test('the worker ends when no image has been open for a while, and not before', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const { corrupter, workers, say } = client();
  const image = await open({ corrupter, say });
  corrupter.close(image);
  t.mock.timers.tick(IDLE_MS - 1);
  const second = corrupter.open(SOURCE);
  t.mock.timers.tick(IDLE_MS);
  assert.equal(workers[0].ended, false);
  say(opened(2));
  corrupter.close(await second);
  t.mock.timers.tick(IDLE_MS);
  assert.deepEqual([workers.length, workers[0].ended], [1, true]);
});
