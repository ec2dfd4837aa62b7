// compare.js: <vitro-compare>, one image under one corruption, seen by several models. What it takes and tells is in
// ../api.json.

import { ATTRIBUTES } from './attributes.js';
import { element } from '../base/element.js';
import { Controls } from '../base/controls.js';
import { canvasIn, part } from '../base/dom.js';
import { ImageElement } from '../base/image-element.js';
import { fileOf } from '../base/image-file.js';
import { IMAGE_STYLE } from '../base/image-style.js';
import { networks } from '../engine/networks.js';
import { chosen, isAddress, namesOf, SCENE, titleOf, withModel, withoutModel } from '../base/values.js';
import { Wipe } from '../base/wipe.js';
import { engine } from '../engine/engine.js';
import { Column } from './column.js';
import { STYLE } from './style.js';
import { drawLegend, MARKS } from './attention.js';

/** @import { CompareState, ElementError, ImageSource, ModelAnswer } from '../base/api.js' */
/** @import { Ahead, Answer, ImageShown, LayerMaps, Pixels, ToView } from '../engine/messages.js' */

const TEMPLATE = `
  <div class="frame">
    <section class="stage">
      <div class="wipe" part="image"></div>
      <p class="caption" part="caption"></p>
      <label class="full" title="on 224 × 224 pixels; nothing was measured so"><input type="checkbox"> corrupt at full size</label>
      <p class="unseen" role="status"></p>
    </section>
    <section class="side">
      <div class="controls" part="controls"></div>
      <slot></slot>
    </section>
    <div class="columns" part="columns" role="group" aria-label="models" tabindex="0"></div>
    <footer class="legend" part="legend">
      <span>attention of each patch, in multiples of the average</span>
      <span class="map"><canvas width="160" height="1" aria-hidden="true"></canvas><span class="marks"></span></span>
    </footer>
  </div>`;

export class VitroCompare extends networks(element('vitro-compare', ATTRIBUTES, ImageElement)) {
  #view = 0;
  #number = 0;
  #thumbnails = 0;
  #asked = false;
  #busy = true;
  /** How many models have answered the newest request, or were refused. */
  #said = 0;
  /** @type {ElementError | null} */
  #error = null;
  /** The image in sight: its address and, for a scene, its class. @type {{ src: string, label: string | null }} */
  #image = { src: '', label: null };
  /** @type {Map<string, Column>} */
  #columns = new Map();
  #wipe;
  #controls;
  /** @type {((state: VitroCompare['state']) => void)[]} */
  #waiters = [];
  /** @param {Event} event */
  #hear = (event) => this.#receive(/** @type {CustomEvent<ToView>} */ (event).detail);
  #engineChanged = () => this.#showEngine();

  constructor() {
    super({ template: TEMPLATE, style: IMAGE_STYLE + STYLE, invitation: 'See what the models see', keeper: engine, fallback: SCENE });
    this.#wipe = new Wipe(this.#part('.wipe'));
    this.#controls = new Controls(this.#part('.controls'), (change) => this.choose(change));
    // With nothing beside the image, the legend stands there.
    const slot = /** @type {HTMLSlotElement} */ (this.#part('slot:not([name])'));
    const full = this.#full;
    full.onchange = () => this.choose({ protocol: full.checked ? 'full-size' : 'measured' });
    const bare = () => this.#part('.frame').classList.toggle('bare', slot.assignedElements().length === 0);
    slot.addEventListener('slotchange', bare);
    bare();
    this.#drawLegend();
  }

  /** What is shown. `busy` is true until the newest request is fully answered. @returns {CompareState} */
  get state() {
    const { corruption, severity, seed, protocol } = this;
    const src = (!this.image && this.src) || this.source;
    const models = this.#wanted.flatMap((name) => this.#columns.get(name)?.state ?? []);
    const [label, busy, error] = [this.#label, this.#busy, this.#error];
    return { backend: engine.backend, src, corruption, severity, seed, protocol, label, models, busy, error };
  }

  /** @returns {Promise<CompareState>} */
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
      this.choose({ models: withModel(this.models, address) });
    } else {
      this.image = null;
      this.choose({ src: engine.keep(file) });
    }
  }

  /**
   * @param {ImageSource | string} image
   * @param {{ signal?: AbortSignal }} options
   * @returns {Promise<ModelAnswer[]>}
   */
  async classify(image, { signal } = {}) {
    const { ask } = await import('../engine/ask.js'); // Few pages ask.
    signal?.throwIfAborted();
    return ask(engine, await this.addressFor(image), { models: namesOf(this.models), credentials: this.credentials, signal });
  }

