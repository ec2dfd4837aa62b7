// whole.js: whether bytes are what they should be, by their SHA-256. What arrives damaged, from a network or from a cache on
// the way, is not used; it is asked for once more, past every cache.
//
// Browsers hash on pages that came over a safe connection only. Elsewhere nothing is checked, and nothing is kept either.

/** What came is not what was asked for. */
export class Damaged extends Error {}

/**
 * Whether these bytes have that SHA-256; true where that cannot be known.
 * @param {Uint8Array} bytes
 * @param {string | undefined} sha256
 */
export async function isWhole(bytes, sha256) {
  if (!sha256 || !globalThis.crypto?.subtle) return true;
  const digest = await crypto.subtle.digest('SHA-256', /** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  return hex(new Uint8Array(digest)) === sha256;
}

/**
 * The weights in a bundle: what stands behind its header.
 * @param {Uint8Array} bytes
 */
export function weightsOf(bytes) {
  if (bytes.length < 8) return bytes;
  const header = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return bytes.subarray(Math.min(8 + header, bytes.length));
}

/**
 * Makes a request, and once more past every cache when what comes is damaged.
 * @template T
 * @param {(cache: RequestCache) => Promise<T>} ask
 * @returns {Promise<T>}
 */
export async function asked(ask) {
  try {
    return await ask('default');
  } catch (error) {
    if (error instanceof Damaged) return ask('reload');
    throw error;
  }
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
