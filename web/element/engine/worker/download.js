// download.js: the bytes of a file or of an address, or the reason why there are none. Every request ends: a server that
// falls silent is given up.

import { read } from './read.js';
import { Refusal } from './refusal.js';
import { isStored, offlineReason, stored } from './stored-copy.js';

/** How long a server may send nothing, in milliseconds. */
const SILENCE_MS = 60_000;

/**
 * The name of what an address leads to, for sentences.
 * @param {string} address
 */
export function nameOf(address) {
  if (address.startsWith('data:')) return 'the image in the address';
  const path = address.split(/[?#]/)[0] ?? address;
  const last = path.split('/').pop() || path;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/**
 * The bytes of a `data:` address, which a page's policy may not let us fetch, or null for any other.
 * @param {string} address
 */
export function bytesOfData(address) {
  const match = /^data:[^,]*?(;base64)?,(.*)$/s.exec(address);
  if (!match) return null;
  try {
    const text = decodeURIComponent(match[2] ?? '');
    if (!match[1]) return new TextEncoder().encode(text);
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    throw new Refusal('address', 'The data in the address is damaged. Copy the address again.');
  }
}

/**
 * The bytes of a file of the visitor's.
 * @param {Blob} file
 * @param {string} name
 */
export async function bytesOfFile(file, name) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    // A folder comes as a file that cannot be read, and so does a file that has changed since.
    throw new Refusal('address', `“${name}” cannot be read. Choose a file, not a folder, and choose it again if it has changed.`);
  }
}

/**
 * Fetches an address. `accept` sees the first bytes and throws when the rest is not worth fetching.
 * @param {string | URL} address
 * @param {(head: Uint8Array) => void} accept
 * @param {object} how
 * @param {RequestCredentials} [how.credentials]
 * @param {RequestCache} [how.cache]
 * @param {(got: number, stored: boolean) => void} [how.heard] hears how many bytes are there, and whether they come from this device
 */
export async function download(address, accept, { credentials = 'same-origin', cache = 'default', heard = () => {} } = {}) {
  const name = nameOf(String(address));
  const stop = new AbortController();
  let timer = setTimeout(() => stop.abort(), SILENCE_MS);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), SILENCE_MS);
  };
  try {
    const response = await fetch(address, { signal: stop.signal, credentials, cache });
    if (!response.ok) {
      throw new Refusal('network', stored(response) ?? `“${name}” could not be fetched: the server answered ${response.status}.`);
    }
    alive();
    return await read(response, (got, chunk) => {
      if (got === chunk.length) accept(chunk);
      alive();
      heard(got, isStored(response));
    });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (stop.signal.aborted) {
      throw new Refusal('network', `“${name}” could not be fetched: the server sent nothing for ${SILENCE_MS / 1000} s.`);
    }
    throw new Refusal('network', `“${name}” could not be fetched. ${reasonOf(String(address), name)}`);
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/** A browser does not say why it could not fetch; the address says what is likely. @param {string} address @param {string} name */
function reasonOf(address, name) {
  const offline = offlineReason(`“${name}”`);
  if (offline) return offline;
  try {
    const { origin, host, protocol } = new URL(address);
    if (protocol === 'blob:') return 'The page that created it has released it.';
    if (origin !== location.origin) {
      return `${host} does not allow other sites to read it (CORS), or it cannot be reached. Save the file and choose it here.`;
    }
  } catch {
    // Not even an address.
  }
  return 'Check the address and the connection.';
}
