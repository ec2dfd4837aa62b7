// messages.js: everything that the client and the worker of corruptions say to each other, as types. No code.
//
// A *view* is one open image. Its requests carry a number, and what answers them carries it back.

/** @import { Began, Broken, Corruption, Ended } from '../engine/messages.js' */
/** @import { Source } from '../engine/worker/image.js' */

/** @typedef {{ corruption: string, severity: number, seed: number }} Choice */

/** @typedef {{ kind: 'open', view: number } & Source} Open an image to be opened */
/** @typedef {{ kind: 'corrupt', view: number, number: number } & Choice} Corrupt the view's newest request */
/** @typedef {{ kind: 'cancel', view: number }} Cancel the view's request is not wanted any more */
/** @typedef {{ kind: 'close', view: number }} Close the image is not wanted any more */
/** @typedef {Open | Corrupt | Cancel | Close} ToWorker */

/** @typedef {{ kind: 'ready', corruptions: Corruption[] }} Ready the engine runs */
/** @typedef {{ kind: 'failed', message: string }} Failed the engine does not start */
/** @typedef {{ kind: 'opened', view: number, side: number, pixels: Uint8Array<ArrayBuffer> }} Opened */
/**
 * @typedef {object} Corrupted
 * @property {'corrupted'} kind
 * @property {number} view
 * @property {number} number
 * @property {number} side
 * @property {Uint8Array<ArrayBuffer>} pixels
 * @property {number} milliseconds what the corruption took
 */
/** @typedef {{ kind: 'refused', view: number, number: number | null, code: string, message: string }} Refused without a number: the image */
/** @typedef {Opened | Corrupted | Refused} ToView */
/** The key of a task is the number of its view. @typedef {Began | Ended | Broken | Ready | Failed | ToView} FromWorker */

export {};
