// models.js: the bundles, by name. Reads the zoo's list, fetches a bundle when it is first wanted and loads it into
// whichever engines are running. A name that looks like an address is fetched from there, or read from the visitor's file.

import { chosen, isAddress } from '../../base/values.js';
import { bytesOfData, bytesOfFile, download } from './download.js';
import { foreignKind } from './kind.js';
import { Refusal } from './refusal.js';

/** @import { Backend, Manifest, Timed, ZooEntry } from '../messages.js' */
/** @import { Backends } from './backends.js' */
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
  #files;
  /** @type {ZooEntry[]} */
  #zoo = [];
  #base = new URL(import.meta.url);
  /** @type {Map<string, Promise<Model>>} */
  #loads = new Map();
  /** @type {Map<string, Model>} */
  #loaded = new Map();

  /**
   * @param {Backends} backends
   * @param {ReadonlyMap<string, File>} files
   */
  constructor(backends, files) {
    this.#backends = backends;
    this.#files = files;
  }

  /**
   * Reads `index.json`; a missing zoo, or a web page in its place, is an empty one.
   * @param {URL} base
   * @param {ZooEntry[] | null} list what it would say, when that is known
   */
  async readZoo(base, list) {
    this.#base = base;
    this.#zoo = list ?? [];
    if (list) return this.#zoo;
    try {
      const response = await fetch(new URL('index.json', base), { cache: 'no-cache' });
      if (response.ok) this.#zoo = await response.json();
    } catch {
      this.#zoo = [];
    }
    return this.#zoo;
  }

  /**
   * The wanted names in order.
   * @param {readonly string[]} names
   */
  chosen(names) {
    return chosen(names, this.#zoo.map((entry) => entry.name));
  }

  /** @param {string} name */
  has(name) {
    return this.#loaded.has(name);
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
   * One model's answer for RGBA pixels, with the engine that gave it.
   * @param {string} name
   * @param {Uint8Array} pixels
   * @param {number} side
   * @returns {Promise<Timed>}
   */
  async classify(name, pixels, side) {
    const model = await this.get(name);
    const answer = await this.#backends.classify(model, pixels, side);
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
    const shown = this.#shown(name);
    const bytes = await this.#bytes(name, shown);
    await this.#backends.openCpu();
    const loaded = await this.#backends.loadCpu({ name, shown, bytes });
    const model = { name, shown, bytes, times: {}, manifest: loaded.manifest, ids: { cpu: loaded.id } };
    this.#loaded.set(name, model);
    await this.#backends.admit(this);
    return model;
  }

  /** @param {string} name */
  #shown(name) {
    const file = this.#files.get(name)?.name;
    if (file) return `“${file}”`;
    if (name.startsWith('data:')) return 'the model in the address';
    return `“${isAddress(name) ? name.split(/[?#]/)[0]?.split('/').pop() || name : name}”`;
  }

  /** @param {string} name @param {string} shown */
  async #bytes(name, shown) {
    /** @param {Uint8Array} head */
    const accept = (head) => {
      const kind = foreignKind(head);
      // A bundle begins with the length of its header, and then a brace.
      if (kind) throw new Refusal('bundle', `${shown} is ${kind}, not a bundle. Check the address, or choose a .safetensors file.`);
    };
    const file = this.#files.get(name);
    if (file) return bytesOfFile(file, file.name);
    return bytesOfData(name) ?? download(this.#address(name), accept);
  }

  /** @param {string} name */
  #address(name) {
    const entry = this.#zoo.find((candidate) => candidate.name === name);
    if (entry) {
      const address = new URL(entry.file, this.#base);
      if (entry.weights_sha256) address.searchParams.set('v', entry.weights_sha256.slice(0, 12));
      return address;
    }
    if (isAddress(name)) return name;
    const known = this.#zoo.map((candidate) => candidate.name).join(', ') || 'none';
    throw new Refusal('address', `There is no model named “${name}” here. Known: ${known}.`);
  }
}
