// Types of the elements. Written by `cargo xtask elements` from api.json: change that file.

export { VitroCorrupt } from './vitro.js';
export type * from './vitro.js';
