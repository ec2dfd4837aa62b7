// models.js: the models, by name. Fetches a bundle when it is first wanted and loads it into whichever engines are running.

import { Bundles } from './bundles.js';

/** @import { Backend, Manifest, Timed, ZooEntry } from '../messages.js' */
/** @import { Backends } from './backends.js' */
/** @import { Count } from './compile.js' */
/**
 * @typedef {object} Model
 * @property {string} name
 * @property {string} shown its name in sentences
 * @property {Manifest} manifest
 * @property {Uint8Array} bytes
 * @property {Partial<Record<Backend, number>>} ids its number in each engine
 * @property {Partial<Record<Backend, number[]>>} times its last times
 */

/** How many times of a model are kept. */
const TIMES = 9;

export class Models {
  #backends;
  #bundles;
  /** @type {Map<string, Promise<Model>>} */
  #loads = new Map();
  /** @type {Map<string, Model>} */
  #loaded = new Map();

  /**
   * @param {Backends} backends
   * @param {ReadonlyMap<string, File>} files
   * @param {Count} [count]
   */
  constructor(backends, files, count) {
    this.#backends = backends;
    this.#bundles = new Bundles(files, count);
  }

  /**
   * Reads the zoo's list.
   * @param {URL} base
   * @param {ZooEntry[] | null} list what it would say, when that is known
   */
  readZoo(base, list) {
    return this.#bundles.readZoo(base, list);
  }

  /**
   * The wanted names in order.
   * @param {readonly string[]} names
   */
  chosen(names) {
    return this.#bundles.chosen(names);
  }

  /**
   * Says how large these models are, before any of them is fetched.
   * @param {readonly string[]} names
   */
  announce(names) {
    this.#bundles.announce(names.filter((name) => !this.#loads.has(name)));
  }

  /** The model of that name, once it is loaded. @param {string} name */
  loaded(name) {
    return this.#loaded.get(name);
  }

  /** Every loaded model, for the check of a second engine. */
  all() {
    return [...this.#loaded.values()];
  }

  /**
   * The loaded model of that name.
   * @param {string} name
   */
  get(name) {
    const begun = this.#loads.get(name);
    if (begun) return begun;
    const load = this.#load(name);
    load.catch(() => this.#loads.delete(name)); // The next request may try again.
    this.#loads.set(name, load);
    return load;
  }

  /**
   * Frees the memory of a model.
   * @param {string} name
   */
  forget(name) {
    const model = this.#loaded.get(name);
    this.#loads.delete(name);
    this.#loaded.delete(name);
    if (model) this.#backends.unload(model);
  }

  /**
   * One model's answer for what it sees, RGBA at its size, with the engine that gave it.
   * @param {string} name
   * @param {Uint8Array} pixels
   * @returns {Promise<Timed>}
   */
  async classify(name, pixels) {
    const model = await this.get(name);
    const answer = await this.#backends.classify(model, pixels, model.manifest.preprocess.image_size);
    model.times[answer.backend] = [...(model.times[answer.backend] ?? []), answer.milliseconds].slice(-TIMES);
    return answer;
  }

  /**
   * The median of a model's last times; a single one may include the engine's own warming up.
   * @param {string} name
   * @param {Backend | 'none'} backend
   */
  milliseconds(name, backend) {
    if (backend === 'none') return null;
    const times = [...(this.#loaded.get(name)?.times[backend] ?? [])].sort((a, b) => a - b);
    return times[Math.floor(times.length / 2)] ?? null;
  }

  /** @param {string} name @returns {Promise<Model>} */
  async #load(name) {
    const { shown, bytes } = await this.#bundles.get(name);
    await this.#backends.openCpu();
    const loaded = await this.#backends.loadCpu({ name, shown, bytes });
    const model = { name, shown, bytes, times: {}, manifest: loaded.manifest, ids: { cpu: loaded.id } };
    this.#loaded.set(name, model);
    await this.#backends.admit(this);
    return model;
  }
}
