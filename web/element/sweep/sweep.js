// sweep.js: <vitro-sweep>, accuracy over severity, counted here on rendered scenes or on a folder of images, whose classes are
// known. What it takes and tells is in ../api.json. What shows the counts is loaded when a sweep is about to begin.

import { ATTRIBUTES } from './attributes.js';
import { adopt, part } from '../base/dom.js';
import { element, VitroElement } from '../base/element.js';
import { settings } from '../base/settings.js';
import { namesOf } from '../base/values.js';
import { engine } from '../engine/engine.js';
import { networks } from '../engine/networks.js';
import { run } from './client.js';
import { SHADES_STYLE } from './shades-style.js';
import { STYLE } from './style.js';
import { csv } from './table.js';

/** @import { ElementError, FolderImage, SweepState } from '../base/api.js' */
/** @import { Run } from './client.js' */
/** @import { Folder, Tally } from './messages.js' */
/** @import { View } from './view.js' */

const TEMPLATE = `
  <div class="bar" part="controls">
    <button type="button" class="plain go">count</button>
    <button type="button" class="plain pause" disabled>pause</button>
    <button type="button" class="plain cancel" disabled>stop</button>
    <button type="button" class="plain save" disabled>save as CSV</button>
    <button type="button" class="plain picture" disabled>save as image</button>
    <span class="going" hidden><progress max="1" value="0" aria-label="images that are counted"></progress><span></span></span>
  </div>
  <p class="note" part="message" role="status"></p>
  <div class="results" hidden></div>`;

/** How often the counts are drawn anew while they grow, in milliseconds. */
const DRAW_MS = 250;

