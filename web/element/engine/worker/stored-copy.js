// stored-copy.js: what a page's service worker says of a file that it answers with, and what a missing network means. A page
// may have no such worker: then nothing is said.

/** The header that our service worker adds: `yes` for what comes from this device, `damaged` where nothing whole was to be had. */
export const HEADER = 'vitro-stored';

/**
 * Whether a response comes from this device.
 * @param {Response} response
 */
export function isStored(response) {
  return response.headers.get(HEADER) === 'yes';
}

/**
 * The sentence for a response that stands for a damaged copy, or null.
 * @param {Response} response
 */
export function stored(response) {
  if (response.headers.get(HEADER) !== 'damaged') return null;
  const file = new URL(response.url || 'file:///the file').pathname.split('/').pop();
  return `The copy of ${file} on this device is damaged, and there is no connection to fetch it again. Connect and reload the page.`;
}

/**
 * The sentence for a device without a network, or null where there is one.
 * @param {string} name
 */
export function offlineReason(name) {
  return globalThis.navigator?.onLine === false ? `This device is offline, and ${name} is not stored on it yet. Connect and reload the page.` : null;
}
