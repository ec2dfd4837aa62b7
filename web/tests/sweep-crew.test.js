import assert from 'node:assert/strict';
import test from 'node:test';
import { checked, crewSize } from '../element/sweep/client.js';
import { Crew } from '../element/sweep/crew.js';

const ASKED = { models: ['vit', 'fan'], corruptions: ['fog', 'snow'], severities: [1, 5], images: 6, seed: 3 };
const SCENES = [2, 5, 11, 12, 30, 41];
const CONDITIONS = 1 + ASKED.corruptions.length * ASKED.severities.length;

/** Which conditions a model is right about: made up, but different for every model and scene. */
function bits(name, scene) {
  return Uint8Array.from({ length: CONDITIONS }, (_, condition) => Number((scene * 7 + condition * 3 + name.length + name.charCodeAt(0)) % 4 > 1));
}

/** A crew whose workers only record what they are told; time stands still until `clock` is moved. */
function crewed({ size = 2, asked = ASKED, refusals = [], webgpu = null } = {}) {
  const workers = [];
  const told = { progress: [], done: [], failed: [] };
  const clock = { now: 0 };
  const start = (ear) => {
    const worker = { ear, heard: [], ended: false, postMessage: (message) => worker.heard.push(message), terminate: () => (worker.ended = true) };
    workers.push(worker);
    return worker;
  };
  const bundles = asked.models.map((name) => ({ name, shown: `“${name}”`, bytes: new Uint8Array() }));
  const tell = { progress: (tally) => told.progress.push(tally), done: (tally) => told.done.push(tally), failed: (reason) => told.failed.push(reason) };
  const crew = new Crew(start, asked, { module: null, webgpu, bundles, refusals }, tell, () => clock.now);
  crew.begin(size);
  return { crew, workers, told, clock };
}

function open(worker) {
  const models = worker.heard[0].bundles.map(({ name }) => ({ name, title: name.toUpperCase(), protocol: 'scenes' }));
  worker.ear.message({ kind: 'opened', scenes: SCENES, models, corruptions: ASKED.corruptions.map((name) => ({ name, set: 'Common' })) });
}

/** The scene that a worker is at, or undefined. */
function given(worker) {
  return worker.heard.filter(({ kind }) => kind === 'scene').at(-1)?.scene;
}

function answer(worker, scene = given(worker)) {
  const dropped = worker.heard.filter(({ kind }) => kind === 'drop').map(({ name }) => name);
  const names = worker.heard[0].bundles.map(({ name }) => name).filter((name) => !dropped.includes(name));
  worker.ear.message({ kind: 'counted', scene, right: names.map((name) => [name, bits(name, scene)]) });
}

/** Lets living workers answer in turn until nothing is asked any more; returns the scenes in the order of the answers. */
function work(workers) {
  const scenes = [];
  const answered = new Map();
  for (let worker = next(); worker; worker = next()) {
    const asked = worker.heard.filter(({ kind }) => kind === 'scene').length;
    answered.set(worker, asked);
    scenes.push(given(worker));
    answer(worker);
  }
  function next() {
    return workers.find((one) => !one.ended && one.heard.filter(({ kind }) => kind === 'scene').length > (answered.get(one) ?? 0));
  }
  return scenes;
}

/** What all scenes but `without` give for a model. */
function expected(name, without = []) {
  const scenes = SCENES.filter((scene) => !without.includes(scene));
  const right = Array.from({ length: CONDITIONS }, (_, condition) => scenes.reduce((sum, scene) => sum + bits(name, scene)[condition], 0));
  return right.map((count) => ({ right: count, images: scenes.length }));
}

const counted = ({ clean, cells }) => [clean, ...cells.flat()];

test('every scene is counted once, and all cells have the same number of images at any time', () => {
  const { workers, told } = crewed();
  workers.forEach(open);
  assert.deepEqual(work(workers).sort((a, b) => a - b), SCENES);
  assert.equal(told.done.length, 1);
  const [tally] = told.done;
  assert.deepEqual([tally.done, tally.images, tally.failed], [6, 6, []]);
  for (const model of tally.models) assert.deepEqual(counted(model), expected(model.name));
  for (const { models, done } of told.progress) {
    for (const cell of models.flatMap(counted)) assert.equal(cell.images, done);
  }
  assert.equal(workers.every(({ ended }) => ended), true);
});

test('a pause gives nothing more out, and its time does not count', () => {
  const { crew, workers, told, clock } = crewed({ size: 1 });
  open(workers[0]);
  clock.now = 2000;
  crew.pause();
  clock.now = 60_000;
  answer(workers[0]);
  assert.equal(workers[0].heard.filter(({ kind }) => kind === 'scene').length, 1);
  assert.equal(told.progress.at(-1).done, 1);
  crew.resume();
  clock.now = 61_000;
  while (told.done.length === 0) answer(workers[0]);
  assert.equal(told.done[0].done, 6);
  assert.equal(told.done[0].seconds, 3);
});

test('a crew that is closed tells nothing any more and its workers are ended', () => {
  const { crew, workers, told } = crewed();
  workers.forEach(open);
  crew.close();
  answer(workers[0], SCENES[0]);
  crew.tick(1000);
  assert.deepEqual([told.done, told.failed], [[], []]);
  assert.equal(workers.length, 2);
  assert.equal(workers.every(({ ended }) => ended), true);
});

