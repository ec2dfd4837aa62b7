// worker.js: a thread that counts scenes, or images of a folder. It is given one at a time and answers with a bit for each model and
// condition, when all of them are known; images and tensors stay here.
//
// It is shown in parts of some conditions, so that memory stays small, every call ends soon, and models that prepare
// images alike share the corrupted ones.

import * as cpu from '../engine-cpu.js';
import { Guard } from '../engine/worker/guard.js';
import { sentence } from '../engine/worker/refusal.js';

/** @import { EngineLike, EngineSweep } from '../engine/worker/engine-module.js' */
/** @import { CountScene, FromSweeper, Loaded, Open, ToSweeper } from './messages.js' */

/** Whoever trained on a folder without a test folder held some of its images out, and nobody here knows which. */
const TRAINED_ON = 'it was trained on a folder of this name, so these may be its training images; choose a folder with “train” and “test” in it, or rename it';
/** Images in one forward pass. */
const BATCH = 32;

/** @typedef {{ name: string, shown: string, id: number, preprocess: string, columns: Uint32Array }} Model */

const guard = new Guard(post, new Map());
/** @type {Model[]} */
let models = [];
/** @type {{ engine: EngineLike, sweep: EngineSweep, labels: number[] } | null} */
let parts = null;

onmessage = async ({ data }) => {
  const message = /** @type {ToSweeper} */ (data);
  try {
    if (message.kind === 'open') await open(message);
    else if (message.kind === 'drop') drop(message.name);
    else await count(message);
  } catch (error) {
    post({ kind: 'failed', message: sentence(error) });
  }
};

/** @param {Open} message */
async function open({ module, bundles, asked, folder }) {
  const task = { kind: /** @type {const} */ ('engine'), key: 'engine', name: 'the engine' };
  const { engine, sweep } = await guard.run(task, async () => {
    await cpu.default({ module_or_path: module });
    return {
      engine: await cpu.open(),
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
        return { name, shown, id, preprocess: JSON.stringify(preprocess), columns };
      });
      models.push(model);
    } catch (error) {
      post({ kind: 'refused', name, message: `${capital(shown)} is left out: ${sentence(error)}.` });
    }
  }
  parts = { engine, sweep, labels: folder?.labels ?? [] };
  const rows = new Map(JSON.parse(cpu.corruptions()).map((/** @type {{ name: string }} */ row) => [row.name, row]));
  post({ kind: 'opened', scenes, models: loaded, corruptions: asked.corruptions.map((name) => rows.get(name)) });
}

/** @param {string} name */
function drop(name) {
  const model = models.find((candidate) => candidate.name === name);
  if (model) parts?.engine.unload(model.id);
  models = models.filter((candidate) => candidate !== model);
}

/** @param {CountScene} message */
async function count({ scene: index, image }) {
  if (!parts) throw new Error('The sweep is not open.');
  const what = image?.path ?? `scene ${index}`;
  const { conditions } = parts.sweep;
  const right = new Map(models.map(({ name }) => [name, new Uint8Array(conditions)]));
  for (const preprocess of new Set(models.map((model) => model.preprocess))) {
    const task = { kind: /** @type {const} */ ('scene'), key: `scene ${index}`, name: what };
    try {
      const { sweep, labels } = parts;
      const bytes = image && new Uint8Array(await image.file.arrayBuffer());
      const scene = await guard.run(task, () => (bytes ? sweep.openFile(index, bytes, labels[index] ?? 0, preprocess) : sweep.open(index, preprocess)));
      for (let from = 0; from < conditions; from += BATCH) {
        const pixels = await guard.run(task, () => scene.pixels(from, from + BATCH));
        for (const model of models.filter((candidate) => candidate.preprocess === preprocess)) {
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

/** A part of a scene's bits, or null for a model that is refused now. @param {Model} model @param {Uint8Array} pixels @param {number} label */
async function judge({ name, shown, id, columns }, pixels, label) {
  try {
    const { engine } = /** @type {NonNullable<typeof parts>} */ (parts);
    return await guard.run({ kind: 'classify', key: `model ${name}`, name: shown }, () => engine.judge(id, pixels, columns[label] ?? -1));
  } catch (error) {
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
