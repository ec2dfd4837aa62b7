// client.js: the page's end of the corruptions. One worker per page serves every element; it starts with the first request
// and ends when no image has been open for a while.
//
// An image is opened once and then corrupted as often as wanted; the newest request of an image wins. A worker that breaks,
// or that takes longer than the deadline, is replaced: what it was working on is refused in a sentence, and the new one is
// asked for everything else. Every refusal is an `Error` with one of the codes of the elements as its `code`.

import { assetAddress } from '../base/settings.js';
import { startFailure, workerFailure } from '../engine/failure.js';
import { startWorker } from '../engine/local-worker.js';
import { firstLine, refusal } from '../engine/refused.js';

/** @import { Corruption, Task } from '../engine/messages.js' */
/** @import { Source } from '../engine/worker/image.js' */
/** @import { Choice, FromWorker, ToWorker } from './messages.js' */
/**
 * An open image. Whoever opened it closes it.
 * @typedef {object} Opened
 * @property {number} id
 * @property {number} side width and height in pixels
 * @property {Uint8Array<ArrayBuffer>} clean RGBA
 */
/** @typedef {{ pixels: ImageData, milliseconds: number }} Corrupted the image, and what the corruption took */
/** @typedef {{ signal?: AbortSignal | undefined }} Options */
/** @typedef {Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>} WorkerLike */
/**
 * A promise that is not settled yet.
 * @typedef {object} Pending
 * @property {(value: any) => void} resolve
 * @property {(error: unknown) => void} reject
 */
/**
 * What is known of an image, enough to tell the next worker.
 * @typedef {object} View
 * @property {Source} source
 * @property {Pending | null} opening
 * @property {(Pending & { number: number, choice: Choice }) | null} request
 */

/** How long a call may take, in seconds of which the page was awake; `start` is the time to the first message. */
export const DEADLINES = { start: 60, call: 30 };
/** How long the worker stays without an open image, in milliseconds. */
export const IDLE_MS = 10_000;
/** How often deadlines are looked at, in milliseconds. */
const TICK_MS = 500;
/** A longer time between two ticks means that the page slept, which is not the engine's fault. */
const LONGEST_TICK = 1.5;
/** What a browser's tools call the thread. */
const NAME = 'vitro corruptions';

export class Corrupter {
  /** The corruption registry, in its own order; empty before the engine is ready. @type {Corruption[]} */
  corruptions = [];
  /** Resolves when the engine has started for the first time; rejects when it cannot start. @type {Promise<void>} */
  ready;

  #make;
  /** @type {WorkerLike | null} */
  #worker = null;
  /** @type {Map<number, View>} */
  #views = new Map();
  #made = 0;
  #requests = 0;
  /** Calls that have begun and not ended. @type {Map<number, { task: Task, seconds: number }>} */
  #running = new Map();
  /** Seconds since the start of a worker that has said nothing yet. @type {number | null} */
  #silent = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #idle;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #clock;
  /** @type {Pending} */
  #readiness = { resolve() {}, reject() {} };

  /** @param {() => WorkerLike} make starts a worker */
  constructor(make) {
    this.#make = make;
    this.ready = new Promise((resolve, reject) => {
      this.#readiness = { resolve, reject };
    });
    this.ready.catch(() => {}); // Every request tells the same.
  }

