// backends.js (worker): the two engines. The processor engine is small and answers at once; the WebGPU engine is
// fetched behind it and takes over only when its logits agree with the processor's and it is not slower.
//
// The check runs on one rendered scene, once per model. No WebGPU is not an error: the chip says CPU, nothing else
// changes. When the device is lost, the processor answers again.

import * as cpu from '../../engine-cpu.js';
import { plain } from './answer.js';
import { startModule } from './engine-module.js';
import { sentence } from './refusal.js';
import { Webgpu } from './webgpu.js';

/** @import { Backend, Chip, Choice, Corruption, LayerMaps, Look, Manifest, Prediction, Timed, WebgpuState } from '../messages.js' */
/** @import { Count } from './compile.js' */
/** @import { EngineImage, EngineLike, EngineModule } from './engine-module.js' */
/** @import { Guard } from './guard.js' */
/** @import { Model, Models } from './models.js' */

/** Largest allowed difference of logits, as a fraction of the largest logit (at least 1). Correct engines: near 1e-5. */
const TOLERANCE = 1e-3;
/** A WebGPU engine that is this many times slower on the first model is not checked any further. */
const HOPELESS = 4;

export class Backends {
  /** The processor module once open. @type {EngineModule | null} */
  cpu = null;
  /** The corruption registry of the processor module. @type {Corruption[]} */
  corruptions = [];
  /** Which engine answers. @type {'none' | Backend} */
  active = 'none';
  /** Called when another engine took over. */
  onswitch = () => {};

  #guard;
  #choice;
  #chip;
  #count;
  /** @type {EngineLike | null} */
  #engine = null;
  /** @type {Webgpu | null} */
  #webgpu = null;
  #begun = false;
  /** @type {Promise<void> | null} */
  #opening = null;

  /**
   * @param {Guard} guard
   * @param {Choice} choice
   * @param {(chip: Omit<Chip, 'kind'>) => void} chip
   * @param {Count} [count]
   */
  constructor(guard, choice, chip, count) {
    this.#guard = guard;
    this.#choice = choice;
    this.#chip = chip;
    this.#count = count;
  }

  /** Opens the processor engine, once. */
  openCpu() {
    this.#opening ??= this.#openCpu();
    return this.#opening;
  }

