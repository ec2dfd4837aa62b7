// engine.js: the page's end of the engine. One worker per page serves every element.
//
// Each element is a *view* (a number). A request carries the view's request number and every answer carries it back,
// so that a view can drop what arrives for an older request. Nothing here touches pixels or tensors.
//
// Events: `change` (chip text, registry or zoo changed), and `vitro-view-N` with the message for view N.

import { startWorker } from './local-worker.js';

const BASE = new URL('.', import.meta.url);
const ENGINE_FILES = ['worker.js', 'engine-cpu_bg.wasm'];

class Engine extends EventTarget {
  /** Which engine answers: `none` before the first is ready, then `cpu` or `webgpu`. */
  backend = 'none';
  /** What the WebGPU engine is doing: `off`, `waiting`, `loading`, `checking`, `ready`, `refused` or `lost`. */
  webgpu = 'waiting';
  /** One sentence for the chip's title. */
  note = 'The engine is starting.';
  /** The corruption registry, in its own order: `{ name, title, group, set, stochastic }`. */
  corruptions = [];
  /** The bundles of the zoo, in order: `{ name, title, file, … }`. */
  zoo = [];

  #views = 0;
  #worker = null;
  #waiting = [];
  #opened = Promise.withResolvers();

  /** Resolves when the processor engine can answer; rejects when it cannot start. */
  get ready() {
    return this.#opened.promise;
  }

  /** A number for a new element. Starts the worker when it is the first. */
  join() {
    if (this.#views === 0) this.#start();
    return ++this.#views;
  }

  /** Sends a message to the worker, or keeps it until the worker exists. */
  send(message) {
    if (this.#worker) this.#worker.postMessage(message);
    else this.#waiting.push(message);
  }

  async #start() {
    this.ready.catch(() => {}); // Elements show the failure themselves; it is not an unhandled rejection.
    try {
      const build = await buildId();
      const url = new URL(`worker.js?v=${build}`, BASE);
      this.#worker = startWorker(url, 'vitro engine');
      this.#worker.onmessage = ({ data }) => this.#receive(data);
      this.#worker.onerror = (event) => this.#fail(event.message || 'The engine could not be loaded.');
      const backend = new URLSearchParams(location.search).get('backend');
      this.#worker.postMessage({ kind: 'open', backend: ['cpu', 'webgpu'].includes(backend) ? backend : 'auto' });
      for (const message of this.#waiting.splice(0)) this.#worker.postMessage(message);
    } catch (error) {
      this.#fail(String(error.message ?? error));
    }
  }

  #receive(message) {
    if (message.view) {
      this.dispatchEvent(new CustomEvent(`vitro-view-${message.view}`, { detail: message }));
      return;
    }
    const { kind, ...fields } = message;
    if (kind === 'failed') {
      this.#fail(message.message);
      return;
    }
    Object.assign(this, fields);
    if (kind === 'opened') this.#opened.resolve(this);
    this.dispatchEvent(new Event('change'));
  }

  #fail(note) {
    this.note = note;
    this.#opened.reject(new Error(note));
    this.dispatchEvent(new Event('change'));
  }
}

/** Names the build that the server holds, so that a new worker is never paired with an old engine from the cache. */
async function buildId() {
  const stamp = async (file) => {
    const { headers } = await fetch(new URL(file, BASE), { method: 'HEAD', cache: 'no-cache' });
    return headers.get('etag') ?? headers.get('last-modified') ?? String(Date.now());
  };
  try {
    const text = (await Promise.all(ENGINE_FILES.map(stamp))).join();
    let hash = 5381;
    for (const letter of text) hash = (Math.imul(hash, 33) ^ letter.codePointAt(0)) >>> 0;
    return hash.toString(36);
  } catch {
    return 'offline';
  }
}

export const engine = new Engine();
