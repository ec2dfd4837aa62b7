// vitro.js: the one module a page loads. It defines the custom elements and exports the engine they share.
//
//   <script type="module" src="vitro/vitro.js"></script>
//   <vitro-compare src="scene:7/20" corruption="fog" severity="4" controls></vitro-compare>
//
// `<vitro-corrupt>` and `<vitro-classify>` will join here: each is one more class over the same engine.
import { engine } from './engine.js';
import { VitroCompare } from './compare.js';

customElements.define('vitro-compare', VitroCompare);

// For pages and scripts that do not import modules. `vitro.ready` resolves when the processor engine can answer.
globalThis.vitro = { engine, get ready() { return engine.ready; } };

export { engine, VitroCompare };