  async #openCpu() {
    const module = await startModule(cpu, new URL('../../engine-cpu_bg.wasm', import.meta.url), 'engine-cpu_bg.wasm', this.#count);
    await this.#guard.run({ kind: 'engine', key: 'engine', name: 'the engine' }, async () => {
      this.#engine = await module.open();
      this.corruptions = JSON.parse(module.corruptions());
    });
    this.active = 'cpu';
    this.cpu = module;
    this.#say('waiting', 'Runs on your processor.');
  }

  /**
   * Loads a model into the processor engine.
   * @param {Pick<Model, 'name' | 'shown' | 'bytes'>} model
   * @returns {Promise<{ id: number, manifest: Manifest }>}
   */
  loadCpu({ name, shown, bytes }) {
    const engine = this.#cpuEngine;
    return this.#guard.run({ kind: 'load', key: `model ${name}`, name: shown }, () => {
      const id = engine.load(bytes);
      return { id, manifest: JSON.parse(engine.manifest(id)) };
    });
  }

  /**
   * Frees a model's memory in every engine.
   * @param {Model} model
   */
  unload({ ids }) {
    if (ids.cpu !== undefined) this.#engine?.unload(ids.cpu);
    if (ids.webgpu !== undefined) this.#webgpu?.unload(ids.webgpu).catch(() => {});
  }

  /**
   * A model that arrives after the WebGPU engine took over is checked like the others were.
   * @param {Models} models
   */
  async admit(models) {
    if (this.active !== 'webgpu') return;
    const { refusal } = await this.#check(models).catch((error) => ({ refusal: `WebGPU stopped (${sentence(error)})` }));
    if (refusal && this.#choice !== 'webgpu') this.#fallBack('refused', `Runs on your processor: ${refusal}.`);
  }

  /**
   * What a model sees of an image, RGBA at its size; at most `side` pixels of it where that is given.
   * @param {Pick<Model, 'name' | 'shown' | 'ids'>} model
   * @param {EngineImage} image
   * @param {Pick<Look, 'src' | 'corruption' | 'severity' | 'seed' | 'protocol'>} look
   * @param {number} [side]
   */
  see({ name, shown, ids: { cpu: id = -1 } }, image, { src, corruption, severity, seed, protocol }, side) {
    const engine = this.#cpuEngine;
    const task = severity === 0
      ? { kind: /** @type {const} */ ('load'), key: `model ${name}`, name: shown }
      : { kind: /** @type {const} */ ('corruption'), key: `corruption ${corruption} ${src} ${name}`, name: corruption };
    return this.#guard.run(task, () => {
      if (side !== undefined) return engine.thumbnail(id, image, corruption, severity, seed, side);
      return protocol === 'full-size' ? engine.seeAtFullSize(id, image, corruption, severity, seed) : engine.see(id, image, corruption, severity, seed);
    });
  }

  /**
   * What every layer of a model looks at.
   * @param {Model} model
   * @param {Uint8Array} pixels what the model sees
   * @returns {Promise<LayerMaps[]>}
   */
  layers({ name, shown, ids, manifest }, pixels) {
    const engine = this.#cpuEngine;
    const task = { kind: /** @type {const} */ ('classify'), key: `model ${name}`, name: shown };
    const side = manifest.preprocess.image_size;
    return this.#guard.run(task, async () => JSON.parse(await engine.layers(ids.cpu ?? -1, pixels, side)));
  }

  /**
   * @param {Model} model
   * @param {Uint8Array} pixels what the model sees
   * @param {number} side
   * @returns {Promise<Timed>}
   */
  async classify(model, pixels, side) {
    const backend = this.active === 'webgpu' && model.ids.webgpu !== undefined ? 'webgpu' : 'cpu';
    try {
      return { backend, ...(await this.#timed(backend, model, pixels, side)) };
    } catch (error) {
      if (backend === 'cpu') throw error;
      this.#fallBack('lost', `Runs on your processor: the graphics device was lost (${sentence(error)}).`);
      return { backend: 'cpu', ...(await this.#timed('cpu', model, pixels, side)) };
    }
  }

  /**
   * Starts the WebGPU engine behind the first answer. Later calls do nothing.
   * @param {Models} models
   */
  async beginWebgpu(models) {
    if (this.#begun) return;
    this.#begun = true;
    if (this.#choice === 'cpu') return this.#say('off', 'Runs on your processor, as the page asks.');
    const adapter = await findAdapter();
    if (!adapter) return this.#say('off', 'Runs on your processor: this browser offers no WebGPU.');
    const card = [adapter.info?.vendor, adapter.info?.architecture].filter(Boolean).join(' ') || 'your graphics card';
    this.#say('loading', 'Runs on your processor while the WebGPU engine loads.');
    const engine = new Webgpu();
    this.#webgpu = engine;
    let lost = false;
    engine.lost.then((reason) => {
      lost = true;
      if (this.#webgpu === engine) {
        this.#fallBack('lost', `Runs on your processor: the graphics device was lost (${reason}).`);
      }
    });
    try {
      await engine.open();
      this.#say('checking', 'Runs on your processor while the WebGPU engine is compared with it.');
      const { difference, refusal, slower } = await this.#check(models);
      const forced = this.#choice === 'webgpu';
      const against = refusal ?? slower;
      if (against && !forced) return this.#giveUp(engine, `Runs on your processor: ${against}.`);
      this.active = 'webgpu';
      const within = difference > 0 ? `within ${difference.toExponential(0)} of` : 'equal to';
      const agreement = refusal ?? `logits ${within} the processor's`;
      this.#say('ready', `Runs on your graphics card (${card}${forced ? ', as the page asks' : ''}): ${agreement}.`);
      this.onswitch();
    } catch (error) {
      if (!lost) this.#giveUp(engine, `Runs on your processor: the WebGPU engine did not start (${sentence(error)}).`);
    }
  }

  /** @param {Webgpu} engine @param {string} note */
  #giveUp(engine, note) {
    this.#webgpu = null;
    engine.close('not needed');
    this.#say('refused', note);
  }

  /**
   * Compares the engines' logits on one scene, then their times, for every model that was not compared before.
   * `refusal` and `slower` are the reasons against WebGPU, or null.
   * @param {Models} models
   */
  async #check(models) {
    const module = this.cpu;
    const engine = this.#webgpu;
    const scene = module?.Image.scene?.(0, 0);
    if (!scene || !engine) throw new Error('there is no engine');
    const total = { cpu: 0, webgpu: 0 };
    let difference = 0;
    /** @type {string | null} */
    let refusal = null;
    const unchecked = () => models.all().find(({ ids }) => ids.webgpu === undefined);
    for (let model = unchecked(); model; model = unchecked()) {
      model.ids.webgpu = await engine.load(model.bytes);
      const pixels = await this.see(model, scene, { src: '', corruption: '', severity: 0, seed: 0, protocol: 'measured' });
      const side = model.manifest.preprocess.image_size;
      const there = await this.#timed('webgpu', model, pixels, side);
      const here = await this.#timed('cpu', model, pixels, side);
      const again = await this.#timed('webgpu', model, pixels, side); // The first call compiled its shaders.
      const apart = Math.max(distance(here.logits, there.logits), distance(here.logits, again.logits));
      difference = Math.max(difference, apart);
      if (apart > TOLERANCE) {
        const detail = `${model.manifest.title}: logits ${apart.toPrecision(2)} apart`;
        refusal ??= `WebGPU gives different results here (${detail})`;
      }
      total.webgpu += again.milliseconds;
      total.cpu += here.milliseconds;
      if (this.#choice !== 'webgpu' && total.webgpu > HOPELESS * total.cpu) break;
    }
    scene.free();
    const times = `${total.webgpu.toFixed(0)} ms against ${total.cpu.toFixed(0)} ms`;
    const slower = total.webgpu > total.cpu ? `WebGPU agrees but is slower here (${times})` : null;
    return { difference, refusal, slower };
  }

  /** @param {Backend} backend @param {Model} model @param {Uint8Array} pixels @param {number} side */
  async #timed(backend, model, pixels, side) {
    const start = performance.now();
    const answer = await (backend === 'cpu' ? this.#ask(model, pixels, side) : this.#askWebgpu(model, pixels, side));
    return { ...answer, milliseconds: performance.now() - start };
  }

  /** @param {Model} model @param {Uint8Array} pixels @param {number} side */
  #ask({ name, shown, ids }, pixels, side) {
    const engine = this.#cpuEngine;
    const task = { kind: /** @type {const} */ ('classify'), key: `model ${name}`, name: shown };
    return this.#guard.run(task, async () => plain(await engine.classify(ids.cpu ?? -1, pixels, side)));
  }

  /** @param {Model} model @param {Uint8Array} pixels @param {number} side @returns {Promise<Prediction>} */
  async #askWebgpu({ ids }, pixels, side) {
    if (!this.#webgpu) throw new Error('it is closed');
    return this.#webgpu.classify(ids.webgpu ?? -1, pixels, side);
  }

  get #cpuEngine() {
    if (!this.#engine) throw new Error('the engine is not open');
    return this.#engine;
  }

  /** @param {WebgpuState} webgpu @param {string} note */
  #fallBack(webgpu, note) {
    const switched = this.active === 'webgpu';
    const engine = this.#webgpu;
    this.#webgpu = null;
    engine?.close('not needed');
    this.active = 'cpu';
    this.#say(webgpu, note);
    if (switched) this.onswitch();
  }

  /** @param {WebgpuState} webgpu @param {string} note */
  #say(webgpu, note) {
    this.#chip({ backend: this.active, webgpu, note });
  }
}

/** A graphics adapter, or null. */
async function findAdapter() {
  const { gpu } = /** @type {{ gpu?: { requestAdapter(options: object): Promise<Adapter | null> } }} */ (navigator);
  /** @typedef {{ info?: { vendor?: string, architecture?: string } }} Adapter */
  return gpu?.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null) ?? null;
}

/**
 * The largest difference of logits as a fraction of the largest logit; infinite when it cannot be told.
 * @param {Float32Array} here
 * @param {Float32Array} there
 */
function distance(here, there) {
  const apart = Math.max(...here.map((logit, i) => Math.abs(logit - (there[i] ?? NaN))));
  const scale = Math.max(1, ...here.map(Math.abs));
  return here.length === there.length && Number.isFinite(apart) ? apart / scale : Infinity;
}
