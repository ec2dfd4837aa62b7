// guard.js: stands around every call that can hang or break the engine. It says what begins and ends, so that the page can
// tell what was going on when nothing more comes, and refuses what broke an earlier engine.

import { isBreakdown, Refusal, sentence } from './refusal.js';

/** @import { Began, Broken, Ended, Task } from '../messages.js' */

export class Guard {
  #post;
  #refused;
  #calls = 0;
  #broken = false;

  /**
   * @param {(message: Began | Ended | Broken) => void} post
   * @param {ReadonlyMap<string, string>} refused a sentence for each key that broke the engine before
   */
  constructor(post, refused) {
    this.#post = post;
    this.#refused = refused;
    // What the engine does later on by itself breaks outside of any call.
    addEventListener('error', (event) => {
      event.preventDefault();
      this.#breakDown(null, event.message);
    });
    addEventListener('unhandledrejection', ({ reason }) => {
      if (isBreakdown(reason)) this.#breakDown(null, sentence(reason));
    });
  }

  /**
   * Makes a call. After a breakdown it never settles: this thread is about to be ended.
   * @template T
   * @param {Task} task
   * @param {() => T | Promise<T>} call
   * @returns {Promise<T>}
   */
  async run(task, call) {
    const refused = this.#refused.get(task.key);
    if (refused !== undefined) throw new Refusal(task.kind === 'corruption' ? 'corruption' : 'engine', refused);
    const id = ++this.#calls;
    this.#post({ kind: 'began', id, task });
    try {
      return await this.#unlessBroken(call);
    } catch (error) {
      if (isBreakdown(error)) {
        this.#breakDown(id, sentence(error));
        return await new Promise(() => {});
      }
      throw error;
    } finally {
      this.#post({ kind: 'ended', id });
    }
  }

  /** @template T @param {() => T | Promise<T>} call @returns {T | Promise<T>} */
  #unlessBroken(call) {
    return this.#broken ? new Promise(() => {}) : call();
  }

  /** @param {number | null} id @param {string} message */
  #breakDown(id, message) {
    if (this.#broken) return;
    this.#broken = true;
    this.#post({ kind: 'broken', id, message });
  }
}
