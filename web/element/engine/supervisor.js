// supervisor.js: keeps the engine alive. Everything that can hang or break runs in the worker, which says before each piece
// of such work what it begins and afterwards that it ended. A piece that takes longer than its deadline, or that breaks the
// engine, ends the worker; a new one starts, refuses what was being worked on in a sentence, and is asked again for
// everything else.

import { refusal } from './refused.js';
import { DEADLINES, Watch } from './watch.js';

/** @import { FromWorker, Look, Open, Thumbnails, ToWorker } from './messages.js' */
/** @import { Blame } from './watch.js' */

/** A worker that breaks so often with nothing in hand will not do better. */
const RESTARTS = 3;

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
  #watch = new Watch(this.deadlines);
  #restarts = 0;

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
    this.#watch.heard();
    if (message.kind === 'began') this.#watch.began(message);
    else if (message.kind === 'ended') this.#watch.ended(message);
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
    if (this.#worker) this.#restart(this.#watch.broke(reason, id));
  }

  /**
   * Time passes, in seconds.
   * @param {number} seconds
   */
  tick(seconds) {
    const blame = this.#worker && this.#watch.tick(seconds);
    if (blame) this.#restart(blame);
  }

  /** Ends the worker for good. */
  close() {
    this.#worker?.terminate();
    this.#worker = null;
  }

  /** @param {Blame} blame */
  #restart({ task, reason }) {
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
    this.#watch = new Watch(this.deadlines);
    try {
      this.#worker = this.#start();
    } catch (error) {
      this.#tell.failed(String(error instanceof Error ? error.message : error));
      return;
    }
    this.#worker.postMessage({ ...this.#open, refused: [...this.#refused], files: [...this.#files] });
    for (const request of this.#requests.values()) this.#worker.postMessage(request);
  }
}