  /** Starts the worker, if there is none. Requests do so themselves; before the first, this saves time. */
  start() {
    clearTimeout(this.#idle);
    if (this.#worker) return;
    this.#silent = 0;
    try {
      const worker = this.#make();
      this.#worker = worker;
      worker.onmessage = ({ data }) => worker === this.#worker && this.#hear(data);
      worker.onerror = (event) => {
        event.preventDefault();
        if (worker !== this.#worker) return;
        if (this.#silent === null) this.#broke(event.message || 'it ended', null);
        else this.#fail(event.message || workerFailure('', String(assetAddress('corrupt/worker.js'))));
      };
    } catch (error) {
      return this.#fail(error instanceof Error ? error.message : String(error));
    }
    let last = performance.now();
    this.#clock = setInterval(() => {
      const now = performance.now();
      this.tick((now - last) / 1000);
      last = now;
    }, TICK_MS);
    for (const [id, view] of this.#views) {
      this.#post({ kind: 'open', view: id, ...view.source });
      if (view.request) this.#post({ kind: 'corrupt', view: id, number: view.request.number, ...view.request.choice });
    }
  }

  /**
   * Opens an image: the pixels of a file, or of what an address leads to.
   * @param {Source} source `src` is an address in full or `scene:SEED/INDEX`; with a `file`, its name for messages at most
   * @param {Options} [options] an aborted request rejects with the signal's reason
   * @returns {Promise<Opened>} to be given to `corrupt`, and in the end to `close`
   */
  async open(source, { signal } = {}) {
    signal?.throwIfAborted();
    const id = ++this.#made;
    /** @type {View} */
    const view = { source, opening: null, request: null };
    /** @type {Promise<Opened>} */
    const opened = new Promise((resolve, reject) => {
      view.opening = { resolve, reject };
    });
    const had = this.#worker;
    this.#views.set(id, view);
    this.start();
    if (had) this.#post({ kind: 'open', view: id, ...source });
    const abort = () => this.#close(id, signal?.reason);
    signal?.addEventListener('abort', abort);
    return opened.finally(() => signal?.removeEventListener('abort', abort));
  }

  /**
   * Corrupts an open image. A newer request for the same image ends this one with an `AbortError`.
   * @param {Pick<Opened, 'id'>} image
   * @param {Choice} choice a corruption's name, its severity 0–5 (0 is the clean image), a seed 0–4294967295
   * @param {Options} [options] an aborted request rejects with the signal's reason
   * @returns {Promise<Corrupted>}
   */
  async corrupt({ id }, choice, { signal } = {}) {
    signal?.throwIfAborted();
    const view = this.#views.get(id);
    if (!view) throw refused('image', 'The image is closed. Open it again.');
    view.request?.reject(new DOMException('A newer request took the place of this one.', 'AbortError'));
    const number = ++this.#requests;
    /** @type {Promise<Corrupted>} */
    const corrupted = new Promise((resolve, reject) => {
      view.request = { number, choice, resolve, reject };
    });
    const had = this.#worker;
    this.start();
    if (had) this.#post({ kind: 'corrupt', view: id, number, ...choice });
    const abort = () => {
      if (view.request?.number !== number) return;
      this.#post({ kind: 'cancel', view: id });
      view.request.reject(signal?.reason);
      view.request = null;
    };
    signal?.addEventListener('abort', abort);
    return corrupted.finally(() => signal?.removeEventListener('abort', abort));
  }

  /**
   * Lets go of an image; a request that is not answered yet rejects with an `AbortError`.
   * @param {Pick<Opened, 'id'>} image
   */
  close({ id }) {
    this.#close(id, new DOMException('The image was closed.', 'AbortError'));
  }

  /**
   * Time passes; for a clock of its own.
   * @param {number} seconds
   */
  tick(seconds) {
    const passed = Math.min(seconds, LONGEST_TICK);
    if (this.#silent !== null) {
      this.#silent += passed;
      if (this.#silent > DEADLINES.start) this.#fail(`The engine did not start within ${DEADLINES.start} s. Reload the page, or try another browser.`);
      return;
    }
    // The newest call holds up the older ones.
    const newest = [...this.#running].at(-1);
    if (!newest) return;
    const [id, call] = newest;
    call.seconds += passed;
    if (call.seconds > DEADLINES.call) this.#replace(id, `gave no result within ${DEADLINES.call} s`);
  }

  /** @param {FromWorker} message */
  #hear(message) {
    switch (message.kind) {
      case 'began': return void this.#running.set(message.id, { task: message.task, seconds: 0 });
      case 'ended': return void this.#running.delete(message.id);
      case 'broken': return this.#broke(message.message, message.id);
      case 'failed': return this.#fail(startFailure(message.message));
      case 'ready':
        this.#silent = null;
        this.corruptions = message.corruptions;
        return this.#readiness.resolve(undefined);
    }
    const view = this.#views.get(message.view);
    if (!view) return;
    const { opening, request } = view;
    if (message.kind === 'opened') {
      const { view: id, side, pixels: clean } = message;
      view.opening = null;
      opening?.resolve({ id, side, clean });
    } else if (message.kind === 'refused' && message.number === null) {
      this.#close(message.view, refused(message.code, message.message));
    } else if (request && request.number === message.number) {
      view.request = null;
      if (message.kind === 'refused') return request.reject(refused(message.code, message.message));
      const { side, pixels, milliseconds } = message;
      request.resolve({ pixels: new ImageData(new Uint8ClampedArray(pixels.buffer), side, side), milliseconds });
    }
  }

  /** The worker broke at the call `id`, or else at the newest one. @param {string} reason @param {number | null} id */
  #broke(reason, id) {
    this.#replace(id ?? [...this.#running.keys()].at(-1) ?? null, `stopped the engine (${firstLine(reason)})`);
  }

  /** Refuses what a call was for, and goes on with a new worker. @param {number | null} call @param {string} reason */
  #replace(call, reason) {
    const { task } = this.#running.get(call ?? NaN) ?? { task: null };
    if (!task) return this.#fail(`The engine ${reason}. Reload the page, or try another browser.`);
    this.#end();
    const id = Number(task.key);
    const error = refused(task.kind === 'image' ? 'image' : 'corruption', refusal(task, reason));
    if (task.kind === 'image') this.#close(id, error);
    else this.#views.get(id)?.request?.reject(error);
    const view = this.#views.get(id);
    if (view) view.request = null;
    if (this.#views.size > 0) this.start();
  }

  /** Nothing can be answered; the next request tries anew. @param {string} note */
  #fail(note) {
    const error = refused('engine', note);
    this.#end();
    this.#readiness.reject(error);
    for (const id of this.#views.keys()) this.#close(id, error);
  }

  /** @param {number} id @param {unknown} reason why a request that waits is not answered */
  #close(id, reason) {
    const view = this.#views.get(id);
    if (!view) return;
    this.#views.delete(id);
    view.opening?.reject(reason);
    view.request?.reject(reason);
    this.#post({ kind: 'close', view: id });
    if (this.#views.size === 0) this.#idle = setTimeout(() => this.#end(), IDLE_MS);
  }

  #end() {
    clearInterval(this.#clock);
    clearTimeout(this.#idle);
    this.#worker?.terminate();
    this.#worker = null;
    this.#running.clear();
    this.#silent = null;
  }

  /** @param {ToWorker} message */
  #post(message) {
    this.#worker?.postMessage(message);
  }
}

/** @param {string} code @param {string} message */
function refused(code, message) {
  return Object.assign(new Error(message), { code });
}

/** The one that all elements of a page share. */
export const corrupter = new Corrupter(() => {
  const make = () => new Worker(new URL('../corrupt/worker.js', import.meta.url), { type: 'module', name: NAME });
  return startWorker(make, assetAddress('corrupt/worker.js'), NAME);
});
