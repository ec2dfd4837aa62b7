// worker.js: the engine's thread. Every tensor and every corruption lives here, so the page never waits.
//
// The messages are in ../messages.js. Order of work: the newest look of each view; then the other severities of that look,
// so that moving the slider answers at once and the view can say where a model fails; then thumbnails. Between any two
// steps newer messages are let in and stale work is dropped. Whatever can hang or break goes through the guard.

import { Backends } from './backends.js';
import { Guard } from './guard.js';
import { openImage } from './image.js';
import { Models } from './models.js';
import { pause } from './pause.js';
import { otherwise, preparation } from './preparation.js';
import { codeOf, isCompileError, Refusal, sentence } from './refusal.js';

/** @import { AskInside, FromWorker, Levels, Look, Open, Said, Thumbnails, Timed, ToWorker } from '../messages.js' */
/** @import { Count } from './compile.js' */
/** @import { EngineImage } from './engine-module.js' */
/** @import { Guarded } from './image.js' */
/** @import { Model } from './models.js' */

/** This script's address. Under a name of its own, so that no bundler takes what is made from it for a file. */
const HERE = import.meta.url;

/** One element on the page. */
class View {
  /** @type {Look | null} */
  look = null;
  /** @type {(Thumbnails & { at?: number }) | null} */
  thumbnails = null;
  /** @type {AskInside | null} */
  inside = null;
  /** @type {'look' | 'ahead' | null} */
  todo = null;
  /** What is being opened. @type {string | null} */
  opening = null;
  /** What is open. @type {{ src: string, image: EngineImage, clean: Uint8Array } | null} */
  open = null;
  /** The first model of the look that is here: its pixels are shown. @type {Model | null} */
  first = null;
  /** What models of one preparation see: those of the last severity. @type {{ key: string, pixels: Uint8Array } | null} */
  seen = null;
  /** @type {Map<string, Timed>} */
  answers = new Map();

  /** @param {number} id */
  constructor(id) {
    this.id = id;
  }
}

/** @type {Map<number, View>} */
const views = new Map();
/** @type {Map<string, File>} */
const files = new Map();
/** @type {{ backends: Backends, models: Models, guard: Guard } | null} */
let parts = null;
let ready = false;
let running = false;

onmessage = (event) => {
  const message = /** @type {ToWorker} */ (event.data);
  switch (message.kind) {
    case 'open': return void open(message);
    case 'file': return void files.set(message.address, message.file);
    case 'forget-file': return forgetFile(message.address);
    case 'forget': return forget(message.view);
    case 'look': {
      const view = viewOf(message.view);
      view.look = message;
      view.todo = 'look';
      return void work();
    }
    case 'inside':
      viewOf(message.view).inside = message;
      return void work();
    case 'thumbnails':
      viewOf(message.view).thumbnails = message;
      return void work();
  }
};

/** @param {Open} message */
async function open({ backend, zoo: list, zooBase, refused, files: kept }) {
  try {
    for (const [address, file] of kept) files.set(address, file);
    const guard = new Guard(post, new Map(refused));
    const backends = new Backends(guard, backend, (chip) => post({ kind: 'chip', ...chip }), count);
    const models = new Models(backends, files, count);
    parts = { backends, models, guard };
    const opening = backends.openCpu();
    opening.catch(() => {}); // Awaited below.
    const zoo = await models.readZoo(new URL(zooBase ?? new URL('../../zoo/', HERE)), list);
    for (const { look } of views.values()) {
      fetchModels(models.chosen(look?.models ?? [])); // While the engine compiles.
    }
    await opening;
    backends.onswitch = answerAgain;
    ready = true;
    post({ kind: 'opened', corruptions: backends.corruptions, zoo });
    work();
  } catch (error) {
    post({ kind: 'failed', message: isCompileError(error) ? String(error) : sentence(error) });
  }
}

/** @param {number} id */
function viewOf(id) {
  const view = views.get(id) ?? new View(id);
  views.set(id, view);
  return view;
}

/** @param {number} id */
function forget(id) {
  views.get(id)?.open?.image.free();
  views.delete(id);
}

/** @param {string} address */
function forgetFile(address) {
  files.delete(address);
  parts?.models.forget(address);
}

/** @typedef {NonNullable<typeof parts>} Parts */

/** Works until nothing is left to do. One loop for all views: they share the engine in turn. */
async function work() {
  if (running || !ready || !parts) return;
  running = true;
  for (let step = next(); step; step = next()) {
    try {
      await step.run(step.view, parts);
    } catch (error) {
      step.view.todo = null;
      step.view.thumbnails = null;
      stop(step.view, error);
    }
    await pause();
  }
  running = false;
}

/** The most urgent step, or nothing. */
function next() {
  const all = [...views.values()];
  /** @param {(view: View, parts: Parts) => Promise<void>} run @param {(view: View) => unknown} test */
  const find = (run, test) => {
    const view = all.find(test);
    return view && { run, view };
  };
  return find(look, ({ todo }) => todo === 'look')
    ?? find(inside, (view) => view.inside)
    ?? find(ahead, ({ todo }) => todo === 'ahead')
    ?? find(thumbnail, (view) => view.thumbnails && view.open);
}

