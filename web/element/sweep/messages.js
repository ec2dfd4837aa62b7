// messages.js: everything that the page and the workers of a sweep say to each other, and what comes of it, as types. No code.

/** @import { Began, Broken, Corruption, Ended } from '../engine/messages.js' */

/**
 * Images in class folders.
 * @typedef {object} Folder
 * @property {string} name of the folder
 * @property {string[]} classes in the order of their labels
 * @property {{ file: File, path: string, label: number }[]} images in the order of their numbers
 * @property {boolean} hasTraining whether there are training images beside them
 */
/** @typedef {Pick<Folder, 'name' | 'classes' | 'hasTraining'> & { labels: number[] }} Labels what of a folder every worker knows */

/**
 * What a sweep is asked.
 * @typedef {object} Asked
 * @property {readonly string[]} models names of the zoo or addresses; none: all of the zoo
 * @property {readonly string[]} corruptions names; none: untouched images alone
 * @property {readonly number[]} severities 1 to 5
 * @property {number} images how many scenes or images of the folder, spread evenly over the classes; 0: all there are
 * @property {number} seed of the corruptions
 * @property {Folder | null} [folder] of images that are counted instead of scenes
 */

/** @typedef {{ right: number, images: number }} Count */
/**
 * What is known of one model so far.
 * @typedef {object} Counts
 * @property {string} name
 * @property {string} title
 * @property {string} protocol the conditions of the measurement, a sentence; empty before the model is loaded
 * @property {string | null} refusal why it is left out
 * @property {Count} clean the untouched images
 * @property {Count[][]} cells by corruption, then by severity, in the order of the tally
 * @property {number[]} flips where images are first wrong, each once for each corruption: untouched, at each severity, never; empty
 *   where nothing is corrupted
 */
/**
 * What is known so far, the last one being the result. Every cell of every model has the same number of images.
 * @typedef {object} Tally
 * @property {string} dataset `scenes`, or the name of the folder
 * @property {'scenes' | 'images'} counted what it is that is counted
 * @property {Corruption[]} corruptions
 * @property {readonly number[]} severities
 * @property {number} seed
 * @property {number} images how many there are to count; 0 before that is known
 * @property {number} done how many are counted
 * @property {{ scene: number, message: string }[]} failed those that could not be counted, by their numbers
 * @property {Counts[]} models in the order in which they were asked for
 * @property {number} seconds that it has run, without pauses
 * @property {'cpu' | 'webgpu'} backend which engine judges
 * @property {string} note why it is not the one that was asked for; empty otherwise
 */

/** @typedef {{ name: string, shown: string, bytes: Uint8Array }} Bundle a model's file, and its name in sentences */

/**
 * @typedef {object} Open the first message
 * @property {'open'} kind
 * @property {WebAssembly.Module} module the processor engine
 * @property {WebAssembly.Module | null} webgpu the engine for graphics cards, when that judges
 * @property {Bundle[]} bundles
 * @property {Omit<Asked, 'models' | 'folder'>} asked
 * @property {Labels | null} folder
 */
/** @typedef {{ kind: 'scene', scene: number, image: { file: File, path: string } | null }} CountScene a scene, or an image of the folder */
/** @typedef {{ kind: 'drop', name: string }} Drop a model was refused elsewhere */
/** @typedef {{ kind: 'rest', milliseconds: number }} Rest begin nothing for so long: somebody waits for the processor */
/** @typedef {Open | CountScene | Drop | Rest} ToSweeper */

/** @typedef {{ name: string, title: string, protocol: string }} Loaded */
/** @typedef {{ kind: 'opened', scenes: number[], corruptions: Corruption[], models: Loaded[] }} Opened */
/** @typedef {{ kind: 'refused', name: string, message: string }} Refused */
/**
 * A scene is counted: for each model a byte for each condition, 1 where it was right; untouched first, then all severities of
 * the first corruption.
 * @typedef {{ kind: 'counted', scene: number, right: [string, Uint8Array][] }} Counted
 */
/** @typedef {{ kind: 'missed', scene: number, message: string }} Missed */
/** @typedef {{ kind: 'failed', message: string }} Failed nothing can be counted at all */
/** @typedef {Began | Ended | Broken | Opened | Refused | Counted | Missed | Failed} FromSweeper */

export {};
