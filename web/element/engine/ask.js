// ask.js: the answers of models to one image, beside what any element shows.

/** @import { ModelAnswer } from '../base/api.js' */
/** @import { Engine } from './engine.js' */
/** @import { Manifest, ToView } from './messages.js' */

/**
 * @param {Engine} engine
 * @param {string} src the address of the image; let go of when there are answers
 * @param {{ models: string[], credentials: RequestCredentials, signal?: AbortSignal | undefined }} options
 * @returns {Promise<ModelAnswer[]>} one for each model that answers; rejects with `code` when none does
 */
export async function ask(engine, src, { models, credentials, signal }) {
  const view = engine.join();
  try {
    signal?.throwIfAborted();
    return await answers(engine, { view, src, models, credentials, signal });
  } finally {
    engine.send({ kind: 'forget', view });
    engine.release(src);
  }
}

/**
 * @param {Engine} engine
 * @param {{ view: number, src: string, models: string[], credentials: RequestCredentials, signal: AbortSignal | undefined }} request
 * @returns {Promise<ModelAnswer[]>}
 */
function answers(engine, { view, src, models, credentials, signal }) {
  return new Promise((resolve, reject) => {
    /** @type {Map<string, Manifest>} */
    const manifests = new Map();
    /** @type {ModelAnswer[]} */
    const given = [];
    let refusal = '';
    const ends = new AbortController();
    /** @param {string} code @param {string} message */
    const stop = (code, message) => {
      ends.abort();
      reject(Object.assign(new Error(message), { code }));
    };
    /** @param {ToView} message */
    const hear = (message) => {
      switch (message.kind) {
        case 'model': return void manifests.set(message.name, message.manifest);
        case 'refused': return void (refusal ||= message.message);
        case 'stopped': return stop(message.code, message.message);
        case 'again': return void given.splice(0);
        case 'answer': {
          const { name, backend, milliseconds } = message;
          const { title = name, classes = [] } = manifests.get(name) ?? {};
          const probabilities = [...message.probabilities];
          const top = classes[probabilities.indexOf(Math.max(...probabilities))] ?? '';
          return void given.push({ name, title, classes, probabilities, top, backend, milliseconds });
        }
        case 'done':
          if (given.length === 0) return stop('bundle', refusal || 'There is no model here. Name one in `models`.');
          ends.abort();
          resolve(given);
      }
    };
    const until = { signal: ends.signal };
    engine.addEventListener(`vitro-view-${view}`, (event) => hear(/** @type {CustomEvent<ToView>} */ (event).detail), until);
    engine.addEventListener('change', () => engine.failure && stop('engine', engine.failure), until);
    signal?.addEventListener('abort', () => {
      ends.abort();
      reject(signal.reason);
    }, until);
    if (engine.failure) return stop('engine', engine.failure);
    engine.send({ kind: 'look', view, number: 1, src, corruption: 'fog', severity: 0, seed: 0, protocol: 'measured', models, credentials });
  });
}
