// watch.js: what a worker is doing, as it says itself (worker/guard.js), and whether it takes too long.

import { firstLine } from './refused.js';

/** @import { Began, Broken, Ended, Task } from './messages.js' */

/**
 * How long each piece of work may take, in seconds of which the page was awake; `start` is the time to the first message.
 * @type {Record<Task['kind'] | 'start', number>}
 */
export const DEADLINES = { start: 60, engine: 60, load: 60, classify: 60, image: 60, corruption: 30, scene: 60 };
/** A longer time between two ticks means that the page slept, which is not the engine's fault. */
const LONGEST_TICK = 1.5;

/**
 * Why a worker has to be ended: what it was at, if that is known, and what happened.
 * @typedef {{ task: Task | null, reason: string }} Blame
 */

export class Watch {
  #deadlines;
  /** @type {Map<number, { task: Task, seconds: number }>} begun and not ended, in that order */
  #running = new Map();
  /** @type {number | null} seconds since the start of a worker that has said nothing yet */
  #silent = 0;

  /** @param {Readonly<typeof DEADLINES>} deadlines */
  constructor(deadlines) {
    this.#deadlines = deadlines;
  }

  /** The worker said something. */
  heard() {
    this.#silent = null;
  }

  /** @param {Began} message */
  began({ id, task }) {
    this.#running.set(id, { task, seconds: 0 });
  }

  /** @param {Ended} message */
  ended({ id }) {
    this.#running.delete(id);
  }

  /**
   * The worker broke down, at the piece of work `id` or at the newest one.
   * @param {string} reason
   * @param {Broken['id']} id
   * @returns {Blame}
   */
  broke(reason, id = null) {
    const { task } = this.#running.get(id ?? NaN) ?? [...this.#running.values()].at(-1) ?? { task: null };
    return { task, reason: `stopped the engine (${firstLine(reason)})` };
  }

  /**
   * Time passes, in seconds. What took too long, if something did.
   * @param {number} seconds
   * @returns {Blame | null}
   */
  tick(seconds) {
    const passed = Math.min(seconds, LONGEST_TICK);
    if (this.#silent !== null) {
      this.#silent += passed;
      return this.#silent > this.#deadlines.start ? { task: null, reason: 'did not start' } : null;
    }
    // The newest piece holds up the older ones.
    const newest = [...this.#running.values()].at(-1);
    if (!newest) return null;
    newest.seconds += passed;
    const limit = this.#deadlines[newest.task.kind];
    return newest.seconds > limit ? { task: newest.task, reason: `gave no result within ${limit} s` } : null;
  }
}
