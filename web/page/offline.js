// offline.js: keeps the page on this device, so that it works without a network. ../sw.js, the service worker, does the keeping;
// it begins after the first answers, which it must not slow down. The footer says how much is kept and deletes it on request.

import { megabytes } from './bytes.js';

const SCRIPT = new URL('../sw.js', import.meta.url);
/** Headers that the service worker gives to what it keeps. */
const BYTES = 'vitro-bytes';

/** @typedef {{ keep(addresses: string[]): void }} Keeper */

/**
 * @param {EventTarget} compare the element whose first `result` it waits for
 * @returns {Keeper} which keeps further files, once it has begun
 */
export function keepOffline(compare) {
  const workers = navigator.serviceWorker;
  const place = /** @type {HTMLElement} */ (document.querySelector('.stored'));
  const words = /** @type {HTMLElement} */ (place.querySelector('span'));
  /** @type {Set<string>} */
  const addresses = new Set();
  let deleted = false;
  if (!workers) return { keep() {} }; // A page that came over an unsafe connection has none.
  const scope = new URL('.', SCRIPT);
  scope.search = '';

  const send = async () => {
    const { active } = await workers.ready;
    if (!deleted) active?.postMessage({ kind: 'keep', addresses: [...addresses] });
  };
  const begin = async () => {
    if (deleted) return;
    SCRIPT.search = ''; // Always the same address, so that a new one replaces an old one.
    await workers.register(SCRIPT, { scope: scope.href, updateViaCache: 'none' });
    await send();
  };
  const say = async () => {
    const bytes = await kept(scope);
    if (deleted || bytes === 0) return;
    place.hidden = false;
    words.textContent = `This page works without a network: it keeps ${megabytes(bytes)} on this device.`;
  };
  workers.addEventListener('message', ({ data }) => data?.kind === 'kept' && say().catch(() => {}));
  const button = /** @type {HTMLButtonElement} */ (place.querySelector('button'));
  button.onclick = async () => {
    deleted = true;
    button.hidden = true;
    words.textContent = 'Deleting what is kept…';
    await forget(scope);
    words.textContent = 'Nothing is kept on this device any more, until your next visit.';
  };
  // A browser that refuses to keep anything shows the page all the same.
  if (workers.controller) begin().catch(() => {});
  else compare.addEventListener('result', () => begin().catch(() => {}), { once: true });
  return {
    keep(more) {
      for (const address of more) addresses.add(address);
      if (workers.controller) send().catch(() => {});
    },
  };
}

/** The caches of this site; others of the same origin may lie beside them. @param {URL} scope */
async function names(scope) {
  return (await caches.keys()).filter((name) => name.startsWith(`vitro ${scope.pathname} `));
}

/** How many bytes are kept. @param {URL} scope */
async function kept(scope) {
  let bytes = 0;
  for (const name of await names(scope)) {
    const cache = await caches.open(name);
    for (const response of await cache.matchAll()) bytes += Number(response.headers.get(BYTES)) || 0;
  }
  return bytes;
}

/** Deletes what is kept, and ends the service worker. @param {URL} scope */
async function forget(scope) {
  const registration = await navigator.serviceWorker.getRegistration(scope.href);
  await registration?.unregister();
  for (const name of await names(scope)) await caches.delete(name);
}
