// build.js: the name of the build. `cargo xtask demo` and `dist` write this file anew beside the built engine, with a hash
// of everything in the folder; it is part of the addresses of the engine's files, so that a new page is never paired with
// an old engine from a cache. Unbuilt, there is no name and nothing is added to an address.

/** @type {string} */
export const BUILD = '';
