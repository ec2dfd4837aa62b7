// What the page's scripts find where the page is built: the element's folder under its public name, and what vitro.js
// leaves for scripts that do not import modules.
declare var vitro: { engine: import('./element/engine/engine.js').Engine; readonly ready: Promise<unknown> } | undefined;

/** Copies a report of a failure (page/start.js). */
declare var vitroReport: ((sentences: string[], more: string[], button: HTMLElement) => void) | undefined;

declare module '*/vitro/vitro.js' {
  export const engine: import('./element/engine/engine.js').Engine;
  export const VitroCompare: typeof import('./element/compare/compare.js').VitroCompare;
  export type VitroCompare = import('./element/compare/compare.js').VitroCompare;
}

declare module '*/vitro/synthesis/client.js' {
  export const open: typeof import('./element/synthesis/client.js').open;
}
