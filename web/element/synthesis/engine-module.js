// engine-module.js: what the engine with gradients exports beside the others, as types. No code.

/** @import { EngineLike, EngineModule } from '../engine/worker/engine-module.js' */
/** @typedef {{ logits: Float32Array, probabilities: Float32Array }} Watched */
/**
 * @typedef {object} Course something under way
 * @property {() => void} free
 * @property {() => string | undefined} step JSON; nothing when there is none left
 * @property {(x: number, y: number) => void} carry
 * @property {number} label of the class that attacks lead away from
 * @property {() => Uint8Array} image RGBA
 * @property {() => { pixels: Uint8Array, size: number, onTokens: boolean, free(): void }} noise
 */
/**
 * @typedef {object} Differentiable
 * @property {(id: number, pixels: Uint8Array, side: number, name: string, amount: number, seed: number, x: number, y: number) => Course} begin
 * @property {(id: number, course: Course, shown: number) => (Watched & { free(): void }) | undefined} watch
 * @property {(id: number, course: Course, index: number) => Float32Array | undefined} classMap what speaks for a class at each patch
 */
/** @typedef {EngineLike & Differentiable} DifferentiableEngine */
/**
 * @typedef {object} SynthesisModule
 * @property {EngineModule['default']} default
 * @property {() => DifferentiableEngine} open
 * @property {EngineModule['Image']} Image
 * @property {() => string} syntheses JSON
 * @property {{ Clean: number, Made: number, Control: number }} Shown
 */

export {};
