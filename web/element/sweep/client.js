// client.js: the page's end of a sweep.
//
//   const sweep = run({ models: ['vit', 'fan'], corruptions: ['fog'], severities: [1, 3, 5], images: 100, seed: 0 },
//                     { onprogress: (tally) => draw(tally), signal });
//   sweep.pause(); sweep.resume();
//   const tally = await sweep.result;
//
// The engine is compiled once and each bundle fetched once; the workers, which end with the run, get both. Nothing on the
// page waits for them. The counts are those of `vitro eval` on the same scenes, or on the same folder of images (`folder`).

import { assetAddress, settings } from '../base/settings.js';
import { startFailure, workerFailure } from '../engine/failure.js';
import { startWorker } from '../engine/local-worker.js';
import { Bundles } from '../engine/worker/bundles.js';
import { compile } from '../engine/worker/compile.js';
import { isCompileError, sentence } from '../engine/worker/refusal.js';
import { Crew } from './crew.js';

/** @import { Asked, Bundle, Tally } from './messages.js' */
/** @import { Ear } from './crew.js' */
/**
 * @typedef {object} Options
 * @property {AbortSignal} [signal] ends the run: `result` is rejected with its reason
 * @property {(tally: Tally) => void} [onprogress] hears of every image and every refusal
 * @property {number} [workers] how many, instead of what suits the device
 * @property {'cpu' | 'webgpu'} [backend] which engine judges: one worker has the graphics card for itself
 * @property {ReadonlyMap<string, File>} [files] files of the visitor's, by the addresses in `models`
 */
/** @typedef {{ result: Promise<Tally>, pause(): void, resume(): void, rest(): void, readonly paused: boolean }} Run */

/** How often deadlines are looked at, in milliseconds. */
const TICK_MS = 500;
/** What a browser's tools call the threads. */
const NAME = 'vitro sweep';

/**
 * Counts.
 * @param {Asked} asked
 * @param {Options} options
 * @returns {Run}
 */
export function run(asked, { signal, onprogress = () => {}, workers = crewSize(navigator.hardwareConcurrency, isPhone()), backend = 'cpu', files = new Map() } = {}) {
  let paused = false;
  /** @type {Crew | null} */
  let crew = null;
  let stop = () => {};
  const result = new Promise((/** @type {(tally: Tally) => void} */ resolve, reject) => {
    stop = () => {
      crew?.close();
      reject(signal?.reason);
    };
    if (signal?.aborted) return stop();
    signal?.addEventListener('abort', stop, { once: true });
    const failed = (/** @type {unknown} */ error) => reject(new Error(startFailure(isCompileError(error) ? String(error) : sentence(error))));
    prepare(checked(asked), files, backend).then(({ asked: whole, ...parts }) => {
      const go = (/** @type {Pick<typeof parts, 'webgpu' | 'note'>} */ { webgpu, note }) => {
        if (signal?.aborted) return;
        const size = webgpu ? 1 : workers;
        const end = { progress: onprogress, done: resolve, failed: webgpu ? again : failed };
        crew = new Crew((ear) => launch(ear, webgpu !== null), whole, { ...parts, webgpu, note }, end, () => performance.now());
        if (paused) crew.pause();
        crew.begin(whole.images > 0 ? Math.min(size, whole.images) : size);
      };
      // A card that is lost, or cannot be had: the processor counts from the beginning.
      const again = (/** @type {string} */ reason) => go({ webgpu: null, note: onProcessor(reason) });
      go(parts);
    }).catch(failed);
  });
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    crew?.tick((now - last) / 1000);
    last = now;
  }, TICK_MS);
  result.catch(() => {}).finally(() => {
    clearInterval(timer);
    signal?.removeEventListener('abort', stop);
    crew?.close();
  });
  return {
    result,
    pause: () => {
      paused = true;
      crew?.pause();
    },
    resume: () => {
      paused = false;
      crew?.resume();
    },
    rest: () => crew?.rest(),
    get paused() {
      return paused;
    },
  };
}

/**
 * How many workers suit a device: one core is left for the page, and a phone stays cool.
 * @param {number | undefined} cores
 * @param {boolean} phone
 */
