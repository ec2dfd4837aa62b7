// worker.js: the thread of corruptions. It loads the small engine, which knows no networks.
//
// The messages are in messages.js. Between any two corruptions newer messages are let in: the newest request of a view wins,
// and what was cancelled meanwhile is not computed. Whatever can hang or break goes through the guard.

import * as engine from '../engine-corrupt.js';
import { startModule } from '../engine/worker/engine-module.js';
import { Guard } from '../engine/worker/guard.js';
import { openImage } from '../engine/worker/image.js';
import { pause } from '../engine/worker/pause.js';
import { codeOf, isCompileError, sentence } from '../engine/worker/refusal.js';

/** @import { Corrupt, FromWorker, Open, ToWorker } from './messages.js' */
/** @import { EngineImage } from '../engine/worker/engine-module.js' */

/** An image that is open or about to be. @typedef {{ image: EngineImage | null, request: Corrupt | null }} View */

/** @type {Map<number, View>} */
const views = new Map();
/** Nothing is refused from the start: the client knows what broke a worker before. @type {Map<string, string>} */
const refused = new Map();
const guard = new Guard(post, refused);
let running = false;

const started = startModule(engine, new URL('../engine-corrupt_bg.wasm', import.meta.url), 'engine-corrupt_bg.wasm');
started.then(
  () => post({ kind: 'ready', corruptions: JSON.parse(engine.corruptions()) }),
  (error) => post({ kind: 'failed', message: isCompileError(error) ? String(error) : sentence(error) }),
);

onmessage = (event) => {
  const message = /** @type {ToWorker} */ (event.data);
  const view = views.get(message.view);
  switch (message.kind) {
    case 'open': return void open(message);
    case 'close':
      view?.image?.free();
      return void views.delete(message.view);
    case 'cancel':
      if (view) view.request = null;
      return;
    case 'corrupt':
      if (view) view.request = message;
      return void work();
  }
};

/** @param {Open} message */
async function open({ view: id, src, file, credentials }) {
  /** @type {View} */
  const view = { image: null, request: null };
  views.set(id, view);
  try {
    const module = await started;
    const image = await openImage(module, (name, call) => guard.run({ kind: 'image', key: String(id), name }, call), { src, file, credentials });
    if (views.get(id) !== view) return image.free();
    view.image = image;
    const pixels = own(image.clean());
    post({ kind: 'opened', view: id, side: image.side, pixels }, [pixels.buffer]);
    work();
  } catch (error) {
    if (views.get(id) !== view) return;
    views.delete(id);
    post({ kind: 'refused', view: id, number: null, code: codeOf(error), message: sentence(error) });
  }
}

/** Works until no open image has a request. One loop for all views: they share the engine in turn. */
async function work() {
  if (running) return;
  running = true;
  for (let next = wanted(); next; next = wanted()) {
    await corrupt(next);
    await pause();
  }
  running = false;
}

function wanted() {
  for (const view of views.values()) {
    const { image, request } = view;
    if (!image || !request) continue;
    view.request = null;
    return { image, request };
  }
  return null;
}

/** @param {{ image: EngineImage, request: Corrupt }} next */
async function corrupt({ image, request }) {
  const { view, number, corruption, severity, seed } = request;
  try {
    const start = performance.now();
    const task = /** @type {const} */ ({ kind: 'corruption', key: String(view), name: corruption });
    const pixels = own(await guard.run(task, () => (severity === 0 ? image.clean() : image.corrupt(corruption, severity, seed))));
    const milliseconds = performance.now() - start;
    post({ kind: 'corrupted', view, number, side: image.side, pixels, milliseconds }, [pixels.buffer]);
  } catch (error) {
    post({ kind: 'refused', view, number, code: codeOf(error), message: sentence(error) });
  }
}

/** What the engine returns is a copy already, in a buffer of its own. @param {Uint8Array} pixels */
function own(pixels) {
  return /** @type {Uint8Array<ArrayBuffer>} */ (pixels);
}

/** @param {FromWorker} message @param {Transferable[]} transfer */
function post(message, transfer = []) {
  postMessage(message, { transfer });
}
