// breaking-engine.js: the processor engine, breaking on purpose for bundles whose title says how.

import { open as start } from './real-engine-cpu.js';
export * from './real-engine-cpu.js';
export { default } from './real-engine-cpu.js';

/** A module of one function, which traps. */
const TRAP = [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 5, 1, 3, 0, 0, 11];
const trap = () => new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(TRAP))).exports.f();

export function open() {
  const engine = start();
  const title = (id) => JSON.parse(engine.manifest(id)).title;
  return {
    manifest: (id) => engine.manifest(id),
    unload: (id) => engine.unload(id),
    see: (...look) => engine.see(...look),
    seeAtFullSize: (...look) => engine.seeAtFullSize(...look),
    layers: (...look) => engine.layers(...look),
    thumbnail: (...look) => engine.thumbnail(...look),
    load(bytes) {
      const id = engine.load(bytes);
      if (title(id) === 'traps when loaded') trap();
      return id;
    },
    classify(id, pixels, side) {
      if (title(id) === 'hangs') for (;;);
      if (title(id) === 'traps at once') trap();
      if (title(id) !== 'traps') return engine.classify(id, pixels, side);
      queueMicrotask(trap); // As a panic in the middle of a promise.
      return new Promise(() => {});
    },
  };
}
