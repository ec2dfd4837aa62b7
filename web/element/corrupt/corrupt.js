// corrupt.js: <vitro-corrupt>, an image under a corruption beside the clean one. No network is fetched. What it takes and
// tells is in ../api.json.

import { ATTRIBUTES } from './attributes.js';
import { Controls } from '../base/controls.js';
import { part } from '../base/dom.js';
import { element } from '../base/element.js';
import { ImageElement } from '../base/image-element.js';
import { IMAGE_STYLE } from '../base/image-style.js';
import { fileOf, isImage } from '../base/image-file.js';
import { addressOf } from '../base/values.js';
import { Wipe } from '../base/wipe.js';
import { Files } from '../engine/files.js';
import { corrupter } from './client.js';
import { STYLE } from './style.js';

/** @import { CorruptState, ElementError, ImageSource } from '../base/api.js' */
/** @import { Opened } from './client.js' */

const TEMPLATE = `
  <div class="frame">
    <div class="stage">
      <div class="wipe" part="image"></div>
      <p class="caption" part="caption"></p>
    </div>
    <div class="side">
      <label class="choose plain">choose an image<input type="file" class="unseen" accept="image/*"></label>
      <div class="controls" part="controls"></div>
      <slot></slot>
    </div>
  </div>`;

/** Files that pages and visitors gave, by their address. */
const files = new Files();
const keeper = {
  /** @param {File} file */
  keep: (file) => files.keep(file),
  /** @param {string} address */
  release: (address) => void files.forget(address),
};

export class VitroCorrupt extends element('vitro-corrupt', ATTRIBUTES, ImageElement) {
  #wipe;
  #controls;
  /** What is open: its address and what the worker knows it by. @type {{ src: string, image: Opened } | null} */
  #open = null;
  /** The newest request; the older one is given up. */
  #request = new AbortController();
  #asked = false;
  #busy = true;
  /** @type {number | null} */
  #milliseconds = null;
  /** @type {ElementError | null} */
  #error = null;
  /** @type {((state: CorruptState) => void)[]} */
  #waiters = [];

  constructor() {
    super({ template: TEMPLATE, style: IMAGE_STYLE + STYLE, invitation: 'Change the weather', keeper, fallback: '' });
    this.#wipe = new Wipe(part(this.root, '.wipe'));
    this.#controls = new Controls(part(this.root, '.controls'), (change) => this.choose(change));
    const input = /** @type {HTMLInputElement} */ (part(this.root, 'input[type=file]'));
    input.onchange = () => {
      const [file] = input.files ?? [];
      if (file) this.take(file);
      input.value = ''; // The same file may be chosen again.
    };
    // An image may be dropped on it; without this the browser would leave the page and open the file.
    this.addEventListener('dragover', (event) => event.preventDefault());
    this.addEventListener('drop', (event) => {
      const [file] = event.dataTransfer?.files ?? [];
      if (!file || event.defaultPrevented) return;
      event.preventDefault();
      this.take(file);
    });
  }

  /** @returns {CorruptState} */
  get state() {
    const { corruption, severity, seed } = this;
    const [side, milliseconds, busy, error] = [this.#open?.image.side ?? 0, this.#milliseconds, this.#busy, this.#error];
    return { src: this.src || this.source, corruption, severity, seed, width: side, height: side, milliseconds, busy, error };
  }

  /** @returns {Promise<CorruptState>} */
  settled() {
    if (!this.#busy) return Promise.resolve(this.state);
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /** @param {File} file */
  async take(file) {
    this.image = null;
    this.choose({ src: keeper.keep(file) });
  }

  /**
   * @param {ImageSource | string} image
   * @param {{ corruption?: string, severity?: number, seed?: number, signal?: AbortSignal }} options
   * @returns {Promise<ImageData>}
   */
  async corrupt(image, { corruption = this.corruption, severity = this.severity, seed = this.seed, signal } = {}) {
    signal?.throwIfAborted();
    const file = isImage(image) ? await fileOf(image) : undefined;
    const src = file ? '' : addressOf(String(image), document.baseURI);
    const opened = await corrupter.open({ src, file, credentials: this.credentials }, { signal });
    try {
      return (await corrupter.corrupt(opened, { corruption, severity, seed }, { signal })).pixels;
    } finally {
      corrupter.close(opened);
    }
  }

  warm() {
    corrupter.start();
  }

  begin() {
    this.#wipe.say('Loading…');
    corrupter.start();
    corrupter.ready.then(() => this.#list(), () => {}); // A request tells the same.
    this.#ask();
  }

  end() {
    this.#request.abort();
    if (this.#open) corrupter.close(this.#open.image);
    this.#open = null;
    this.#settle();
  }

  imageChanged() {
    this.#ask();
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  changed(name, before, after) {
    super.changed(name, before, after);
    if (name === 'alt') this.#describe();
    else if (this.begun && this.isConnected && name !== 'controls') this.#ask();
  }

  /** Collects the changes of one turn into one request. */
  #ask() {
    this.#busy = true;
    this.ask();
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      if (this.isConnected) this.#answer();
    });
  }

  async #answer() {
    this.#request.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    const { source: src, credentials, corruption, severity, seed } = this;
    this.#showValues();
    if (!src) return this.#invite();
    try {
      if (this.#open?.src !== src) {
        const image = await corrupter.open({ src, file: files.get(src), credentials }, { signal });
        if (this.#open) corrupter.close(this.#open.image);
        this.#open = { src, image };
        part(this.root, '.frame').classList.remove('imageless');
        this.#wipe.showClean(image.clean, image.side);
        this.#describe();
        this.uncover();
        this.advance(1 / 2);
      }
      const { pixels, milliseconds } = await corrupter.corrupt(this.#open.image, { corruption, severity, seed }, { signal });
      this.#milliseconds = milliseconds;
      this.#error = null;
      this.#wipe.showCorrupted(new Uint8Array(pixels.data.buffer), pixels.width, severity === 0 ? '' : `${this.#title} ${severity}`);
      this.#caption();
      this.#settle();
      this.finish(this.state);
    } catch (error) {
      if (!signal.aborted) this.#stop(/** @type {Error & { code?: ElementError['code'] }} */ (error));
    }
  }

  /** There is no image yet. */
  #invite() {
    part(this.root, '.frame').classList.add('imageless');
    this.#wipe.say('Drop an image here, or choose one.');
    this.uncover();
    this.#settle();
    this.status = 'ready';
  }

  /** @param {Error & { code?: ElementError['code'] }} error */
  #stop({ message, code = 'engine' }) {
    this.#error = { code, message };
    this.#wipe.say(message);
    this.#caption();
    this.#settle();
    this.fail({ code, message });
  }

  #settle() {
    this.#busy = false;
    for (const resolve of this.#waiters.splice(0)) resolve(this.state);
  }

  /** Fills the menu. */
  #list() {
    this.#controls.list(corrupter.corruptions);
    this.#showValues();
  }

  #showValues() {
    const { corruption, severity, seed } = this;
    this.#controls.show({ corruption, severity, seed, stochastic: this.#entry?.stochastic ?? true });
  }

  #describe() {
    this.#wipe.describe(this.alt || this.querySelector(':scope > img')?.getAttribute('alt') || 'the chosen image');
  }

  #caption() {
    const { image } = this.#open ?? {};
    part(this.root, '.caption').textContent = this.#error || !image ? '' : `${image.side} × ${image.side} pixels, the square in the middle`;
  }

  get #entry() {
    return corrupter.corruptions.find(({ name }) => name === this.corruption);
  }

  get #title() {
    return this.#entry?.title ?? this.corruption;
  }
}
