// refusal.js: errors with a code, as the engine's own have (web/src/refusal.rs), and how to tell one that leaves the engine
// whole from one that does not.

/** The codes of what can be refused. */
const CODES = ['address', 'network', 'format', 'image', 'corruption', 'bundle'];

/** Why something is refused: one of these codes, and a sentence. */
export class Refusal extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = code;
  }
}

/** @param {unknown} error */
export function sentence(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The code of a refusal; of anything else, `engine`.
 * @param {unknown} error
 */
export function codeOf(error) {
  return error instanceof Error && CODES.includes(error.name) ? error.name : 'engine';
}

/**
 * Whether the engine is in pieces: it panicked, trapped, or ran out of stack or memory.
 * @param {unknown} error
 */
export function isBreakdown(error) {
  if (error instanceof RangeError) return true;
  return error instanceof Error && ['RuntimeError', 'panic', 'InternalError'].includes(error.name);
}

/**
 * Whether a browser refused to compile WebAssembly. Told by its name: where there is no WebAssembly, there is no such class.
 * @param {unknown} error
 */
export function isCompileError(error) {
  return error instanceof Error && error.name === 'CompileError';
}
