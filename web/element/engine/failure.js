// failure.js: why the engine does not start, in a sentence that says what to do. Pure.

const POLICY = "This site's content security policy forbids";

/**
 * The sentence for an error of the browser's.
 * @param {string} message
 */
export function startFailure(message) {
  if (/unsafe-eval|content.security.policy|\bCSP\b/i.test(message)) {
    return `${POLICY} WebAssembly. Its host has to allow 'wasm-unsafe-eval' in script-src.`;
  }
  if (/WebAssembly is not defined/i.test(message)) {
    return 'WebAssembly is switched off in this browser. Allow it, or use another browser.';
  }
  if (/CompileError|WebAssembly\.(compile|instantiate)|validat/i.test(message)) {
    return `This browser cannot run the engine. Use a current one. (${message})`;
  }
  return message;
}

/**
 * The sentence for a worker that did not start, `directive` being the policy's that was violated meanwhile, or ''.
 * @param {string} directive
 * @param {string} address
 */
export function workerFailure(directive, address) {
  if (directive) return `${POLICY} workers. Its host has to allow 'self' and blob: in worker-src.`;
  return `The engine could not be loaded from ${address}. Copy the whole built page there, and reload.`;
}
