// webgpu.js (worker): the WebGPU engine as seen from the engine's worker. Same calls as the processor engine, answered
// by webgpu-worker.js.

import { startWorker } from './local-worker.js';

/** How long one answer may take before the device counts as lost. */
const PATIENCE_MS = 120_000;

export class Webgpu {
  /** Resolves with the reason once the device is lost; the engine is closed then. */
  lost;
  #worker;
  #calls = 0;
  #open = new Map();
  #lose;

  constructor(version) {
    this.lost = new Promise((resolve) => (this.#lose = resolve));
    this.#worker = startWorker(new URL(`webgpu-worker.js${version}`, import.meta.url), 'vitro webgpu');
    this.#worker.onerror = (event) => this.close(event.message || 'it could not be loaded');
    this.#worker.onmessage = ({ data }) => (data.lost ? this.close(data.lost) : this.#settle(data));
  }

  open() {
    return this.#call('open');
  }

  load(bytes) {
    return this.#call('load', bytes);
  }

  classify(id, pixels, side) {
    return this.#call('classify', id, pixels, side);
  }

  #call(call, ...args) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const number = ++this.#calls;
    const timer = setTimeout(() => this.close('no answer'), PATIENCE_MS);
    this.#open.set(number, { resolve, reject, timer });
    this.#worker.postMessage({ number, call, args });
    return promise;
  }

  #settle({ number, result, error }) {
    const call = this.#open.get(number);
    this.#open.delete(number);
    clearTimeout(call.timer);
    if (error === undefined) call.resolve(result);
    else call.reject(new Error(error));
  }

  /** Ends the thread and everything that waits for it. */
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