/** Answers a view's newest request: its pixels first, then one model after the other. @param {View} view @param {Parts} parts */
async function look(view, parts) {
  const { look: job, open } = view;
  const { models, backends } = parts;
  if (!job) return;
  if (open?.src !== job.src) return openFor(view, job, parts);
  checkCorruption(job, parts);
  view.first = null;
  const names = models.chosen(job.models);
  fetchModels(names);
  if (job.protocol === 'full-size') await showSquare(view, job, parts);
  for (const name of names) {
    await pause();
    if (view.look !== job) return;
    try {
      const model = await models.get(name);
      const { manifest } = model;
      if (view.look !== job) return;
      tell(view, { kind: 'model', name, manifest });
      if (job.protocol === 'measured') {
        const first = (view.first ??= model);
        if (first === model) {
          const pixels = await seen(view, job, job.severity, model, parts);
          if (view.look !== job) return;
          tell(view, { kind: 'pixels', side: manifest.preprocess.image_size, pixels: pixels.slice() });
        } else if (preparation(first) !== preparation(model)) {
          throw new Refusal('bundle', otherwise(model, first));
        }
      }
      const result = await answer(view, job, job.severity, model, parts);
      if (view.look !== job) return;
      const { levels, milliseconds } = sofar(view, job, name, parts);
      tell(view, { kind: 'answer', name, ...result, usual: milliseconds, levels });
    } catch (error) {
      if (view.look === job) tell(view, { kind: 'refused', name, message: sentence(error) });
    }
  }
  if (view.look !== job) return;
  // Without a model there is an image all the same.
  if (job.protocol === 'measured' && !view.first) await showSquare(view, job, parts);
  if (view.look !== job) return;
  tell(view, { kind: 'done' });
  view.todo = 'ahead';
  backends.beginWebgpu(models);
}

/** Shows the square of the look as it is at full size. @param {View} view @param {Look} job @param {Parts} parts */
async function showSquare(view, job, parts) {
  const pixels = await corrupted(view, job, parts);
  if (view.look === job && view.open) tell(view, { kind: 'pixels', side: view.open.image.side, pixels: pixels.slice() });
}

/** Starts all downloads; whoever awaits a model hears of its failure. @param {string[]} names */
function fetchModels(names) {
  parts?.models.announce(names);
  for (const name of names) parts?.models.get(name).catch(() => {});
}

/**
 * Opens the newest `src` of a view without holding up the others; the look is taken up again afterwards.
 * @param {View} view
 * @param {Look} look
 * @param {Parts} parts
 */
async function openFor(view, { src, credentials }, { backends, guard }) {
  view.todo = null;
  if (view.opening === src || !backends.cpu) return;
  view.opening = src;
  const current = () => view.look?.src === src && views.get(view.id) === view;
  // Not awaited: other views go on meanwhile.
  /** @type {Guarded} */
  const guarded = (name, call) => guard.run({ kind: 'image', key: `image ${src}`, name }, call);
  openImage(backends.cpu, guarded, { src, file: files.get(src), credentials }).then((image) => {
    if (!current()) return image.free();
    view.open?.image.free();
    view.open = { src, image, clean: image.clean() };
    view.answers = new Map();
    view.seen = null;
    tell(view, { kind: 'image', src, side: image.side, label: image.label ?? null, pixels: view.open.clean.slice() });
    view.todo = 'look';
    work();
  }).catch((error) => {
    if (current()) stop(view, error);
  }).finally(() => {
    if (view.opening === src) view.opening = null;
  });
}

/** Tells what the layers of a model look at; none where it did not answer. @param {View} view @param {Parts} parts */
async function inside(view, parts) {
  const { inside: job, look } = view;
  view.inside = null;
  const model = job && parts.models.loaded(job.name);
  if (!job || !look) return;
  const answered = model && view.answers.has(answerKey(look, look.severity, job.name));
  const layers = answered ? await parts.backends.layers(model, await seen(view, look, look.severity, model, parts)) : [];
  tell(view, { kind: 'layers', name: job.name, layers }, job.number);
}

/** Computes one answer that the slider may ask for next. @param {View} view @param {Parts} parts */
async function ahead(view, parts) {
  const job = view.look;
  if (!job) return;
  for (const severity of [0, 5, 1, 2, 3, 4]) {
    for (const name of parts.models.chosen(job.models)) {
      const model = parts.models.loaded(name);
      // Only what answered at the look's own severity was compared.
      if (!model || !view.answers.has(answerKey(job, job.severity, name)) || view.answers.has(answerKey(job, severity, name))) continue;
      try {
        await answer(view, job, severity, model, parts);
      } catch (error) {
        // It answered before, so it is this severity that it cannot answer.
        tell(view, { kind: 'refused', name, message: sentence(error) });
        view.todo = null;
        return;
      }
      if (view.look === job) tell(view, { kind: 'ahead', name, ...sofar(view, job, name, parts) });
      return;
    }
  }
  view.todo = null;
}

