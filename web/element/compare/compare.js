// compare.js: <vitro-compare>, one image under one corruption, seen by several models.
//
// Attributes (each also a property that reflects; what cannot be read is the default):
//   src         `scene:SEED/INDEX` (a rendered scene, label known) or the address of an image; default scene:7/20
//   corruption  a name of the registry; default fog    severity  0 (clean) to 5; default 3    seed  default 0
//   models      names of zoo bundles or addresses of bundles, separated by spaces; `*` is the whole zoo, the default
//   controls    present: shows the corruption menu, the severity slider and the seed
//   label       the known class of an image of your own, when it is one of the models' classes
// Slot: anything inside the element stands beside the image, below the controls.
// Events (bubbling): vitro-ready, vitro-result {detail: state}, vitro-error {detail: {code, message}},
//   vitro-change {detail: the attributes that the visitor changed}, vitro-thumbnail {detail: {corruption, side, pixels}}.
// Methods: `settled()` resolves when the newest request is answered; `take(file)` shows an image file or adds a bundle.
// Read-only: `state` (see below).

import { BUILD } from '../base/build.js';
import { engine } from '../engine/engine.js';
import { Column } from './column.js';
import { STYLE } from './style.js';
import { Controls } from '../base/controls.js';
import { adopt, canvasIn, part } from '../base/dom.js';
import {
  addressOf, chosen, DEFAULTS, isAddress, namesOf, seedOf, severityOf, titleOf, withModel, withoutModel,
} from '../base/values.js';
import { drawLegend, MARKS } from './viridis.js';
import { Wipe } from '../base/wipe.js';

/** @import { Ahead, Answer, ImageShown, Pixels, ToView } from '../engine/messages.js' */

const TEMPLATE = `
  <div class="frame">
    <section class="stage">
      <div class="wipe"></div>
      <p class="caption"></p>
      <p class="unseen" role="status"></p>
    </section>
    <section class="side">
      <div class="controls"></div>
      <slot></slot>
    </section>
    <section class="columns" aria-label="models"></section>
    <footer class="legend">
      <span>attention of each patch, in multiples of the average</span>
      <span class="map"><canvas width="160" height="1" aria-hidden="true"></canvas><span class="marks"></span></span>
    </footer>
  </div>`;

// Where there is no document, the module can still be imported.
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (/** @type {unknown} */ (class {}));

export class VitroCompare extends Base {
  static observedAttributes = [...Object.keys(DEFAULTS), 'controls'];
  /** The engine that the elements of this class share. */
  static engine = engine;
  static build = BUILD;