  /** @returns {Promise<Blob>} */
  async png() {
    if (this.#error || !this.#image.src) throw new Error('There is no image here. Choose one first.');
    return fileOf(this.#wipe.corrupted);
  }

  /**
   * Asks for small images under every corruption, or those named; each is a `thumbnail` event, after the main answer.
   * @param {number} severity
   * @param {number} side
   * @param {string[]} names
   */
  requestThumbnails(severity, side, names = engine.corruptions.map(({ name }) => name)) {
    const [view, number, src, { seed }] = [this.#view, ++this.#thumbnails, this.source, this];
    engine.send({ kind: 'thumbnails', view, number, src, severity, seed, side, names });
  }

  /**
   * What each head of each layer of a model looks at in what is shown; nothing while it has no answer.
   * @param {string} name
   * @returns {Promise<LayerMaps[]>}
   */
  async layers(name) {
    const { layersOf } = await import('../engine/inside.js'); // Few visitors look.
    return layersOf(engine, this.#view, name);
  }

  /** @param {string} name @param {Column} column */
  async #open(name, column) {
    const { openLayers } = await import('./layers.js');
    const { title = name } = column.state ?? {};
    await openLayers(this.root, this, { title, layers: () => this.layers(name), draw: (canvas, map) => column.drawMap(canvas, map) });
  }

  warm() {
    engine.start();
  }

  begin() {
    this.#view = engine.join();
    engine.addEventListener(`vitro-view-${this.#view}`, this.#hear);
    engine.addEventListener('change', this.#engineChanged);
    if (!this.#image.src) this.#wipe.say('Loading the engine…');
    this.#showEngine();
    this.#ask();
  }

  end() {
    engine.removeEventListener(`vitro-view-${this.#view}`, this.#hear);
    engine.removeEventListener('change', this.#engineChanged);
    engine.send({ kind: 'forget', view: this.#view });
    this.#settle(); // Nobody will answer any more.
  }

  imageChanged() {
    this.#ask();
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  changed(name, before, after) {
    super.changed(name, before, after);
    if (name === 'models') {
      // Files of the visitor's that are not in sight any more.
      const kept = namesOf(after ?? '');
      for (const model of namesOf(before ?? '')) if (!kept.includes(model)) engine.release(model);
    }
    if (name === 'label' || name === 'alt') this.#showLabel();
    else if (this.begun && this.isConnected) this.#ask();
  }

  /** @param {string} selector */
  #part(selector) {
    return part(this.root, selector);
  }

  get #full() {
    return /** @type {HTMLInputElement} */ (this.#part('.full input'));
  }

  #drawLegend() {
    drawLegend(canvasIn(this.root, '.legend canvas'));
    this.#part('.legend .marks').append(...MARKS.map(({ times, at }) => {
      const mark = document.createElement('i');
      mark.textContent = `${times} ×`;
      mark.style.left = `${at * 100}%`;
      return mark;
    }));
  }

  /** The known class of what `src` names, also while something else stands in its place. */
  get #label() {
    const scene = this.#image.src === this.source ? this.#image.label : null;
    return scene ?? (this.label || null);
  }

  get #wanted() {
    return chosen(namesOf(this.models), engine.zoo);
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
    const { corruption, severity, seed, protocol } = this;
    const models = namesOf(this.models);
    this.#number += 1;
    this.#said = 0;
    this.ask();
    this.#fade();
    this.#showValues();
    const number = this.#number;
    const { source: src, credentials } = this;
    engine.send({ kind: 'look', view: this.#view, number, src, corruption, severity, seed, protocol, models, credentials });
  }

  /** @param {ToView} message */
  #receive(message) {
    // An image belongs to its `src` and a small image to its own request; the rest to the newest look.
    if (message.kind === 'image') {
      if (message.src === this.source) this.#showImage(message);
      return;
    }
    if (message.kind === 'thumbnail') {
      if (message.number === this.#thumbnails) this.tell('thumbnail', message);
      return;
    }
    if (message.number !== this.#number) return;
    switch (message.kind) {
      case 'again': return this.#fade();
      case 'pixels': return this.#showPixels(message);
      case 'model': return this.#column(message.name).describe(message.manifest);
      case 'answer':
        this.#showAnswer(message);
        return this.#count();
      case 'refused':
        this.#column(message.name).refuse(message.message);
        return this.#count();
      case 'ahead': return this.#showAhead(message);
      case 'done': return this.#finish();
      case 'stopped': return this.#stop(/** @type {ElementError['code']} */ (message.code), message.message);
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
    this.uncover();
    this.advance(1 / (1 + this.#wanted.length));
    this.#wipe.showClean(pixels, side);
    for (const column of this.#columns.values()) if (!column.state) column.wait('loading…');
    this.#showLabel();
  }

  /** @param {Pixels} message */
  #showPixels({ pixels, side }) {
    const { corruption, severity } = this;
    this.#error = null;
    const title = severity === 0 ? '' : `${this.#entry(corruption)?.title ?? corruption} ${severity}`;
    const seen = this.protocol === 'measured' ? `${side} × ${side}: what the models see` : '';
    this.#wipe.showCorrupted(pixels, side, [title, seen].filter(Boolean).join(', '));
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
    this.#wipe.describe(this.alt || (this.#label ? `image of: ${this.#label}` : 'the chosen image'));
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
    this.finish(this.state);
  }

  /** One more model has said what it says. */
  #count() {
    this.#said += 1;
    this.advance((1 + this.#said) / (1 + this.#wanted.length));
  }

  /** @param {ElementError['code']} code @param {string} message */
  #stop(code, message) {
    this.#error = { code, message };
    for (const column of this.#columns.values()) if (!column.state) column.wait('no image yet');
    this.#wipe.say(message);
    this.#showCaption();
    this.#settle();
    this.fail({ code, message });
  }

  #settle() {
    this.#busy = false;
    for (const resolve of this.#waiters.splice(0)) resolve(this.state);
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
    const full = this.protocol === 'full-size';
    this.#full.checked = full;
    this.#part('.columns').classList.toggle('unmeasured', full);
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
    const remove = isAddress(name) ? () => this.choose({ models: withoutModel(this.models, name) }) : null;
    const open = () => this.#open(name, column);
    const column = new Column(name, { title: entry?.title ?? file ?? titleOf(name), measured: entry, remove, open });
    column.know(this.#label);
    this.#columns.set(name, column);
    this.#part('.columns').append(column.root);
    return column;
  }

  /** @param {string} corruption */
  #entry(corruption) {
    return engine.corruptions.find((entry) => entry.name === corruption);
  }
}
