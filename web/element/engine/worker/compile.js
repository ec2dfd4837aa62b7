// compile.js: fetches and compiles WebAssembly, whatever type its server gives it, and hands it on once it is known to be whole.

import { FILES } from './known.js';
import { read } from './read.js';
import { isStored, offlineReason, stored } from './stored-copy.js';
import { asked, Damaged, isWhole } from './whole.js';

/** @import { Bytes } from '../messages.js' */
/** @typedef {(bytes: Omit<Bytes, 'kind'>) => void} Count hears how much of a file is there */

/** The first bytes of every WebAssembly file. */
const MAGIC = [0, 0x61, 0x73, 0x6d];

/**
 * @param {URL} address
 * @param {string} name of the file, as it was built; a bundler may have given it another
 * @param {Count} count
 */
export async function compile(address, name, count = () => {}) {
  if (!globalThis.WebAssembly) throw new Error('WebAssembly is not defined.');
  return asked((cache) => fetchAndCompile(address, name, count, cache)).catch((error) => {
    if (!(error instanceof Damaged)) throw error;
    throw new Error(`${name} arrives damaged. Reload the page; if that does not help, copy the whole built page again.`);
  });
}

/** @param {URL} address @param {string} name @param {Count} count @param {RequestCache} cache */
async function fetchAndCompile(address, name, count, cache) {
  const response = await fetch(address, { cache }).catch(() => {
    const reason = offlineReason(name) ?? "Check the connection, and connect-src of the site's security policy.";
    throw new Error(`${name} could not be fetched. ${reason}`);
  });
  if (!response.ok) {
    throw new Error(stored(response) ?? `${name} is missing (the server answered ${response.status}). Copy the whole built page.`);
  }
  const known = FILES[name];
  // Compiling while it downloads is quicker, and allowed for this one type only.
  const streams = response.headers.get('content-type') === 'application/wasm';
  const compiling = streams ? WebAssembly.compileStreaming(response.clone()) : null;
  compiling?.catch(() => {}); // Damaged bytes are told from what a browser cannot run below.
  const bytes = await read(response, (got) => {
    count({ file: address.href, got, of: known?.bytes ?? null, stored: isStored(response) });
  }).catch(() => {
    throw new Error(`${name} could not be fetched to its end. ${offlineReason(name) ?? 'Check the connection, and reload the page.'}`);
  });
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    if (cache !== 'reload' && known) throw new Damaged();
    throw new Error(`${name} is no WebAssembly: the server sent something else. Copy the whole built page.`);
  }
  if (!(await isWhole(bytes, known?.sha256))) throw new Damaged();
  return compiling ?? WebAssembly.compile(bytes);
}
