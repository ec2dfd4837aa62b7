// bundles.js: the files of models, by name. Reads the zoo's list and fetches what it names; a name that looks like an
// address is fetched from there, or read from the visitor's file.

import { chosen, isAddress } from '../../base/values.js';
import { bytesOfData, bytesOfFile, download } from './download.js';
import { foreignKind } from './kind.js';
import { Refusal } from './refusal.js';
import { asked, Damaged, isWhole, weightsOf } from './whole.js';

/** @import { ZooEntry } from '../messages.js' */
/** @import { Count } from './compile.js' */

export class Bundles {
  #files;
  #count;
  /** The last download from the zoo. */
  #last = Promise.resolve();
  /** @type {ZooEntry[]} */
  #zoo = [];
  #base = new URL(import.meta.url);

  /**
   * @param {ReadonlyMap<string, File>} files
   * @param {Count} count
   */
  constructor(files, count = () => {}) {
    this.#files = files;
    this.#count = count;
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
   * Says how large these models are, as far as that is known.
   * @param {readonly string[]} names
   */
  announce(names) {
    for (const { name, bytes, ...entry } of this.#zoo) {
      if (names.includes(name) && bytes) this.#count({ file: this.#addressOf(entry).href, got: 0, of: bytes, stored: false });
    }
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
    const entry = this.#zoo.find((candidate) => candidate.name === name);
    if (entry) return this.#ofZoo(entry, shown, accept);
    const data = bytesOfData(name);
    if (data) return data;
    if (isAddress(name)) return download(name, accept);
    const known = this.#zoo.map((candidate) => candidate.name).join(', ') || 'none';
    throw new Refusal('address', `There is no model named “${name}” here. Known: ${known}.`);
  }

  /**
   * A bundle of the zoo. They come one after the other, so that the first one answers as early as it can.
   * @param {ZooEntry} entry
   * @param {string} shown
   * @param {(head: Uint8Array) => void} accept
   */
  #ofZoo(entry, shown, accept) {
    const address = this.#addressOf(entry);
    /** @param {RequestCache} cache */
    const once = async (cache) => {
      const bytes = await download(address, accept, {
        cache,
        heard: (got, stored) => this.#count({ file: address.href, got, of: entry.bytes ?? null, stored }),
      });
      if (!(await isWhole(weightsOf(bytes), entry.weights_sha256))) throw new Damaged();
      return bytes;
    };
    const loading = this.#last.then(() => asked(once)).catch((error) => {
      if (!(error instanceof Damaged)) throw error;
      throw new Refusal('bundle', `${shown} arrives damaged. Reload the page; if that does not help, write the bundle again with vitro.`);
    });
    this.#last = loading.then(() => {}, () => {});
    return loading;
  }

  /** @param {Pick<ZooEntry, 'file' | 'weights_sha256'>} entry */
  #addressOf({ file, weights_sha256: hash }) {
    const address = new URL(file, this.#base);
    if (hash) address.searchParams.set('v', hash.slice(0, 12));
    return address;
  }
}
