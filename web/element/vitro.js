// vitro.js: the one module a page loads. It defines the custom elements and exports the engine they share.
//
//   <script type="module" src="vitro/vitro.js"></script>
//   <vitro-compare src="scene:7/20" corruption="fog" severity="4" controls></vitro-compare>
//
// A page that needs one element only may load its module instead, such as `corrupt.js`. A page that loads two copies keeps the
// first: both export the same classes and the same engine. Where there is no document, as on a server that renders pages,
// importing it does nothing.
import { VitroCompare } from './compare.js';

export { VitroClassify } from './classify.js';
export { VitroCorrupt } from './corrupt.js';
export { VitroSweep } from './sweep.js';
export { VitroCompare };

export const engine = VitroCompare.engine;

// For pages and scripts that do not import modules. `vitro.ready` resolves when the processor engine can answer.
if (globalThis.document) {
  Object.assign(globalThis, { vitro: globalThis.vitro ?? { engine, get ready() { return engine.ready; } } });
}
