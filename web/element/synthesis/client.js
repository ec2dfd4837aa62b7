// client.js: the page's end of a synthesis.
//
//   const synthesis = open({ rows: offer, shown: draw, explained: drawMaps, done: () => {}, refused: say, bytes: () => {} });
//   synthesis.begin({ synthesis: 'pgd', against: 'vit', models: ['vit', 'fan'], amount: 1, seed: 0, place: [0.5, 0.5], seen }, files);
//   synthesis.stop(); synthesis.close();
//
// The engine is fetched when this is opened, each bundle when it is first wanted. A call that takes too long, or breaks the engine,
// ends the worker; the next wish starts another.

import { assetAddress, settings } from '../base/settings.js';
import { startFailure, workerFailure } from '../engine/failure.js';
import { startWorker } from '../engine/local-worker.js';
import { Bundles } from '../engine/worker/bundles.js';
import { compile } from '../engine/worker/compile.js';
import { isCompileError, sentence } from '../engine/worker/refusal.js';

/** @import { Bundle, ClassMap, FromSynthesis, Place, Row, Shown, ToSynthesis, Wish } from './messages.js' */
/**
 * @typedef {object} Ear
 * @property {(rows: Row[]) => void} rows what can be done, once the engine is there
 * @property {(shown: Shown) => void} shown
 * @property {(maps: ClassMap[]) => void} explained what speaks for the class that each model sees in what was shown last
 * @property {() => void} done
 * @property {(sentence: string) => void} refused
 * @property {(got: number, of: number | null) => void} bytes of the engine
 */

/** How long a call may take, in milliseconds. The largest networks take seconds for a step. */
const PATIENCE_MS = 60_000;
/** What a browser's tools call the thread. */
const NAME = 'vitro synthesis';
const FILE = 'engine-synthesis_bg.wasm';

/**
 * @param {Ear} ear
 * @param {Partial<typeof settings>} set what the elements' statics say: published, this script is apart from theirs
 */
export function open(ear, set = {}) {
  Object.assign(settings, set);
  return new Synthesis(ear);
}

class Synthesis {
  #ear;
  /** @type {Worker | null} */
  #worker = null;
  /** @type {Promise<WebAssembly.Module> | null} */
  #compiled = null;
  /** The bundles that the worker has. @type {Set<string>} */
  #sent = new Set();
  #number = 0;
  /** How often it was closed. */
  #epoch = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;

  /** @param {Ear} ear */
  constructor(ear) {
    this.#ear = ear;
    this.start();
  }

  /** Fetches and starts the engine, if it is not there. */
  start() {
    this.#started().catch((error) => this.#ear.refused(told(error)));
  }

  /**
   * Begins; whatever is under way ends.
   * @param {Wish} wish
   * @param {ReadonlyMap<string, File>} files of the visitor's, by their addresses
   */
  async begin(wish, files) {
    this.#number += 1;
    const number = this.#number;
    try {
      const worker = await this.#started();
      const bundles = await this.#missing(wish, files);
      if (number !== this.#number || worker !== this.#worker) return;
      for (const { name } of bundles) this.#sent.add(name);
      this.#post({ kind: 'begin', number, bundles, ...wish });
    } catch (error) {
      if (number === this.#number) this.#ear.refused(told(error));
    }
  }

  /** @param {Place} place */
  carry(place) {
    this.#post({ kind: 'carry', number: this.#number, place });
  }

  /** Ends what is under way; what is made so far stays. */
  stop() {
    this.#post({ kind: 'stop', number: this.#number });
  }

  /** Ends the worker. */
  close() {
    clearTimeout(this.#patience);
    this.#worker?.terminate();
    this.#worker = null;
    this.#epoch += 1;
    this.#sent.clear();
  }

  async #started() {
    if (this.#worker) return this.#worker;
    const epoch = this.#epoch;
    const wasm = settings.assetBase === null ? new URL('../engine-synthesis_bg.wasm', import.meta.url) : assetAddress(FILE);
    this.#compiled ??= compile(wasm, FILE, ({ got, of }) => this.#ear.bytes(got, of));
    this.#compiled.catch(() => (this.#compiled = null)); // The next wish may try again.
    const module = await this.#compiled;
    if (this.#worker) return this.#worker;
    if (epoch !== this.#epoch) throw new Error('The panel was closed meanwhile. Begin again.');
    const url = assetAddress('synthesis/worker.js');
    const make = () => new Worker(new URL('../synthesis/worker.js', import.meta.url), { type: 'module', name: NAME });
    const worker = startWorker(make, url, NAME);
    this.#worker = worker;
    let heard = false;
    worker.onmessage = ({ data }) => {
      heard = true;
      if (worker === this.#worker) this.#hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#broke(heard ? event.message || 'it ended' : workerFailure('', url.href));
    };
    this.#post({ kind: 'open', module });
    return worker;
  }

  /** @param {FromSynthesis} message */
  #hear(message) {
    clearTimeout(this.#patience);
    switch (message.kind) {
      case 'began':
        this.#patience = setTimeout(() => this.#broke(`${message.task.name} took too long`), PATIENCE_MS);
        return;
      case 'broken': return this.#broke(message.message);
      case 'opened': return this.#ear.rows(message.rows);
      case 'failed': return this.#broke(message.message);
      case 'ended': return;
    }
    if (message.number !== this.#number) return;
    if (message.kind === 'shown') this.#ear.shown(message);
    else if (message.kind === 'explained') this.#ear.explained(message.maps);
    else if (message.kind === 'done') this.#ear.done();
    else this.#ear.refused(told(message.message));
  }

  /** @param {string} reason */
  #broke(reason) {
    this.close();
    this.#ear.refused(`The engine was ended: ${startFailure(reason)}. Begin again, or with another model.`);
  }

  /** Bundles that the worker has not had. What cannot be fetched does not watch. @param {Wish} wish @param {ReadonlyMap<string, File>} files */
  async #missing({ against, models }, files) {
    const wanted = [...new Set([against, ...models])].filter((name) => !this.#sent.has(name));
    if (wanted.length === 0) return [];
    const shelf = new Bundles(files);
    await shelf.readZoo(new URL(settings.zooBase ?? assetAddress('zoo/')), settings.zoo);
    /** @type {Bundle[]} */
    const bundles = [];
    for (const name of wanted) {
      try {
        bundles.push({ name, ...(await shelf.get(name)) });
      } catch (error) {
        if (name === against) throw error;
      }
    }
    return bundles;
  }

  /** @param {ToSynthesis} message */
  #post(message) {
    this.#worker?.postMessage(message);
  }
}

/** @param {unknown} error */
function told(error) {
  const said = startFailure(isCompileError(error) ? String(error) : sentence(error));
  const text = said.charAt(0).toUpperCase() + said.slice(1);
  return /[.!?)”]$/.test(text) ? text : `${text}.`;
}
