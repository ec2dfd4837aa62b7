// messages.js: everything that the page and the worker of a synthesis say to each other, as types. No code.

/** @import { Began, Broken, Ended, Protocol } from '../engine/messages.js' */

/**
 * A row of the registry.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} title
 * @property {string} about a sentence
 * @property {{ title: string, unit: string, least: number, most: number, step: number, usual: number }} amount a slider
 * @property {string | null} watched what a step's value is
 * @property {boolean} has_place whether it lies at a place that the visitor chooses
 * @property {boolean} is_random
 */

/** @typedef {[number, number]} Place a centre, from the left and from the top, as fractions of the image */

/**
 * An image as it is seen, before anything is done to it.
 * @typedef {object} Seen
 * @property {string} src
 * @property {File | undefined} file what `src` stands for, when it is a file of the visitor's
 * @property {RequestCredentials} credentials
 * @property {string} corruption
 * @property {number} severity
 * @property {number} seed of the corruption
 * @property {Protocol} protocol
 */

/**
 * What is wished for.
 * @typedef {object} Wish
 * @property {string} synthesis name of a row
 * @property {string} against name of a model
 * @property {string[]} models who watch, in order
 * @property {number} amount
 * @property {number} seed
 * @property {Place} place
 * @property {Seen} seen
 */

/** @typedef {{ name: string, shown: string, bytes: Uint8Array }} Bundle a model's file, and its name in sentences */
/** @typedef {{ kind: 'open', module: WebAssembly.Module }} Open the first message */
/** @typedef {{ kind: 'begin', number: number, bundles: Bundle[] } & Wish} Begin with those bundles that the worker has not had */
/** @typedef {{ kind: 'carry', number: number, place: Place }} Carry */
/** @typedef {{ kind: 'stop', number: number }} Stop what is made so far stays */
/** @typedef {Open | Begin | Carry | Stop} ToSynthesis */

/** @typedef {{ top: string, probability: number, still: number }} Said the likeliest class, and how likely the one from before is */
/**
 * What a model says.
 * @typedef {object} Witness
 * @property {string} name
 * @property {string} title
 * @property {Said} [before]
 * @property {Said} [now]
 * @property {number[]} [logits] what it says now, in full
 * @property {number} [shift] the largest change of a logit
 * @property {string} [refusal] why it does not see it
 */
/** @typedef {{ done: number, of: number, value: number | null }} Step */
/** @typedef {{ kind: 'opened', rows: Row[] }} Opened */
/**
 * What there is to see after a step, or before the first.
 * @typedef {object} Shown
 * @property {'shown'} kind
 * @property {number} number
 * @property {Step | null} step
 * @property {number} side
 * @property {Uint8Array} clean RGBA
 * @property {Uint8Array} image RGBA
 * @property {{ pixels: Uint8Array, size: number, onTokens: boolean }} noise
 * @property {string} label what the model said, which attacks lead away from
 * @property {Witness[]} witnesses
 * @property {Witness | null} control what the model says of as much noise that should do more
 */
/**
 * How much each patch speaks for a class, row by row, summing to one; null where the model forms no attention, or does not see the image;
 * a sentence where it fails.
 * @typedef {Float32Array | string | null} ClassMap
 */
/** @typedef {{ kind: 'explained', number: number, maps: ClassMap[] }} Explained for the class that each of those who watch sees now */
/** @typedef {{ kind: 'done', number: number }} Done there is no further step, or it was stopped */
/** @typedef {{ kind: 'refused', number: number, message: string }} Refused it cannot be done */
/** @typedef {{ kind: 'failed', message: string }} Failed the engine does not start */
/** @typedef {Began | Ended | Broken | Opened | Shown | Explained | Done | Refused | Failed} FromSynthesis */

export {};
