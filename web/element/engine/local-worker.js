// local-worker.js: starts a module worker from any origin. Browsers only start workers of the page's own origin; for a
// page that embeds us from elsewhere, a one-line local module imports ours.

import { settings } from '../base/settings.js';

/**
 * @param {() => Worker} make starts it in the words by which bundlers find its script; right where the scripts are the page's own
 * @param {URL} url its address anywhere else
 * @param {string} name
 */
export function startWorker(make, url, name) {
  const ours = url.origin === location.origin;
  if (settings.assetBase === null && (ours || isOnDisk(url))) return make();
  if (ours) return new Worker(url, { type: 'module', name });
  const line = new Blob([`import ${JSON.stringify(String(url))};`], { type: 'text/javascript' });
  const local = URL.createObjectURL(line);
  const worker = new Worker(local, { type: 'module', name });
  // The browser has read the line once the worker says anything.
  worker.addEventListener('message', () => URL.revokeObjectURL(local), { once: true });
  return worker;
}

/**
 * Whether the address is a script's place on the disk of who built the page: some bundlers take that for `import.meta.url`.
 * No browser runs a module from there.
 * @param {URL} url
 */
function isOnDisk(url) {
  return url.protocol === 'file:';
}