  #view = 0;
  #number = 0;
  #thumbnails = 0;
  #asked = false;
  #busy = true;
  #ready = false;
  /** @type {{ code: string, message: string } | null} */
  #error = null;
  /** The image in sight: its address and, for a scene, its class. @type {{ src: string, label: string | null }} */
  #image = { src: '', label: null };
  /** @type {Map<string, Column>} */
  #columns = new Map();
  #wipe;
  #controls;
  #root;
  /** @type {((state: VitroCompare['state']) => void)[]} */
  #waiters = [];
  /** @param {Event} event */
  #hear = (event) => this.#receive(/** @type {CustomEvent<ToView>} */ (event).detail);
  #engineChanged = () => this.#showEngine();

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.innerHTML = TEMPLATE;
    adopt(this.#root, STYLE);
    this.#wipe = new Wipe(this.#part('.wipe'));
    this.#controls = new Controls(this.#part('.controls'), (change) => this.#choose(change));
    // With nothing beside the image, the legend stands there.
    const slot = /** @type {HTMLSlotElement} */ (this.#part('slot'));
    const bare = () => this.#part('.frame').classList.toggle('bare', slot.assignedElements().length === 0);
    slot.addEventListener('slotchange', bare);
    bare();
    this.#drawLegend();
    this.#takeOver();
  }

  /** What is shown, as plain values. `busy` is true until the newest request is fully answered. */
  get state() {
    const { src, corruption, severity, seed } = this;
    const models = this.#wanted.flatMap((name) => this.#columns.get(name)?.state ?? []);
    const [label, busy, error] = [this.#label, this.#busy, this.#error];
    return { backend: engine.backend, src, corruption, severity, seed, label, models, busy, error };
  }

  /** Resolves with `state` once nothing is pending. */
  settled() {
    if (!this.#busy) return Promise.resolve(this.state);
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /**
   * Takes a file of the visitor's: a bundle joins the models (once, however often it comes), anything else is tried as
   * the image.
   * @param {File} file
   */
  async take(file) {
    if (file.name.endsWith('.safetensors')) {
      const address = await engine.keepOnce(file);
      this.#choose({ models: withModel(this.models, address) });
    } else {
      this.#choose({ src: engine.keep(file) });
    }
  }

  /**
   * Asks for small images under every corruption, or those named; each is a `vitro-thumbnail` event, after the main answer.
   * @param {number} severity
   * @param {number} side
   * @param {string[]} names
   */
  requestThumbnails(severity, side, names = engine.corruptions.map(({ name }) => name)) {
    const [view, number, src, { seed }] = [this.#view, ++this.#thumbnails, this.#address, this];
    engine.send({ kind: 'thumbnails', view, number, src, severity, seed, side, names });
  }

  connectedCallback() {
    this.#view = engine.join();
    engine.addEventListener(`vitro-view-${this.#view}`, this.#hear);
    engine.addEventListener('change', this.#engineChanged);
    this.#wipe.say('Loading the engine…');
    this.#showEngine();
    this.#ask();
  }

  disconnectedCallback() {
    engine.removeEventListener(`vitro-view-${this.#view}`, this.#hear);
    engine.removeEventListener('change', this.#engineChanged);
    engine.send({ kind: 'forget', view: this.#view });
    this.#settle(); // Nobody will answer any more.
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    // Files of the visitor's that are not in sight any more.
    if (name === 'src' && before) engine.release(before);
    if (name === 'models') {
      const kept = namesOf(after ?? '');
      for (const model of namesOf(before ?? '')) if (!kept.includes(model)) engine.release(model);
    }
    if (name === 'label') this.#showLabel();
    else if (this.isConnected) this.#ask();
  }

  /** @param {string} selector */
  #part(selector) {
    return part(this.#root, selector);
  }

  /** Properties that were set before this class was there hide its own; they become attributes. */
  #takeOver() {
    for (const name of Object.keys(DEFAULTS)) {
      if (!Object.hasOwn(this, name)) continue;
      const value = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }

  #drawLegend() {
    drawLegend(canvasIn(this.#root, '.legend canvas'));
    this.#part('.legend .marks').append(...MARKS.map(({ times, at }) => {
      const mark = document.createElement('i');
      mark.textContent = `${times} ×`;
      mark.style.left = `${at * 100}%`;
      return mark;
    }));
  }

  get #address() {
    return addressOf(this.src, document.baseURI);
  }

  /** The known class of what `src` names, also while something else stands in its place. */
  get #label() {
    const scene = this.#image.src === this.#address ? this.#image.label : null;
    return scene ?? (this.label || null);
  }

  get #wanted() {
    return chosen(namesOf(this.models), engine.zoo.map((entry) => entry.name));
  }

  /** Collects the changes of one turn into one request. */
  #ask() {
    this.#busy = true;
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      if (!this.isConnected) return;
      if (engine.failure) return this.#stop('engine', engine.failure);
      this.#begin();
    });
  }

  #begin() {
    const { corruption, severity, seed } = this;
    const models = namesOf(this.models);
    this.#number += 1;
    this.#fade();
    this.#showValues();
    const number = this.#number;
    engine.send({ kind: 'look', view: this.#view, number, src: this.#address, corruption, severity, seed, models });
  }

  /** @param {Partial<typeof DEFAULTS>} change */
  #choose(change) {
    for (const [name, value] of Object.entries(change)) this.setAttribute(name, String(value));
    this.dispatchEvent(new CustomEvent('vitro-change', { detail: change, bubbles: true, composed: true }));
  }

  /** @param {ToView} message */
  #receive(message) {
    // An image belongs to its `src` and a small image to its own request; the rest to the newest look.
    if (message.kind === 'image') {
      if (message.src === this.#address) this.#showImage(message);
      return;
    }
    if (message.kind === 'thumbnail') {
      if (message.number === this.#thumbnails) this.#tell('vitro-thumbnail', message);
      return;
    }
    if (message.number !== this.#number) return;
    switch (message.kind) {
      case 'again': return this.#fade();
      case 'pixels': return this.#showPixels(message);
      case 'model': return this.#column(message.name).describe(message.manifest);
      case 'answer': return this.#showAnswer(message);
      case 'refused': return this.#column(message.name).refuse(message.message);
      case 'ahead': return this.#showAhead(message);
      case 'done': return this.#finish();
      case 'stopped': return this.#stop(message.code, message.message);
    }
  }

  /** Old values stay, faded, until newer ones arrive. */
  #fade() {
    this.#busy = true;
    for (const column of this.#columns.values()) column.fade(true);
  }

  /** @param {ImageShown} message */
  #showImage({ src, pixels, side, label }) {
    this.#image = { src, label };
    this.#wipe.showClean(pixels, side);
    for (const column of this.#columns.values()) if (!column.state) column.wait('loading…');
    this.#showLabel();
  }

  /** @param {Pixels} message */
  #showPixels({ pixels, side }) {
    const { corruption, severity } = this;
    this.#error = null;
    const title = this.#entry(corruption)?.title ?? corruption;
    this.#wipe.showCorrupted(pixels, side, severity === 0 ? '' : `${title} ${severity}`);
    this.#showCaption();
  }

  /** @param {Answer} message */
  #showAnswer({ name, levels, usual, ...answer }) {
    const column = this.#column(name);
    column.show(answer, this.#wipe.corrupted);
    column.showLevels(levels, this.severity);
    column.showTime(usual);
  }

  /** @param {Ahead} message */
  #showAhead({ name, levels, milliseconds }) {
    const column = this.#column(name);
    column.showLevels(levels, this.severity);
    column.showTime(milliseconds);
  }

  /** Marks every column against the known class, now. */
  #showLabel() {
    for (const column of this.#columns.values()) column.know(this.#label);
    this.#wipe.describe(this.#label ? `image of: ${this.#label}` : 'the chosen image');
    this.#showCaption();
  }

  #showCaption() {
    const label = this.#label;
    const classes = [...new Set([...this.#columns.values()].flatMap((column) => column.classes))];
    const list = classes.length > 12 ? `${classes.length} classes` : classes.join(', ');
    const answers = classes.length ? `; the models can only predict ${list}` : '';
    this.#part('.caption').textContent = this.#error ? '' : label ? `label: ${label} (known)` : `no known label${answers}`;
  }

  #finish() {
    this.#settle();
    const columns = [...this.#columns.values()];
    this.#part('.unseen').textContent = columns.map((column) => column.summary).filter(Boolean).join('; ');
    this.#showCaption();
    if (!this.#ready) {
      this.#ready = true;
      this.#tell('vitro-ready');
    }
    this.#tell('vitro-result', this.state);
  }

  /** @param {string} code @param {string} message */
  #stop(code, message) {
    this.#error = { code, message };
    for (const column of this.#columns.values()) if (!column.state) column.wait('no image yet');
    this.#wipe.say(message);
    this.#showCaption();
    this.#settle();
    this.#tell('vitro-error', { code, message });
  }

  #settle() {
    this.#busy = false;
    for (const resolve of this.#waiters.splice(0)) resolve(this.state);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** The menu, and a waiting column for every model of the zoo, before any weight has arrived. */
  #showEngine() {
    if (engine.failure && this.#error?.code !== 'engine') this.#stop('engine', engine.failure);
    if (engine.corruptions.length === 0) return;
    this.#controls.list(engine.corruptions);
    this.#showValues();
  }

  #showValues() {
    const { corruption, severity, seed } = this;
    this.#controls.show({ corruption, severity, seed, stochastic: this.#entry(corruption)?.stochastic ?? true });
    const wanted = this.#wanted;
    for (const [name, column] of this.#columns) {
      if (wanted.includes(name)) continue;
      column.root.remove();
      this.#columns.delete(name);
    }
    // A column that is put in again where it stands would lose the focus and its place in the scroll.
    const place = this.#part('.columns');
    wanted.forEach((name, i) => {
      const { root } = this.#column(name);
      if (place.children[i] !== root) place.insertBefore(root, place.children[i] ?? null);
    });
    const empty = engine.corruptions.length > 0 && wanted.length === 0;
    place.dataset.empty = empty ? 'No models yet. Add a bundle written by vitro.' : '';
  }

  /** @param {string} name */
  #column(name) {
    const known = this.#columns.get(name);
    if (known) return known;
    const entry = engine.zoo.find((candidate) => candidate.name === name);
    const file = engine.fileName(name)?.replace(/\.safetensors$/, '');
    const remove = isAddress(name) ? () => this.#choose({ models: withoutModel(this.models, name) }) : null;
    const column = new Column(name, { title: entry?.title ?? file ?? titleOf(name), measured: entry, remove });
    column.know(this.#label);
    this.#columns.set(name, column);
    this.#part('.columns').append(column.root);
    return column;
  }

  /** @param {string} corruption */
  #entry(corruption) {
    return engine.corruptions.find((entry) => entry.name === corruption);
  }

  get src() { return this.getAttribute('src') ?? DEFAULTS.src; }
  set src(value) { this.setAttribute('src', value); }
  get corruption() { return this.getAttribute('corruption') ?? DEFAULTS.corruption; }
  set corruption(value) { this.setAttribute('corruption', value); }
  get severity() { return severityOf(this.getAttribute('severity')); }
  set severity(value) { this.setAttribute('severity', String(value)); }
  get seed() { return seedOf(this.getAttribute('seed')); }
  set seed(value) { this.setAttribute('seed', String(value)); }
  get models() { return this.getAttribute('models') ?? DEFAULTS.models; }
  set models(value) { this.setAttribute('models', value); }
  get label() { return this.getAttribute('label') ?? DEFAULTS.label; }
  set label(value) { this.setAttribute('label', value); }
  get controls() { return this.hasAttribute('controls'); }
  set controls(shown) { this.toggleAttribute('controls', Boolean(shown)); }
}
