// engine-module.js: what a built engine exports, as types, and how one is imported. wasm-bindgen writes the modules from
// web/src; they lie in the folder above these.

import { BUILD } from '../../base/build.js';
import { compile } from './compile.js';

/** @import { Prediction } from '../messages.js' */
/** @typedef {Omit<Prediction, 'numbers'> & { numbers: string, free(): void }} EngineAnswer the numbers are JSON */
/**
 * @typedef {object} EngineLike models on one device
 * @property {(bytes: Uint8Array) => number} load
 * @property {(id: number) => void} unload
 * @property {(id: number) => string} manifest JSON
 * @property {(id: number, pixels: Uint8Array, side: number) => Promise<EngineAnswer>} classify
 */
/**
 * @typedef {object} EngineImage
 * @property {() => void} free
 * @property {() => Uint8Array} clean
 * @property {(corruption: string, severity: number, seed: number) => Uint8Array} corrupt
 * @property {(corruption: string, severity: number, seed: number, side: number) => Uint8Array} thumbnail
 * @property {number} side
 * @property {string | undefined} label
 */
/**
 * @typedef {object} EngineModule
 * @property {(options: { module_or_path: WebAssembly.Module }) => Promise<unknown>} default
 * @property {() => EngineLike | Promise<EngineLike>} open
 * @property {() => string} corruptions JSON
 * @property {{ decode(bytes: Uint8Array): EngineImage, scene(seed: number, index: number): EngineImage,
 *   fromPixels(pixels: Uint8Array, width: number, height: number): EngineImage,
 *   checkSize(width: number, height: number): void }} Image
 */

/**
 * Fetches, compiles and starts an engine.
 * @param {'engine-cpu' | 'engine-webgpu'} name
 */
export async function startModule(name) {
  const version = BUILD ? `?v=${BUILD}` : '';
  const compiled = compile(new URL(`../../${name}_bg.wasm${version}`, import.meta.url));
  compiled.catch(() => {}); // Awaited below.
  const module = /** @type {EngineModule} */ (await import(`../../${name}.js${version}`));
  await module.default({ module_or_path: await compiled });
  return module;
}
