// What `cargo xtask demo` builds beside vitro.js.
declare module '*/engine-cpu.js' {
  type Module = import('./element/engine/worker/engine-module.js').EngineModule;
  const start: Module['default'];
  export default start;
  export const open: Module['open'];
  export const corruptions: Module['corruptions'];
  export const Image: Module['Image'];
  export const Sweep: Module['Sweep'];
}
declare module '*/engine-corrupt.js' {
  export { default, corruptions, Image } from '*/engine-cpu.js';
}
declare module '*/engine-synthesis.js' {
  type Module = import('./element/synthesis/engine-module.js').SynthesisModule;
  const start: Module['default'];
  export default start;
  export const open: Module['open'];
  export const Image: Module['Image'];
  export const Shown: Module['Shown'];
  export const syntheses: Module['syntheses'];
}
declare module '*/engine-webgpu.js' {
  export * from '*/engine-cpu.js';
  export { default } from '*/engine-cpu.js';
}
