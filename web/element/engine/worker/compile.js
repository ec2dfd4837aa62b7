// compile.js: fetches and compiles WebAssembly, whatever type its server gives it.

/** The first bytes of every WebAssembly file. */
const MAGIC = [0, 0x61, 0x73, 0x6d];

/** @param {URL} address */
export async function compile(address) {
  const file = address.pathname.split('/').pop();
  const response = await fetch(address).catch(() => {
    throw new Error(`${file} could not be fetched. Check the connection, and connect-src of the site's security policy.`);
  });
  if (!response.ok) {
    throw new Error(`${file} is missing (the server answered ${response.status}). Copy the whole folder of the built page.`);
  }
  // Compiling while it downloads is quicker, and allowed for this one type only.
  if (response.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(response);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw new Error(`${file} is no WebAssembly: the server sent something else. Copy the whole folder of the built page.`);
  }
  return WebAssembly.compile(bytes);
}
