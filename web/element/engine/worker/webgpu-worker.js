// webgpu-worker.js: the WebGPU engine's own thread. Compiling shaders may block for seconds; here it blocks nobody.
//
// In and out: `Request` and `Reply` of webgpu.js; {lost} comes once the device is gone or the engine broke.

import * as webgpu from '../../engine-webgpu.js';
import { plain } from './answer.js';
import { startModule } from './engine-module.js';
import { watchForLoss } from './loss.js';
import { sentence } from './refusal.js';

/** @import { EngineLike } from './engine-module.js' */
/** @import { Request } from './webgpu.js' */

/** @type {EngineLike | null} */
let engine = null;

/** @type {Record<Request['call'], (...args: any[]) => unknown>} */
const calls = {
  async open() {
    watchForLoss((lost) => postMessage({ lost }));
    const module = await startModule(webgpu, new URL('../../engine-webgpu_bg.wasm', import.meta.url), 'engine-webgpu_bg.wasm');
    engine = await module.open();
  },
  load: (bytes) => engine?.load(bytes),
  unload: (id) => engine?.unload(id),
  classify: async (id, pixels, side) => engine && plain(await engine.classify(id, pixels, side)),
};

onmessage = async ({ data }) => {
  const { number, call, args } = /** @type {Request} */ (data);
  try {
    postMessage({ number, result: await calls[call](...args) });
  } catch (error) {
    postMessage({ number, error: sentence(error) });
  }
};

// A call whose engine broke down never settles, so the break itself is reported.
addEventListener('error', (event) => {
  event.preventDefault();
  postMessage({ lost: event.message });
});
addEventListener('unhandledrejection', ({ reason }) => postMessage({ lost: sentence(reason) }));
