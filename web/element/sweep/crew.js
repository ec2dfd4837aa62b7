// crew.js: the workers of a sweep. Each is given the next scene, or image of a folder, when it has counted one, so that every cell
// fills evenly; it is counted whole or not at all. A worker that breaks or hangs is replaced: what it was at is refused in a sentence,
// and its scene is given out again.

import { refusal } from '../engine/refused.js';
import { DEADLINES, Watch } from '../engine/watch.js';
import { add, begin, empty, going, refuse } from './tally.js';

/** @import { Blame } from '../engine/watch.js' */
/** @import { Asked, Bundle, FromSweeper, Open, Tally, ToSweeper } from './messages.js' */

/** How often workers may break with nothing in hand to blame before the sweep is given up. */
const BREAKS = 3;
/** How long workers rest when somebody waits for an answer, in milliseconds: longer than between two moves of a slider. */
const REST_MS = 150;

/** @typedef {{ postMessage(message: ToSweeper): void, terminate(): void }} WorkerLike */
/**
 * What hears a worker: its messages, that it broke, or that it cannot even start.
 * @typedef {{ message(message: FromSweeper): void, broke(reason: string): void, failed(reason: string): void }} Ear
 */
/** @typedef {{ worker: WorkerLike, watch: Watch, open: boolean, scene: number | null }} Member */
/**
 * What the crew tells: `progress` whenever a count or a model changed, and one of the others at the end.
 * @typedef {{ progress(tally: Tally): void, done(tally: Tally): void, failed(reason: string): void }} Tell
 */

export class Crew {
  deadlines = { ...DEADLINES };
  #start;
  #tell;
  #open;
  #folder;
  #now;
  #tally;
  /** @type {Member[]} */
  #members = [];
  /** Scenes to give out; null before a worker has named them. @type {number[] | null} */
  #scenes = null;
  /** Scenes that were given out twice. @type {Set<number>} */
  #again = new Set();
  #breaks = 0;
  #paused = false;
  #over = false;
  /** When it last began to run; null while it does not. @type {number | null} */
  #since = null;

