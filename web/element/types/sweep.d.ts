// Types of the elements. Written by `cargo xtask elements` from api.json: change that file.

export { VitroSweep } from './vitro.js';
export type * from './vitro.js';