test('a worker that dies is replaced and its scene is counted once', () => {
  const { workers, told } = crewed();
  workers.forEach(open);
  const lost = given(workers[0]);
  workers[0].ear.broke('out of memory');
  assert.equal(workers.length, 3);
  open(workers[2]);
  answer(workers[0], lost); // Too late: it was ended.
  const scenes = work(workers);
  assert.deepEqual(scenes.sort((a, b) => a - b), SCENES);
  for (const model of told.done[0].models) assert.deepEqual(counted(model), expected(model.name));
});

test('a scene that breaks the engine is named and the rest is counted', () => {
  const { crew, workers, told } = crewed({ size: 1 });
  open(workers[0]);
  const scene = given(workers[0]);
  workers[0].ear.message({ kind: 'began', id: 1, task: { kind: 'scene', key: `scene ${scene}`, name: `scene ${scene}` } });
  for (let second = 0; second <= crew.deadlines.scene; second++) crew.tick(1);
  assert.equal(workers[0].ended, true);
  open(workers[1]);
  assert.equal(work(workers).includes(scene), false);
  const [tally] = told.done;
  assert.deepEqual(tally.failed.map((one) => one.scene), [scene]);
  assert.match(tally.failed[0].message, /^Scene 2 gave no result within 60 s, so it is not counted\./);
  for (const model of tally.models) assert.deepEqual(counted(model), expected(model.name, [scene]));
});

test('a model that hangs is refused everywhere in a sentence and the others go on', () => {
  const { crew, workers, told } = crewed();
  workers.forEach(open);
  answer(workers[1]);
  workers[0].ear.message({ kind: 'began', id: 1, task: { kind: 'classify', key: 'model vit', name: '“vit”' } });
  for (let second = 0; second <= crew.deadlines.classify; second++) crew.tick(1);
  assert.deepEqual(workers[1].heard.at(-1), { kind: 'drop', name: 'vit' });
  assert.deepEqual(workers[2].heard[0].bundles.map(({ name }) => name), ['fan']);
  open(workers[2]);
  answer(workers[1], given(workers[1]));
  for (let rounds = 0; rounds < 9 && told.done.length === 0; rounds++) workers.slice(1).forEach((worker) => given(worker) !== undefined && answer(worker));
  const [vit, fan] = told.done[0].models;
  assert.match(vit.refusal, /^“vit” gave no result within 60 s, so it is left out\./);
  assert.deepEqual(vit.clean, { right: 0, images: 0 });
  assert.deepEqual(counted(fan), expected('fan'));
});

test('a model that could not be fetched is refused from the start, and with none left the sweep ends at once', () => {
  const some = crewed({ size: 1, refusals: [['vit', 'It is not there.']] });
  assert.deepEqual(some.workers[0].heard[0].bundles.map(({ name }) => name), ['fan']);
  const none = crewed({ refusals: [['vit', 'It is not there.'], ['fan', 'Nor is this.']] });
  assert.equal(none.workers.length, 0);
  assert.deepEqual(none.told.done[0].models.map(({ refusal }) => refusal), ['It is not there.', 'Nor is this.']);
});

test('workers that never start end the sweep in words', () => {
  const { crew, workers, told } = crewed({ size: 1 });
  for (let second = 0; second < 400 && told.failed.length === 0; second++) crew.tick(1);
  assert.equal(workers.length, 3);
  assert.match(told.failed[0], /did not start/);
  const other = crewed();
  other.workers[0].ear.failed('There is no worker here.');
  assert.deepEqual(other.told.failed, ['There is no worker here.']);
  assert.equal(other.workers.every(({ ended }) => ended), true);
});

test('one core is left for the page, and a phone stays cool', () => {
  assert.deepEqual([1, 2, 4, 16, undefined].map((cores) => crewSize(cores, false)), [1, 1, 3, 6, 1]);
  assert.equal(crewSize(8, true), 2);
});

test('a request is made of whole numbers and of names that come once', () => {
  const asked = checked({ models: ['vit', 'vit'], corruptions: ['fog', 'fog'], severities: [5, 1, 9, 1], images: 2.7, seed: NaN });
  assert.deepEqual(asked, { models: ['vit'], corruptions: ['fog'], severities: [1, 5], images: 2, seed: 0, folder: null });
});

test('workers rest when somebody else waits for the processor, and the card is told apart from it', () => {
  const { crew, workers, told } = crewed();
  for (const worker of workers) open(worker);
  crew.rest();
  for (const { heard } of workers) assert.deepEqual(heard.at(-1), { kind: 'rest', milliseconds: 150 });
  assert.equal(told.progress.at(-1).backend, 'cpu');
  crew.close();
  crew.rest(); // Nobody is there any more.
});

test('a card that is lost ends the sweep for its reason, whatever it was at, and no model is refused for it', () => {
  const { workers, told } = crewed({ size: 1, webgpu: {} });
  open(workers[0]);
  assert.equal(told.progress.at(-1).backend, 'webgpu');
  workers[0].ear.message({ kind: 'began', id: 1, task: { kind: 'classify', key: 'model vit', name: '“vit”' } });
  workers[0].ear.message({ kind: 'broken', id: null, message: 'device lost' });
  assert.equal(told.failed.length, 1);
  assert.match(told.failed[0], /device lost/);
  assert.ok(told.progress.at(-1).models.every(({ refusal }) => refusal === null));
  assert.ok(workers[0].ended && workers.length === 1);
});