/**
 * One model on one severity of the view's look, from memory when it was asked before.
 * @param {View} view @param {Look} job @param {number} severity @param {Model} model @param {Parts} parts
 */
async function answer(view, job, severity, model, parts) {
  const { answers } = view;
  const key = answerKey(job, severity, model.name);
  const known = answers.get(key);
  if (known) return known;
  const result = await parts.models.classify(model.name, await seen(view, job, severity, model, parts));
  answers.set(key, result);
  return result;
}

/**
 * What a model sees at one severity of the look; models of one preparation see the same.
 * @param {View} view @param {Look} job @param {number} severity @param {Model} model @param {Parts} parts
 */
async function seen(view, job, severity, model, { backends }) {
  if (!view.open) throw new Refusal('image', 'There is no image yet.');
  const key = [job.src, job.corruption, severity, job.seed, job.protocol, preparation(model)].join(' ');
  if (view.seen?.key !== key) view.seen = { key, pixels: await backends.see(model, view.open.image, { ...job, severity }) };
  return view.seen.pixels;
}

/**
 * What is known of a model on this image so far: its top class at severities 0 to 5, and its usual time.
 * @param {View} view @param {Look} job @param {string} name @param {Parts} parts
 * @returns {Levels}
 */
function sofar(view, job, name, { models, backends }) {
  const known = [0, 1, 2, 3, 4, 5].map((severity) => view.answers.get(answerKey(job, severity, name)));
  const levels = known.map((result) => (result ? result.probabilities.indexOf(Math.max(...result.probabilities)) : null));
  return { levels, milliseconds: models.milliseconds(name, backends.active) };
}

/** @param {Look} look @param {number} severity @param {string} name */
function answerKey({ corruption, seed, protocol }, severity, name) {
  return severity === 0 ? `clean ${name}` : `${corruption} ${severity} ${seed} ${protocol} ${name}`;
}

/** Refuses a corruption that is not in the registry. @param {Look} job @param {Parts} parts */
function checkCorruption({ corruption }, { backends }) {
  const names = backends.corruptions.map(({ name }) => name);
  if (names.includes(corruption)) return;
  throw new Refusal('corruption', `There is no corruption named “${corruption}”. Known: ${names.join(', ')}.`);
}

/** The look's square, corrupted at full size. @param {View} view @param {Look} job @param {Parts} parts */
async function corrupted({ open }, { corruption, severity, seed, src }, { guard }) {
  if (!open) throw new Refusal('image', 'There is no image yet.');
  if (severity === 0) return open.clean;
  const task = { kind: /** @type {const} */ ('corruption'), key: `corruption ${corruption} ${src}`, name: corruption };
  return guard.run(task, () => open.image.corrupt(corruption, severity, seed));
}

/** The next small image of a thumbnail request. @param {View} view @param {Parts} parts */
async function thumbnail(view, { guard, backends }) {
  const { thumbnails: job, open, first, look } = view;
  if (!job) return;
  job.at = (job.at ?? -1) + 1;
  const name = job.names[job.at];
  if (name === undefined || !open || open.src !== job.src) {
    view.thumbnails = null;
    return;
  }
  const { number, severity, seed, side } = job;
  try {
    const small = { src: job.src, corruption: name, severity, seed, protocol: /** @type {const} */ ('measured') };
    const pixels = look?.protocol === 'measured' && first
      ? await backends.see(first, open.image, small, side)
      : await guard.run({ kind: 'corruption', key: `corruption ${name} ${job.src}`, name }, () => open.image.thumbnail(name, severity, seed, side));
    tell(view, { kind: 'thumbnail', corruption: name, side: Math.sqrt(pixels.length / 4), pixels }, number);
  } catch {
    // One small image stays faded; its corruption says why when it is chosen.
  }
}

/** After a change of engine every view is answered again. */
function answerAgain() {
  for (const view of views.values()) {
    view.answers = new Map();
    if (!view.look || view.open?.src !== view.look.src) continue;
    view.look = { ...view.look };
    view.todo = 'look';
    tell(view, { kind: 'again' });
  }
  work();
}

/** @param {View} view @param {unknown} error */
function stop(view, error) {
  tell(view, { kind: 'stopped', src: view.look?.src ?? '', code: codeOf(error), message: sentence(error) });
}

/** @typedef {Said extends infer Each ? Each extends { number: number } ? Omit<Each, 'number'> : Each : never} Unnumbered */

/** @param {View} view @param {Unnumbered} message @param {number} number */
function tell(view, message, number = view.look?.number ?? 0) {
  post({ view: view.id, number, ...message }, 'pixels' in message ? [message.pixels.buffer] : []);
}

/** Says how much of a file is there. @type {Count} */
function count(bytes) {
  post({ kind: 'bytes', ...bytes });
}

/** @param {FromWorker} message @param {Transferable[]} transfer */
function post(message, transfer = []) {
  postMessage(message, { transfer });
}
