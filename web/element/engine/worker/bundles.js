// bundles.js: the files of models, by name. Reads the zoo's list and fetches what it names; a name that looks like an
// address is fetched from there, or read from the visitor's file.

import { chosen, isAddress } from '../../base/values.js';
import { bytesOfData, bytesOfFile, download } from './download.js';
import { foreignKind } from './kind.js';
import { Refusal } from './refusal.js';

/** @import { ZooEntry } from '../messages.js' */

export class Bundles {
  #files;
  /** @type {ZooEntry[]} */
  #zoo = [];
  #base = new URL(import.meta.url);

  /** @param {ReadonlyMap<string, File>} files */
  constructor(files) {
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
    return chosen(names, this.#zoo);
  }

  /**
   * The bytes of that name, and what it is called in sentences.
   * @param {string} name
   */
  async get(name) {
    const shown = this.shown(name);
    return { shown, bytes: await this.#bytes(name, shown) };
  }

  /**
   * What a name is called in sentences.
   * @param {string} name
   */
  shown(name) {
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
