// supervisor.js: keeps the engine alive. Everything that can hang or break runs in the worker, which says before each piece
// of such work what it begins and afterwards that it ended. A piece that takes longer than its deadline, or that breaks the
// engine, ends the worker; a new one starts, refuses what was being worked on in a sentence, and is asked again for
// everything else.

import { firstLine, refusal } from './refused.js';

/** @import { FromWorker, Look, Open, Task, Thumbnails, ToWorker } from './messages.js' */

/**
 * How long each piece of work may take, in seconds of which the page was awake; `start` is the time to the first message.
 * @type {Record<Task['kind'] | 'start', number>}
 */
export const DEADLINES = { start: 60, engine: 60, load: 60, classify: 60, image: 60, corruption: 30 };
/** A worker that breaks so often with nothing in hand will not do better. */
const RESTARTS = 3;
/** A longer time between two ticks means that the page slept, which is not the engine's fault. */
const LONGEST_TICK = 1.5;

/** @typedef {{ postMessage(message: ToWorker): void, terminate(): void }} WorkerLike */

export class Supervisor {
  deadlines = { ...DEADLINES };
  #start;
  #tell;
  /** @type {WorkerLike | null} */
  #worker = null;
  /** @type {Open} */
  #open = { kind: 'open', backend: 'cpu', zoo: null, zooBase: null, refused: [], files: [] };
  /** @type {Map<string, string>} */
  #refused = new Map();
  /** @type {Map<string, File>} */
  #files = new Map();
  /** @type {Map<string, Look | Thumbnails>} the newest request of each view, by kind and view */
  #requests = new Map();
  /** @type {Map<number, { task: Task, seconds: number }>} begun and not ended, in that order */
  #running = new Map();
  #restarts = 0;
  /** @type {number | null} seconds since the start of a worker that has said nothing yet */
  #silent = null;

  /**
   * @param {() => WorkerLike} start starts a worker whose messages and errors go to `hear` and `broke`
   * @param {{ message(message: FromWorker): void, restarted(reason: string): void, failed(reason: string): void }} tell
   */
  constructor(start, tell) {
    this.#start = start;
    this.#tell = tell;
  }

  /**
   * Starts the first worker.
   * @param {Pick<Open, 'backend' | 'zoo' | 'zooBase'>} settings
   */
  begin(settings) {
    Object.assign(this.#open, settings);
    this.#launch();
  }

  /**
   * Passes a message on, now or to the next worker.
   * @param {Exclude<ToWorker, Open>} message
   */
  send(message) {
    switch (message.kind) {
      case 'look':
      case 'thumbnails':
        this.#requests.set(`${message.kind} ${message.view}`, message);
        break;
      case 'forget':
        this.#requests.delete(`look ${message.view}`);
        this.#requests.delete(`thumbnails ${message.view}`);
        break;
      case 'file':
        this.#files.set(message.address, message.file);
        break;
      case 'forget-file':
        this.#files.delete(message.address);
        for (const key of this.#refused.keys()) if (key.includes(message.address)) this.#refused.delete(key);
        break;
    }
    this.#worker?.postMessage(message);
  }

  /**
   * A message of the worker.
   * @param {FromWorker} message
   */
  hear(message) {
    this.#silent = null;
    if (message.kind === 'began') this.#running.set(message.id, { task: message.task, seconds: 0 });
    else if (message.kind === 'ended') this.#running.delete(message.id);
    else if (message.kind === 'broken') this.broke(message.message, message.id);
    else {
      if (message.kind === 'done') this.#restarts = 0;
      this.#tell.message(message);
    }
  }

  /**
   * The worker broke down, at the piece of work `id` or at the newest one.
   * @param {string} reason
   * @param {number | null} id
   */
  broke(reason, id = null) {
    if (!this.#worker) return;
    const running = [...this.#running.values()];
    const { task } = this.#running.get(id ?? NaN) ?? running.at(-1) ?? { task: null };
    this.#restart(task, `stopped the engine (${firstLine(reason)})`);
  }

  /**
   * Time passes, in seconds.
   * @param {number} seconds
   */
  tick(seconds) {
    const passed = Math.min(seconds, LONGEST_TICK);
    if (this.#silent !== null) {
      this.#silent += passed;
      if (this.#silent > this.deadlines.start) this.#restart(null, 'did not start');
      return;
    }
    // The newest piece holds up the older ones.
    const newest = [...this.#running.values()].at(-1);
    if (!newest) return;
    newest.seconds += passed;
    const limit = this.deadlines[newest.task.kind];
    if (newest.seconds > limit) this.#restart(newest.task, `gave no result within ${limit} s`);
  }

  /** Ends the worker for good. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#running.clear();
    this.#silent = null;
  }

  /** @param {Task | null} task @param {string} reason */
  #restart(task, reason) {
    this.close();
    if (task && task.kind !== 'engine') {
      this.#refused.set(task.key, refusal(task, reason));
    } else if (++this.#restarts >= RESTARTS) {
      this.#tell.failed(`The engine ${reason}. Reload the page, or try another browser.`);
      return;
    }
    this.#tell.restarted(`The engine was started again, since ${task?.name || 'it'} ${reason}.`);
    this.#launch();
  }

  #launch() {
    this.#silent = 0;
    try {
      this.#worker = this.#start();
    } catch (error) {
      this.#silent = null;
      this.#tell.failed(String(error instanceof Error ? error.message : error));
      return;
    }
    this.#worker.postMessage({ ...this.#open, refused: [...this.#refused], files: [...this.#files] });
    for (const request of this.#requests.values()) this.#worker.postMessage(request);
  }
}
