import assert from 'node:assert/strict';
import test from 'node:test';
import { Supervisor } from '../element/engine/supervisor.js';

/** A supervisor whose workers only record what they are told. */
function supervised() {
  const workers = [];
  const told = { messages: [], restarted: [], failed: [] };
  const start = () => {
    const worker = { heard: [], ended: false, postMessage: (message) => worker.heard.push(message), terminate: () => (worker.ended = true) };
    workers.push(worker);
    return worker;
  };
  const supervisor = new Supervisor(start, {
    message: (message) => told.messages.push(message),
    restarted: (reason) => told.restarted.push(reason),
    failed: (reason) => told.failed.push(reason),
  });
  supervisor.begin({ backend: 'cpu', zoo: null, zooBase: null });
  return { supervisor, workers, told };
}

/** Lets a second pass so many times; one long one would count as sleep. */
function wait(supervisor, seconds) {
  for (let second = 0; second < seconds; second++) supervisor.tick(1);
}

const LOOK = { kind: 'look', view: 1, number: 4, src: 'scene:7/3', corruption: 'fog', severity: 3, seed: 0, models: [] };
const MODEL = { kind: 'classify', key: 'model bad', name: '“bad.safetensors”' };
const refusals = (worker) => new Map(worker.heard[0].refused);

test('a call that does not end is given up after its deadline, its model refused, and the rest asked again', () => {
  const { supervisor, workers, told } = supervised();
  supervisor.send({ ...LOOK, number: 3 });
  supervisor.send(LOOK);
  supervisor.hear({ kind: 'began', id: 1, task: MODEL });
  wait(supervisor, supervisor.deadlines.classify);
  assert.equal(workers.length, 1);
  wait(supervisor, 1);
  assert.equal(workers[0].ended, true);
  assert.match(refusals(workers[1]).get('model bad'), /^“bad\.safetensors” gave no result within \d+ s, so it is left out\. Write/);
  assert.deepEqual(workers[1].heard.slice(1), [LOOK]);
  assert.equal(workers[1].heard[0].backend, 'cpu');
  assert.deepEqual(told.failed, []);
});

test('a call that ends in time is not remembered', () => {
  const { supervisor, workers } = supervised();
  for (let id = 0; id < 100; id++) {
    supervisor.hear({ kind: 'began', id, task: MODEL });
    wait(supervisor, 3);
    supervisor.hear({ kind: 'ended', id });
  }
  wait(supervisor, 1000);
  assert.equal(workers.length, 1);
});

test('a page that slept does not blame the engine', () => {
  const { supervisor, workers } = supervised();
  supervisor.hear({ kind: 'began', id: 1, task: MODEL });
  supervisor.tick(3600);
  assert.equal(workers.length, 1);
});

test('a breakdown is blamed on what was going on: the call that is named, or the newest one', () => {
  for (const [id, key] of [[1, 'model bad'], [null, 'image x']]) {
    const { supervisor, workers } = supervised();
    supervisor.hear({ kind: 'began', id: 1, task: MODEL });
    supervisor.hear({ kind: 'began', id: 2, task: { kind: 'image', key: 'image x', name: '“x.jpg”' } });
    supervisor.hear({ kind: 'broken', id, message: 'panicked at matmul.rs:1:\nshapes differ' });
    assert.deepEqual([...refusals(workers[1]).keys()], [key]);
  }
});

test('what is refused stays refused after the next restart', () => {
  const { supervisor, workers } = supervised();
  for (const key of ['model a', 'model b']) {
    supervisor.hear({ kind: 'began', id: 1, task: { ...MODEL, key } });
    supervisor.broke('trap');
  }
  assert.deepEqual([...refusals(workers[2]).keys()], ['model a', 'model b']);
});

test('a file goes to every later worker until it is let go, and with it its refusal', () => {
  const { supervisor, workers } = supervised();
  supervisor.send({ kind: 'file', address: 'blob:1', file: 'the file' });
  supervisor.hear({ kind: 'began', id: 1, task: { ...MODEL, key: 'model blob:1' } });
  supervisor.broke('trap');
  assert.deepEqual(workers[1].heard[0].files, [['blob:1', 'the file']]);
  supervisor.send({ kind: 'forget-file', address: 'blob:1' });
  supervisor.hear({ kind: 'began', id: 1, task: MODEL });
  supervisor.broke('trap');
  assert.deepEqual(workers[2].heard[0].files, []);
  assert.deepEqual([...refusals(workers[2]).keys()], ['model bad']);
});

test('a view that left is not asked for again', () => {
  const { supervisor, workers } = supervised();
  supervisor.send(LOOK);
  supervisor.send({ kind: 'forget', view: 1 });
  supervisor.hear({ kind: 'began', id: 1, task: MODEL });
  supervisor.broke('trap');
  assert.equal(workers[1].heard.length, 1);
});

test('an engine that never starts is given up in words', () => {
  const { supervisor, workers, told } = supervised();
  for (let start = 0; start < 3; start++) wait(supervisor, supervisor.deadlines.start + 1);
  assert.equal(workers.every(({ ended }) => ended), true);
  assert.equal(told.failed.length, 1);
  assert.match(told.failed[0], /did not start/);
  wait(supervisor, 1000);
  assert.equal(workers.length, 3);
});

test('messages for the page are passed on, those of the guard are not', () => {
  const { supervisor, told } = supervised();
  supervisor.hear({ kind: 'began', id: 1, task: MODEL });
  supervisor.hear({ kind: 'ended', id: 1 });
  supervisor.hear({ kind: 'done', view: 1, number: 4 });
  assert.deepEqual(told.messages, [{ kind: 'done', view: 1, number: 4 }]);
});
