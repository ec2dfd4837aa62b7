// known.js: what is known of the engines. `cargo xtask demo` and `dist` write this file anew beside the built engines; unbuilt,
// nothing is known.

/** Each engine by the name of its file: how many bytes it has, and their SHA-256. @type {Record<string, { bytes: number, sha256: string } | undefined>} */
export const FILES = {};