  /**
   * @param {(ear: Ear) => WorkerLike} start
   * @param {Asked} asked with the models in full
   * @param {{ module: WebAssembly.Module, webgpu?: WebAssembly.Module | null, note?: string, bundles: Bundle[], refusals: [string, string][] }} parts
   * @param {Tell} tell
   * @param {() => number} now milliseconds
   */
  constructor(start, asked, { module, webgpu = null, note = '', bundles, refusals }, tell, now) {
    const { corruptions, severities, images, seed, folder = null } = asked;
    this.#folder = folder;
    this.#start = start;
    this.#tell = tell;
    this.#now = now;
    const labels = folder && { name: folder.name, classes: folder.classes, hasTraining: folder.hasTraining, labels: folder.images.map(({ label }) => label) };
    /** @type {Open} */
    this.#open = { kind: 'open', module, webgpu, bundles, asked: { corruptions, severities, images, seed }, folder: labels };
    this.#tally = empty(asked, webgpu ? 'webgpu' : 'cpu', note);
    for (const [name, message] of refusals) refuse(this.#tally, name, message);
  }

  /**
   * Starts the workers.
   * @param {number} size how many
   */
  begin(size) {
    if (!this.#paused) this.#since = this.#now();
    if (going(this.#tally).length === 0) return this.#finish();
    for (let i = 0; i < size && !this.#over; i++) this.#launch();
  }

  get paused() {
    return this.#paused;
  }

  /** Gives no more scenes out; those that are being counted are finished. */
  pause() {
    this.#clock();
    this.#paused = true;
    this.#since = null;
  }

  /** Goes on. */
  resume() {
    if (!this.#paused || this.#over) return;
    this.#paused = false;
    this.#since = this.#now();
    for (const member of [...this.#members]) this.#give(member);
  }

  /** Leaves the processor to others for a moment. */
  rest() {
    for (const { worker } of this.#members) worker.postMessage({ kind: 'rest', milliseconds: REST_MS });
  }

  /**
   * Time passes, in seconds.
   * @param {number} seconds
   */
  tick(seconds) {
    for (const member of [...this.#members]) {
      const blame = this.#members.includes(member) && member.watch.tick(seconds);
      if (blame) this.#replace(member, blame);
    }
  }

  /** Ends the workers. */
  close() {
    this.#over = true;
    for (const { worker } of this.#members) worker.terminate();
    this.#members = [];
  }

  /** Ends the sweep for a reason. @param {string} reason */
  fail(reason) {
    if (this.#over) return;
    this.close();
    this.#tell.failed(reason);
  }

  #launch() {
    const watch = new Watch(this.deadlines);
    /** @type {Member | null} */
    let member = null;
    const here = () => member !== null && this.#members.includes(member);
    try {
      const worker = this.#start({
        message: (message) => void (member && here() && this.#hear(member, message)),
        broke: (reason) => void (member && here() && this.#replace(member, watch.broke(reason))),
        failed: (reason) => void (here() && this.fail(reason)),
      });
      member = { worker, watch, open: false, scene: null };
    } catch (error) {
      return this.fail(error instanceof Error ? error.message : String(error));
    }
    this.#members.push(member);
    const names = going(this.#tally).map(({ name }) => name);
    const bundles = this.#open.bundles.filter(({ name }) => names.includes(name));
    member.worker.postMessage(/** @type {Open} */ ({ ...this.#open, bundles }));
  }

  /** @param {Member} member @param {FromSweeper} message */
  #hear(member, message) {
    member.watch.heard();
    switch (message.kind) {
      case 'began': return member.watch.began(message);
      case 'ended': return member.watch.ended(message);
      case 'broken': return this.#replace(member, member.watch.broke(message.message, message.id));
      case 'failed': return this.fail(message.message);
      case 'refused': return this.#refuse(message.name, message.message);
      case 'opened':
        member.open = true;
        if (!this.#scenes) {
          this.#scenes = [...message.scenes];
          this.#tally.images = this.#scenes.length;
          begin(this.#tally, message.corruptions, message.models);
          this.#progress();
        }
        return this.#give(member);
      case 'counted':
        if (member.scene !== message.scene) return;
        this.#breaks = 0;
        add(this.#tally, message.right);
        break;
      case 'missed':
        if (member.scene !== message.scene) return;
        this.#miss(message.scene, message.message);
        break;
    }
    member.scene = null;
    this.#progress();
    this.#give(member);
  }

  /** Gives a worker its next scene, or ends the sweep when there is none left. @param {Member} member */
  #give(member) {
    if (this.#over || !this.#scenes || !member.open || member.scene !== null) return;
    if (this.#tally.done + this.#tally.failed.length >= this.#tally.images) return this.#finish();
    const scene = this.#paused ? undefined : this.#scenes.shift();
    if (scene === undefined) return;
    member.scene = scene;
    const { file, path } = this.#folder?.images[scene] ?? {};
    member.worker.postMessage({ kind: 'scene', scene, image: file && path ? { file, path } : null });
  }

  /** @param {Member} member @param {Blame} blame */
  #replace(member, { task, reason }) {
    member.worker.terminate();
    this.#members = this.#members.filter((other) => other !== member);
    // A card that is gone is gone for every model, and not for what one of them was at.
    if (this.#open.webgpu) return this.fail(reason);
    const { scene } = member;
    if (task?.kind === 'load' || task?.kind === 'classify') {
      this.#refuse(task.key.replace(/^model /, ''), refusal(task, reason));
      if (scene !== null) this.#scenes?.unshift(scene);
    } else if (task?.kind === 'scene' && scene !== null) {
      this.#miss(scene, refusal(task, reason));
    } else if (++this.#breaks >= BREAKS) {
      return this.fail(`The engine ${reason}. Reload the page, or try another browser.`);
    } else if (scene !== null && this.#again.has(scene)) {
      this.#miss(scene, `${this.#nameOf(scene)} is not counted: the engine ${reason} twice.`);
    } else if (scene !== null) {
      this.#again.add(scene);
      this.#scenes?.unshift(scene);
    }
    if (this.#over) return;
    this.#progress();
    this.#launch();
    // Whoever is idle may have to take the scene, or to see that it was the last.
    for (const other of [...this.#members]) this.#give(other);
    if (this.#scenes && this.#tally.done + this.#tally.failed.length >= this.#tally.images) this.#finish();
  }

  /** @param {string} name @param {string} message */
  #refuse(name, message) {
    if (!refuse(this.#tally, name, message)) return;
    for (const { worker } of this.#members) worker.postMessage({ kind: 'drop', name });
    this.#progress();
    if (going(this.#tally).length === 0) this.#finish();
  }

  /** @param {number} scene */
  #nameOf(scene) {
    return this.#folder?.images[scene]?.path ?? `Scene ${scene}`;
  }

  /** @param {number} scene @param {string} message */
  #miss(scene, message) {
    this.#tally.failed.push({ scene, message });
  }

  #progress() {
    if (this.#over) return;
    this.#clock();
    this.#tell.progress(structuredClone(this.#tally));
  }

  #finish() {
    if (this.#over) return;
    this.#clock();
    this.close();
    this.#tell.done(structuredClone(this.#tally));
  }

  /** Adds the time since it was last looked at. */
  #clock() {
    if (this.#since === null) return;
    const now = this.#now();
    this.#tally.seconds += (now - this.#since) / 1000;
    this.#since = now;
  }
}
