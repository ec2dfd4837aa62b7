// engine.js: the page's end of the engine. One worker per page serves every element.
//
// Each element is a *view* (a number). A request carries the view's request number and every answer carries it back,
// so that a view can drop what arrives for an older request. Nothing here touches pixels or tensors.
//
// Events: `look` (a view asks), `change` (chip text, registry or zoo changed), `bytes` (how much of a file is there), and `vitro-view-N` with the
// message for view N.

import { assetAddress, settings } from '../base/settings.js';
import { startFailure, workerFailure } from './failure.js';
import { Files } from './files.js';
import { startWorker } from './local-worker.js';
import { Supervisor } from './supervisor.js';

/** @import { Corruption, FromWorker, Look, Open, ToView, ToWorker, WebgpuState, ZooEntry } from './messages.js' */

/** How often deadlines are looked at, in milliseconds. */
const TICK_MS = 500;
/** What a browser's tools call the thread. */
const NAME = 'vitro engine';

export class Engine extends EventTarget {
  /** Which engine answers: `none` before the first is ready, then `cpu` or `webgpu`. */
  backend = /** @type {'none' | 'cpu' | 'webgpu'} */ ('none');
  /** What the WebGPU engine is doing. */
  webgpu = /** @type {WebgpuState} */ ('waiting');
  /** One sentence for the chip's title. */
  note = 'The engine is starting.';
  /** Why nothing can be answered any more, or null. @type {string | null} */
  failure = null;
  /** The corruption registry, in its own order. @type {Corruption[]} */
  corruptions = [];
  /** The bundles of the zoo, in order. @type {ZooEntry[]} */
  zoo = [];
  /** Resolves when the processor engine can answer; rejects when it cannot start. @type {Promise<Engine>} */
  ready;

  #views = 0;
  #started = false;
  #files = new Files();
  #kept = Promise.resolve('');
  /** @type {(engine: Engine) => void} */
  #opened = () => {};
  /** @type {(error: Error) => void} */
  #failed = () => {};
  /** What a page that brings answers along says to a request. @type {(look: Look) => ToView[]} */
  #stored = () => [];
  /** The policy's directive that forbade something while the worker started. */
  #forbidden = '';
  #supervisor = new Supervisor(() => this.#launch(), {
    message: (message) => this.#receive(message),
    restarted: (note) => this.#change({ note }),
    failed: (note) => this.#fail(note),
  });

  constructor() {
    super();
    this.ready = new Promise((resolve, reject) => {
      this.#opened = resolve;
      this.#failed = reject;
    });
    this.ready.catch(() => {}); // Elements show the failure themselves; it is not an unhandled rejection.
  }

  /** How many seconds each kind of work may take before it is given up. */
  get deadlines() {
    return this.#supervisor.deadlines;
  }

  /** A number for a new element. Starts the worker when it is the first. */
  join() {
    this.start();
    return ++this.#views;
  }

  /** Starts the worker, once. A script that imports the elements may still set what it wants before. */
  start() {
    if (this.#started) return;
    this.#started = true;
    queueMicrotask(() => this.#begin());
  }

  /**
   * Sends a message to the worker, or keeps it until the worker exists.
   * @param {Exclude<ToWorker, Open>} message
   */
  send(message) {
    this.#supervisor.send(message);
    if (message.kind === 'look') this.dispatchEvent(new Event('look'));
    if (message.kind !== 'look' || this.backend !== 'none' || this.failure) return;
    for (const answer of this.#stored(message)) this.#receive(answer);
  }

  /**
   * Takes in answers that were computed beforehand: views show them until the engine has its own. With them come the registry and
   * the zoo's list, so that nothing moves when the engine is ready.
   * @param {Pick<Engine, 'corruptions' | 'zoo'>} lists
   * @param {(look: Look) => ToView[]} answers what the engine would say to a request; nothing when it is not stored
   */
  bring(lists, answers) {
    this.#stored = answers;
    this.#change(lists);
  }

  /**
   * Takes a file in and gives it an address for `src` or `models`. The same content has the same address.
   * @param {File} file
   */
  keepOnce(file) {
    // One after the other, so that two copies that come together find each other.
    const kept = this.#kept.then(async () => (await this.#files.find(file)) ?? this.keep(file));
    this.#kept = kept.catch(() => '');
    return kept;
  }

  /**
   * Takes a file in and gives it an address of its own.
   * @param {File} file
   */
  keep(file) {
    const address = this.#files.keep(file);
    this.send({ kind: 'file', address, file });
    return address;
  }

  /**
   * Lets go of a file that was taken in; any other address is left alone.
   * @param {string} address
   */
  release(address) {
    if (this.#files.forget(address)) this.send({ kind: 'forget-file', address });
  }

  /** The files that were taken in, by their addresses. */
  get files() {
    return new Map(this.#files.entries());
  }

  /**
   * The name of a file that was taken in, or null.
   * @param {string} address
   */
  fileName(address) {
    return this.#files.name(address);
  }

  #begin() {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, disposition }) => {
      if (disposition === 'enforce' && /^(worker|child|script)-src/.test(effectiveDirective)) {
        this.#forbidden = effectiveDirective;
      }
    });
    const { backend, zoo, zooBase } = settings;
    this.#supervisor.begin({ backend, zoo, zooBase });
    let last = performance.now();
    setInterval(() => {
      const now = performance.now();
      this.#supervisor.tick((now - last) / 1000);
      last = now;
    }, TICK_MS);
  }

  #launch() {
    const url = assetAddress('engine/worker/worker.js');
    const make = () => new Worker(new URL('../engine/worker/worker.js', import.meta.url), { type: 'module', name: NAME });
    let heard = false;
    this.#forbidden = '';
    const worker = startWorker(make, url, NAME);
    worker.onmessage = ({ data }) => {
      heard = true;
      this.#supervisor.hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (heard) return this.#supervisor.broke(event.message || 'it ended');
      // The violation of a policy may be told after the error.
      setTimeout(() => {
        this.#supervisor.close();
        this.#fail(event.message || workerFailure(this.#forbidden, url.href));
      });
    };
    return worker;
  }

  /** @param {FromWorker} message */
  #receive(message) {
    if ('view' in message) {
      this.dispatchEvent(new CustomEvent(`vitro-view-${message.view}`, { detail: message }));
    } else if (message.kind === 'opened') {
      this.#change({ corruptions: message.corruptions, zoo: message.zoo });
      this.#opened(this);
    } else if (message.kind === 'chip') {
      this.#change({ backend: message.backend, webgpu: message.webgpu, note: message.note });
    } else if (message.kind === 'bytes') {
      this.dispatchEvent(new CustomEvent('bytes', { detail: message }));
    } else if (message.kind === 'failed') {
      this.#supervisor.close();
      this.#fail(startFailure(message.message));
    }
  }

  /** @param {Partial<Pick<Engine, 'backend' | 'webgpu' | 'note' | 'failure' | 'corruptions' | 'zoo'>>} fields */
  #change(fields) {
    Object.assign(this, fields);
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} note */
  #fail(note) {
    this.#failed(new Error(note));
    this.#change({ note, failure: note, backend: 'none' });
  }
}

export const engine = new Engine();
