// counting.js: what a worker of a sweep does. It is given one scene, or image of a folder, at a time and answers with a bit for each
// model and condition, when all of them are known; images and tensors stay here.
//
// It is shown in parts of some conditions, so that memory stays small, every call ends soon, and models that prepare
// images alike share the corrupted ones. The processor engine makes the images; it judges them as well, unless another engine does.

import * as cpu from '../engine-cpu.js';
import { Guard } from '../engine/worker/guard.js';
import { pause } from '../engine/worker/pause.js';
import { codeOf, sentence } from '../engine/worker/refusal.js';

/** @import { EngineLike, EngineSweep } from '../engine/worker/engine-module.js' */
/** @import { CountScene, FromSweeper, Loaded, Open, ToSweeper } from './messages.js' */

/** Whoever trained on a folder without a test folder held some of its images out, and nobody here knows which. */
const TRAINED_ON = 'it was trained on a folder of this name, so these may be its training images; choose a folder with “train” and “test” in it, or rename it';

/**
 * @typedef {object} Judging who judges
 * @property {number} batch images in one forward pass
 * @property {(module: WebAssembly.Module | null) => Promise<EngineLike | null>} start another engine; null where the processor's judges
 */
/** @typedef {{ name: string, shown: string, id: number, judged: number, preprocess: string, columns: Uint32Array }} Model */

const guard = new Guard(post, new Map());
/** @type {Model[]} */
let models = [];
/** @type {{ engine: EngineLike, judge: EngineLike, batch: number, sweep: EngineSweep, labels: number[] } | null} */
let parts = null;

/** Until when nothing is begun. */
let rest = 0;
/** Whether a batch has waited already. */
let waited = false;

/** Does what it is told from now on. @param {Judging} judging */
export function listen(judging) {
  onmessage = async ({ data }) => {
    const message = /** @type {ToSweeper} */ (data);
    try {
      if (message.kind === 'open') await open(message, judging);
      else if (message.kind === 'drop') drop(message.name);
      else if (message.kind === 'rest') rest = performance.now() + message.milliseconds;
      else await count(message);
    } catch (error) {
      post({ kind: 'failed', message: sentence(error) });
    }
  };
}

/** The engine broke outside of any call. @param {string} reason */
export function broke(reason) {
  post({ kind: 'broken', id: null, message: reason });
}

/** @param {Open} message @param {Judging} judging */
async function open({ module, webgpu, bundles, asked, folder }, { batch, start }) {
  const task = { kind: /** @type {const} */ ('engine'), key: 'engine', name: 'the engine' };
  const { engine, judge, sweep } = await guard.run(task, async () => {
    await cpu.default({ module_or_path: module });
    const own = await cpu.open();
    return {
      engine: own,
      judge: (await start(webgpu)) ?? own,
      sweep: new cpu.Sweep([...asked.corruptions], Uint8Array.from(asked.severities), asked.seed),
    };
  });
  const scenes = [...(folder ? sweep.chosen(Uint32Array.from(folder.labels), asked.images) : sweep.scenes(asked.images))];
  /** @type {Loaded[]} */
  const loaded = [];
  for (const { name, shown, bytes } of bundles) {
    try {
      const model = await guard.run({ kind: 'load', key: `model ${name}`, name: shown }, () => {
        const id = engine.load(bytes);
        const { title, preprocess, dataset } = JSON.parse(engine.manifest(id));
        if (folder && !folder.hasTraining && dataset === folder.name) throw new Error(TRAINED_ON);
        const columns = engine.columns(id, folder?.classes ?? []);
        const protocol = engine.protocol(id, scenes.length, folder?.labels.length ?? scenes.length, asked.seed, folder?.name);
        loaded.push({ name, title, protocol });
        const judged = judge === engine ? id : judge.load(bytes);
        return { name, shown, id, judged, preprocess: JSON.stringify(preprocess), columns };
      });
      models.push(model);
    } catch (error) {
      post({ kind: 'refused', name, message: `${capital(shown)} is left out: ${sentence(error)}.` });
    }
  }
  parts = { engine, judge, batch, sweep, labels: folder?.labels ?? [] };
  const rows = new Map(JSON.parse(cpu.corruptions()).map((/** @type {{ name: string }} */ row) => [row.name, row]));
  post({ kind: 'opened', scenes, models: loaded, corruptions: asked.corruptions.map((name) => rows.get(name)) });
}

/** @param {string} name */
function drop(name) {
  const model = models.find((candidate) => candidate.name === name);
  if (model && parts) {
    parts.engine.unload(model.id);
    if (parts.judge !== parts.engine) parts.judge.unload(model.judged);
  }
  models = models.filter((candidate) => candidate !== model);
}

/** @param {CountScene} message */
async function count({ scene: index, image }) {
  if (!parts) throw new Error('The sweep is not open.');
  const what = image?.path ?? `scene ${index}`;
  const { conditions } = parts.sweep;
  const { batch } = parts;
  const right = new Map(models.map(({ name }) => [name, new Uint8Array(conditions)]));
  for (const preprocess of new Set(models.map((model) => model.preprocess))) {
    const task = { kind: /** @type {const} */ ('scene'), key: `scene ${index}`, name: what };
    try {
      const { sweep, labels } = parts;
      const bytes = image && new Uint8Array(await image.file.arrayBuffer());
      const scene = await guard.run(task, () => (bytes ? sweep.openFile(index, bytes, labels[index] ?? 0, preprocess) : sweep.open(index, preprocess)));
      for (let from = 0; from < conditions; from += batch) {
        waited = false;
        await rested();
        const pixels = await guard.run(task, () => scene.pixels(from, from + batch));
        for (const model of models.filter((candidate) => candidate.preprocess === preprocess)) {
          await rested();
          if (!models.includes(model)) continue; // Another worker met its fault meanwhile.
          const judged = await judge(model, pixels, scene.label);
          if (judged) right.get(model.name)?.set(judged, from);
        }
      }
      scene.free();
    } catch (error) {
      return post({ kind: 'missed', scene: index, message: `${image ? what : capital(what)} is not counted: ${sentence(error)}.` });
    }
  }
  const counted = models.map(({ name }) => name);
  post({ kind: 'counted', scene: index, right: [...right].filter(([name]) => counted.includes(name)) });
}

/** Lets newer messages in, and waits for as long as they say; once a batch, so that a camera, which asks all the time, does not stop the count. */
async function rested() {
  await pause();
  const left = rest - performance.now();
  if (left <= 0 || waited) return;
  waited = true;
  await new Promise((resume) => setTimeout(resume, left));
}

/** A part of a scene's bits, or null for a model that is refused now. @param {Model} model @param {Uint8Array} pixels @param {number} label */
async function judge({ name, shown, judged: id, columns }, pixels, label) {
  try {
    const { judge: own } = /** @type {NonNullable<typeof parts>} */ (parts);
    return await guard.run({ kind: 'classify', key: `model ${name}`, name: shown }, () => own.judge(id, pixels, columns[label] ?? -1));
  } catch (error) {
    // What is wrong with a card is not wrong with a model.
    if (parts && parts.judge !== parts.engine && codeOf(error) === 'engine') {
      broke(sentence(error));
      return new Promise(() => {});
    }
    drop(name);
    post({ kind: 'refused', name, message: `${capital(shown)} is left out: ${sentence(error)}.` });
    return null;
  }
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {FromSweeper | import('../engine/messages.js').FromWorker} message */
function post(message) {
  postMessage(message);
}