export function crewSize(cores, phone) {
  return phone ? 2 : Math.min(Math.max((cores || 2) - 1, 1), 6);
}

/**
 * The same request with every name and severity once, and numbers that are numbers.
 * @param {Asked} asked
 * @returns {Asked}
 */
export function checked({ models, corruptions, severities, images, seed, folder = null }) {
  const whole = (/** @type {number} */ value, /** @type {number} */ most) => Math.min(Math.max(Math.floor(Number(value) || 0), 0), most);
  return {
    models: [...new Set(models)],
    corruptions: [...new Set(corruptions)],
    severities: [...new Set(severities)].filter((severity) => [1, 2, 3, 4, 5].includes(severity)).sort(),
    images: whole(images, 0xffffffff),
    seed: whole(seed, 0xffffffff),
    folder,
  };
}

/**
 * Everything that the workers are given.
 * @param {Asked} asked
 * @param {ReadonlyMap<string, File>} files
 * @param {'cpu' | 'webgpu'} backend
 */
async function prepare(asked, files, backend) {
  const compiling = engine('engine-cpu_bg.wasm');
  compiling.catch(() => {}); // Awaited below.
  const card = backend === 'webgpu' ? engine('engine-webgpu_bg.wasm').then((webgpu) => ({ webgpu, note: '' }), (error) => ({ webgpu: null, note: onProcessor(sentence(error)) })) : { webgpu: null, note: '' };
  const shelf = new Bundles(files);
  await shelf.readZoo(new URL(settings.zooBase ?? assetAddress('zoo/')), settings.zoo);
  const models = shelf.chosen(asked.models);
  /** @type {Bundle[]} */
  const bundles = [];
  /** @type {[string, string][]} */
  const refusals = [];
  await Promise.all(models.map(async (name) => {
    try {
      bundles.push({ name, ...(await shelf.get(name)) });
    } catch (error) {
      refusals.push([name, sentence(error)]);
    }
  }));
  if (models.length === 0) throw new Error('There is no model to count for: the zoo is empty. Choose a bundle.');
  return { asked: { ...asked, models }, module: await compiling, ...(await card), bundles, refusals };
}

/** @param {string} reason */
function onProcessor(reason) {
  return `Counted on the processor: the graphics card cannot be used (${reason.replace(/[.]$/, '')}).`;
}

/** Engines, compiled once for all runs. @type {Map<string, Promise<WebAssembly.Module>>} */
const compiled = new Map();

/** @param {'engine-cpu_bg.wasm' | 'engine-webgpu_bg.wasm'} file */
function engine(file) {
  // In words that bundlers see.
  const [cpu, webgpu] = [new URL('../engine-cpu_bg.wasm', import.meta.url), new URL('../engine-webgpu_bg.wasm', import.meta.url)];
  const own = file === 'engine-cpu_bg.wasm' ? cpu : webgpu;
  const module = compiled.get(file) ?? compile(settings.assetBase === null ? own : assetAddress(file), file);
  compiled.set(file, module);
  module.catch(() => compiled.delete(file)); // The next run may try again.
  return module;
}

/** @param {Ear} ear @param {boolean} onCard */
function launch(ear, onCard) {
  const url = assetAddress(onCard ? 'sweep/webgpu-worker.js' : 'sweep/worker.js');
  const make = () => (onCard
    ? new Worker(new URL('../sweep/webgpu-worker.js', import.meta.url), { type: 'module', name: NAME })
    : new Worker(new URL('../sweep/worker.js', import.meta.url), { type: 'module', name: NAME }));
  let heard = false;
  const worker = startWorker(make, url, NAME);
  worker.onmessage = ({ data }) => {
    heard = true;
    ear.message(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    if (heard) ear.broke(event.message || 'it ended');
    else ear.failed(event.message || workerFailure('', url.href));
  };
  return worker;
}

function isPhone() {
  const { userAgentData } = /** @type {{ userAgentData?: { mobile?: boolean } }} */ (navigator);
  return userAgentData?.mobile ?? matchMedia('(pointer: coarse) and (max-width: 820px)').matches;
}
