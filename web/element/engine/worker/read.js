// read.js: the bytes of a response, part by part. `heard` is told how many there are, and throws when no more are wanted.

/**
 * @param {Response} response
 * @param {(got: number, chunk: Uint8Array) => void} heard
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function read(response, heard) {
  const chunks = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (let chunk = await reader?.read(); chunk?.value; chunk = await reader?.read()) {
    chunks.push(chunk.value);
    length += chunk.value.length;
    heard(length, chunk.value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
