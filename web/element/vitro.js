// vitro.js: the one module a page loads. It defines the custom elements and exports the engine they share.
//
//   <script type="module" src="vitro/vitro.js"></script>
//   <vitro-compare src="scene:7/20" corruption="fog" severity="4" controls></vitro-compare>
//
// A page that loads two copies of it keeps the first: both export the same class and the same engine. Where there is no
// document, as on a server that renders pages, importing it does nothing.
//
// `<vitro-corrupt>` and `<vitro-classify>` will join here: each is one more class over the same engine.
import { BUILD } from './base/build.js';
import { VitroCompare as OwnCompare } from './compare/compare.js';

const NAME = 'vitro-compare';

function define() {
  if (!globalThis.customElements) return OwnCompare;
  const first = /** @type {typeof OwnCompare | undefined} */ (customElements.get(NAME));
  if (!first) {
    customElements.define(NAME, OwnCompare);
    return OwnCompare;
  }
  if (first.build !== BUILD) console.warn(`<${NAME}> was already defined by another version of vitro, which stays.`);
  return first;
}

export const VitroCompare = define();
export const engine = VitroCompare.engine ?? OwnCompare.engine;

// For pages and scripts that do not import modules. `vitro.ready` resolves when the processor engine can answer.
if (globalThis.document) {
  Object.assign(globalThis, { vitro: globalThis.vitro ?? { engine, get ready() { return engine.ready; } } });
}
