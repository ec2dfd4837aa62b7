// webgpu.js: the WebGPU engine as seen from the engine's worker. Same calls as the processor engine, answered by
// webgpu-worker.js.

import { assetAddress } from '../../base/settings.js';
import { startWorker } from '../local-worker.js';

/** @import { Prediction } from '../messages.js' */
/** @typedef {'open' | 'load' | 'unload' | 'classify'} Call */
/** @typedef {{ number: number, call: Call, args: unknown[] }} Request */
/** @typedef {{ number: number, result?: unknown, error?: string, lost?: undefined } | { lost: string }} Reply */
/** @typedef {{ resolve(value: any): void, reject(error: Error): void, timer: number }} Waiting */

/** How long one answer may take before the device counts as lost. */
const PATIENCE_MS = 120_000;
/** What a browser's tools call the thread. */
const NAME = 'vitro webgpu';

export class Webgpu {
  /** Resolves with the reason once the device is lost; the engine is closed then. @type {Promise<string>} */
  lost;
  #worker;
  #calls = 0;
  /** @type {Map<number, Waiting>} */
  #open = new Map();
  /** @type {(reason: string) => void} */
  #lose = () => {};

  constructor() {
    this.lost = new Promise((resolve) => {
      this.#lose = resolve;
    });
    const make = () => new Worker(new URL('./webgpu-worker.js', import.meta.url), { type: 'module', name: NAME });
    this.#worker = startWorker(make, assetAddress('engine/worker/webgpu-worker.js'), NAME);
    this.#worker.onerror = (event) => this.close(event.message || 'it could not be loaded');
    this.#worker.onmessage = ({ data }) => this.#hear(data);
  }

  /** @returns {Promise<void>} */
  open() {
    return this.#call('open');
  }

  /** @param {Uint8Array} bytes @returns {Promise<number>} */
  load(bytes) {
    return this.#call('load', bytes);
  }

  /** @param {number} id @returns {Promise<void>} */
  unload(id) {
    return this.#call('unload', id);
  }

  /** @param {number} id @param {Uint8Array} pixels @param {number} side @returns {Promise<Prediction>} */
  classify(id, pixels, side) {
    return this.#call('classify', id, pixels, side);
  }

  /** @param {Call} call @param {unknown[]} args @returns {Promise<any>} */
  #call(call, ...args) {
    return new Promise((resolve, reject) => {
      const number = ++this.#calls;
      const timer = setTimeout(() => this.close('no answer'), PATIENCE_MS);
      this.#open.set(number, { resolve, reject, timer });
      this.#worker.postMessage({ number, call, args });
    });
  }

  /** @param {Reply} reply */
  #hear(reply) {
    if (reply.lost !== undefined) return this.close(reply.lost);
    const call = this.#open.get(reply.number);
    if (!call) return;
    this.#open.delete(reply.number);
    clearTimeout(call.timer);
    if (reply.error === undefined) call.resolve(reply.result);
    else call.reject(new Error(reply.error));
  }

  /**
   * Ends the thread and everything that waits for it.
   * @param {string} reason
   */
  close(reason) {
    this.#worker.terminate();
    this.#lose(reason);
    for (const { reject, timer } of this.#open.values()) {
      clearTimeout(timer);
      reject(new Error(reason));
    }
    this.#open.clear();
  }
}
