// engine-module.js: what a built engine exports, as types, and how one is started. wasm-bindgen writes the modules from
// web/src into the folder of vitro.js.
//
// They are imported, and their WebAssembly is named, in words that bundlers see, and never later than their worker: a bundler
// cannot cut a worker's script in two.

import { compile } from './compile.js';

/** @import { Prediction } from '../messages.js' */
/** @import { Count } from './compile.js' */
/** @typedef {Omit<Prediction, 'numbers'> & { numbers: string, free(): void }} EngineAnswer the numbers are JSON */
/**
 * @typedef {object} EngineLike models on one device
 * @property {(bytes: Uint8Array) => number} load
 * @property {(id: number) => void} unload
 * @property {(id: number) => string} manifest JSON
 * @property {(id: number, image: EngineImage, corruption: string, severity: number, seed: number) => Uint8Array} see RGBA at
 *   the model's size, as it was measured
 * @property {(id: number, image: EngineImage, corruption: string, severity: number, seed: number) => Uint8Array} seeAtFullSize
 *   the same, corrupted before it was prepared for the model
 * @property {(id: number, image: EngineImage, corruption: string, severity: number, seed: number, side: number) => Uint8Array} thumbnail
 * @property {(id: number, pixels: Uint8Array, side: number) => Promise<EngineAnswer>} classify what the model sees
 * @property {(id: number, pixels: Uint8Array, side: number) => Promise<string>} layers of what the model sees, JSON
 * @property {(id: number, images: number, all: number, seed: number, folder?: string) => string} protocol of a sweep, a sentence
 * @property {(id: number, classes: string[]) => Uint32Array} columns the model's class for each class of a folder, or of the scenes
 * @property {(id: number, pixels: Uint8Array, column: number) => Promise<Uint8Array>} judge 1 for each image of this class that is right
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
 * @typedef {object} ImageMaker
 * @property {(bytes: Uint8Array) => EngineImage} [decode] where the engine has decoders of its own
 * @property {(bytes: Uint8Array) => void} [examine] where it has none: refuses what they would refuse
 * @property {(seed: number, index: number) => EngineImage} [scene] where the engine has networks to look at it
 * @property {(pixels: Uint8Array, width: number, height: number) => EngineImage} fromPixels
 * @property {(width: number, height: number) => void} checkSize
 */
/**
 * @typedef {object} EngineSweep what is asked of many images
 * @property {() => void} free
 * @property {number} conditions of an image: untouched, and each cell
 * @property {(count: number) => Uint32Array} scenes
 * @property {(labels: Uint32Array, count: number) => Uint32Array} chosen
 * @property {(index: number, preprocess: string) => EngineSwept} open a scene
 * @property {(index: number, bytes: Uint8Array, label: number, preprocess: string) => EngineSwept} openFile
 */
/**
 * @typedef {object} EngineSwept an image of a sweep, for models that prepare images alike
 * @property {() => void} free
 * @property {number} label
 * @property {(from: number, to: number) => Uint8Array} pixels of these conditions
 */
/**
 * @typedef {object} EngineModule
 * @property {(options: { module_or_path: WebAssembly.Module }) => Promise<unknown>} default
 * @property {() => EngineLike | Promise<EngineLike>} open
 * @property {() => string} corruptions JSON
 * @property {ImageMaker} Image
 * @property {{ new (corruptions: string[], severities: Uint8Array, seed: number): EngineSweep }} Sweep
 */

/**
 * Fetches, compiles and starts an engine.
 * @template {Pick<EngineModule, 'default'>} Module
 * @param {Module} module
 * @param {URL} wasm the address of its WebAssembly
 * @param {string} name of its file, as it was built
 * @param {Count} [count]
 */
export async function startModule(module, wasm, name, count) {
  await module.default({ module_or_path: await compile(wasm, name, count) });
  return module;
}