export class VitroSweep extends networks(element('vitro-sweep', ATTRIBUTES, VitroElement)) {
  /** @type {Run | null} */
  #run = null;
  /** @type {AbortController | null} */
  #stop = null;
  /** @type {View | null} */
  #view = null;
  /** @type {Tally & Pick<SweepState, 'running' | 'paused' | 'error'>} */
  #state = {
    dataset: 'scenes', counted: 'scenes', corruptions: [], severities: [], seed: 0, images: 0, done: 0, seconds: 0, backend: 'cpu', note: '', models: [], failed: [], running: false, paused: false, error: null,
  };
  #drawn = -Infinity;
  /** @type {readonly FolderImage[] | null} */
  #folder = null;

  constructor() {
    super({ template: TEMPLATE, style: STYLE + SHADES_STYLE, invitation: 'Count how often each model is right' });
    /** @param {string} name @param {() => void} act */
    const button = (name, act) => {
      this.#button(name).onclick = act;
    };
    button('.go', () => this.#try());
    button('.pause', () => (this.#state.paused ? this.resume() : this.pause()));
    button('.cancel', () => this.cancel());
    button('.save', () => save(new Blob([this.csv()], { type: 'text/csv' }), 'vitro-sweep.csv'));
    button('.picture', () => {
      this.png().then((blob) => save(blob, 'vitro-sweep.png'), ({ message }) => this.#say(message));
    });
  }

  /** @returns {readonly FolderImage[] | null} */
  get folder() {
    return this.#folder;
  }

  /** @param {readonly FolderImage[] | null} images */
  set folder(images) {
    this.#folder = images ? [...images] : null;
  }

  /** @returns {SweepState} */
  get state() {
    return structuredClone(this.#state);
  }

  /**
   * @param {{ signal?: AbortSignal }} options
   * @returns {Promise<SweepState>}
   */
  async run({ signal } = {}) {
    signal?.throwIfAborted();
    this.#stop?.abort(new DOMException('A newer sweep has begun.', 'AbortError'));
    const stop = new AbortController();
    this.#stop = stop;
    // Whoever moves the slider goes first.
    engine.addEventListener('look', () => this.#run?.rest(), { signal: stop.signal });
    signal?.addEventListener('abort', () => stop.abort(signal.reason), { signal: stop.signal });
    const folder = this.#folder; // Whatever comes while it loads is for the next run.
    const request = {
      models: namesOf(this.models), corruptions: namesOf(this.corruptions), severities: namesOf(this.severities).map(Number),
      images: this.images, seed: 0,
    };
    this.#run = null;
    this.#change({ models: [], failed: [], dataset: folder ? '' : 'scenes', counted: folder ? 'images' : 'scenes', images: this.images, done: 0, seconds: 0, note: '', running: true, paused: false, error: null });
    this.uncover();
    this.ask();
    try {
      await this.#load();
      stop.signal.throwIfAborted();
      const classes = await sortedOf(folder);
      stop.signal.throwIfAborted();
      this.#run = run({ ...request, folder: classes }, { signal: stop.signal, files: engine.files, backend: settings.backend === 'webgpu' ? 'webgpu' : 'cpu', onprogress: (tally) => this.#grow(stop, tally) });
      if (this.#state.paused) this.#run.pause();
      this.#change({ ...(await this.#run.result), running: false, paused: false });
    } catch (error) {
      if (this.#stop !== stop) throw error;
      this.#change({ running: false, paused: false });
      if (!stop.signal.aborted) this.#refuse(/** @type {Error & { code?: ElementError['code'] }} */ (error));
      else this.status = 'ready';
      throw error;
    }
    const refusals = this.#state.models.flatMap(({ refusal }) => refusal ?? []);
    if (refusals.length === this.#state.models.length) {
      const error = Object.assign(new Error(refusals.join(' ')), { code: /** @type {const} */ ('bundle') });
      this.#refuse(error);
      throw error;
    }
    this.finish(this.state);
    return this.state;
  }

  pause() {
    if (!this.#state.running) return;
    this.#run?.pause();
    this.#change({ paused: true });
  }

  resume() {
    if (!this.#state.running) return;
    this.#run?.resume();
    this.#change({ paused: false });
  }

  cancel() {
    this.#stop?.abort(new DOMException('The sweep was stopped.', 'AbortError'));
  }

  csv() {
    return csv(this.#state);
  }

  /** @returns {Promise<Blob>} */
  async png() {
    if (this.#state.done === 0) throw new Error('Nothing is counted yet. Count first, then save.');
    const { png } = await import('./figure.js');
    const { color: ink, backgroundColor: paper, fontFamily: font } = getComputedStyle(this);
    return png(this.root, this.#state, { ink, paper, font, quiet: getComputedStyle(part(this.root, '.note')).color });
  }

  warm() {
    this.#load().catch(() => {}); // A run tells the same.
  }

  begin() {
    if (this.#state.done === 0) this.#try();
  }

  end() {
    this.cancel();
  }

  /** What shows the counts. */
  async #load() {
    const { STYLE, View } = await import('./view.js').catch((error) => {
      throw new Error(`A part of the page could not be fetched. Check the connection and try again. (${error.message})`);
    });
    if (this.#view) return;
    adopt(this.root, STYLE);
    this.#view = new View(part(this.root, '.results'), (name) => engine.fileName(name));
  }

  /** Runs for the visitor, who reads in the element how it went. */
  #try() {
    this.run().catch(() => {});
  }

  /** @param {AbortController} stop @param {Tally} tally */
  #grow(stop, tally) {
    if (this.#stop !== stop) return;
    Object.assign(this.#state, tally);
    if (tally.images > 0) this.advance(tally.done / tally.images);
    const now = performance.now();
    if (now - this.#drawn < DRAW_MS) return;
    this.#drawn = now;
    this.#draw();
  }

  /** @param {Partial<Tally & Pick<SweepState, 'running' | 'paused' | 'error'>>} fields */
  #change(fields) {
    Object.assign(this.#state, fields);
    this.#draw();
  }

  /** @param {Error & { code?: ElementError['code'] }} error */
  #refuse({ message, code = 'engine' }) {
    this.#change({ error: { code, message } });
    this.fail({ code, message });
  }

  #draw() {
    const { models, done, failed, images, counted: what, note, running, paused, error } = this.#state;
    const going = part(this.root, '.going');
    going.hidden = !running;
    /** @type {HTMLProgressElement} */ (part(going, 'progress')).value = images ? done / images : 0;
    part(going, 'span').textContent = `${done} of ${images} ${what}`;
    this.#button('.go').disabled = running;
    this.#button('.go').textContent = done > 0 ? 'count again' : 'count';
    this.#button('.pause').disabled = !running;
    this.#button('.pause').textContent = paused ? 'go on' : 'pause';
    this.#button('.cancel').disabled = !running;
    for (const name of ['.save', '.picture']) this.#button(name).disabled = done === 0;
    this.#view?.show(this.#state);
    // What grows is not read out: it would never be silent.
    const counted = done > 0 && !running ? [`${done} of ${images} ${what} are counted, each under every corruption. Bands are 95 % intervals.`] : [];
    const said = [...counted, note, ...models.flatMap(({ refusal }) => refusal ?? []), ...failed.map(({ message }) => message)];
    this.#say(error?.message ?? [...new Set(said)].filter(Boolean).join(' '));
  }

  /** @param {string} text */
  #say(text) {
    const note = part(this.root, '.note');
    if (note.textContent !== text) note.textContent = text;
  }

  /** @param {string} selector */
  #button(selector) {
    return /** @type {HTMLButtonElement} */ (part(this.root, selector));
  }
}

/** A folder in its classes. @param {readonly FolderImage[] | null} folder @returns {Promise<Folder | null>} */
async function sortedOf(folder) {
  if (!folder) return null;
  const { sorted } = await import('./folder.js'); // Few visitors bring one.
  try {
    return sorted(folder);
  } catch (error) {
    throw Object.assign(/** @type {Error} */ (error), { code: 'format' });
  }
}

/** @param {Blob} blob @param {string} name */
function save(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement('a'), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000); // The browser reads it after the click.
}
