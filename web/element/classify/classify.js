// classify.js: <vitro-classify>, one image seen by one model. What it takes and tells is in ../api.json.

import { ATTRIBUTES } from './attributes.js';
import { canvasIn, imageData, part, pen } from '../base/dom.js';
import { element } from '../base/element.js';
import { ImageElement } from '../base/image-element.js';
import { isAddress, SCENE, titleOf } from '../base/values.js';
import { Column } from '../compare/column.js';
import { STYLE as COLUMNS } from '../compare/style.js';
import { engine } from '../engine/engine.js';
import { networks } from '../engine/networks.js';
import { STYLE } from './style.js';

/** @import { ClassifyState, ElementError, ImageSource, ModelAnswer } from '../base/api.js' */
/** @import { Answer, ImageShown, LayerMaps, ToView } from '../engine/messages.js' */

const TEMPLATE = `
  <div class="columns" part="answer" role="group" aria-label="what the model sees"></div>
  <canvas class="image" hidden></canvas>
  <p class="note" part="message" role="status"></p>`;

export class VitroClassify extends networks(element('vitro-classify', ATTRIBUTES, ImageElement)) {
  #view = 0;
  #number = 0;
  #asked = false;
  #busy = true;
  /** @type {ElementError | null} */
  #error = null;
  /** The image in sight: its address and, for a scene, its class. @type {{ src: string, label: string | null }} */
  #shown = { src: '', label: null };
  /** @type {Column | null} */
  #column = null;
  /** @type {((state: ClassifyState) => void)[]} */
  #waiters = [];
  /** @param {Event} event */
  #hear = (event) => this.#receive(/** @type {CustomEvent<ToView>} */ (event).detail);
  #engineChanged = () => this.#heed();

  constructor() {
    super({ template: TEMPLATE, style: COLUMNS + STYLE, invitation: 'See what the model sees', keeper: engine, fallback: SCENE });
  }

  /** @returns {ClassifyState} */
  get state() {
    return { src: this.src || this.source, label: this.#label, answer: this.#column?.state ?? null, busy: this.#busy, error: this.#error };
  }

  /** @returns {Promise<ClassifyState>} */
  settled() {
    if (!this.#busy) return Promise.resolve(this.state);
    return new Promise((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  /**
   * @param {ImageSource | string} image
   * @param {{ signal?: AbortSignal }} options
   * @returns {Promise<ModelAnswer>}
   */
  async classify(image, { signal } = {}) {
    const { ask } = await import('../engine/ask.js'); // Few pages ask.
    engine.start();
    if (!this.model) await engine.ready.catch((error) => Promise.reject(Object.assign(error, { code: 'engine' })));
    signal?.throwIfAborted();
    const answers = await ask(engine, await this.addressFor(image), { models: this.#models, credentials: this.credentials, signal });
    return /** @type {ModelAnswer} */ (answers[0]);
  }

  /**
   * What each head of each layer of the model looks at in what is shown; nothing while it has no answer.
   * @returns {Promise<LayerMaps[]>}
   */
  async layers() {
    const { layersOf } = await import('../engine/inside.js'); // Few visitors look.
    return layersOf(engine, this.#view, this.#column?.name ?? '');
  }

  /** @param {Column} column */
  async #open(column) {
    const { openLayers } = await import('../compare/layers.js');
    const { title = column.name } = column.state ?? {};
    await openLayers(this.root, this, { title, layers: () => this.layers(), draw: (canvas, map) => column.drawMap(canvas, map) });
  }

  warm() {
    engine.start();
  }

  begin() {
    this.#view = engine.join();
    engine.addEventListener(`vitro-view-${this.#view}`, this.#hear);
    engine.addEventListener('change', this.#engineChanged);
    this.#say('Loading the engine…');
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
    if (name === 'model' && before) engine.release(before);
    if (name === 'label' || name === 'alt') this.#know();
    else if (this.begun && this.isConnected) this.#ask();
  }

  /** The model, in a list; the zoo's first when none is named. */
  get #models() {
    const name = this.model.trim() || engine.zoo[0]?.name;
    return name ? [name] : [];
  }

  /** The known class of what is shown. */
  get #label() {
    return (this.#shown.src === this.source ? this.#shown.label : null) ?? (this.label || null);
  }

  /** Collects the changes of one turn into one request. */
  #ask() {
    this.#busy = true;
    this.ask();
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      if (this.isConnected) this.#heed();
    });
  }

  /** Sends what was asked for once the zoo is known, or says why that will not be. */
  #heed() {
    if (!this.#busy || this.#asked) return;
    if (engine.failure) return this.#stop('engine', engine.failure);
    if (engine.corruptions.length === 0) return;
    const [models, src, credentials] = [this.#models, this.source, this.credentials];
    if (models.length === 0) return this.#stop('address', 'There is no model here. Name one in `model`.');
    const sent = [models, src, credentials].join(' ');
    if (sent === this.#sent) return;
    this.#sent = sent;
    this.#number += 1;
    this.#column?.fade(true);
    engine.send({ kind: 'look', view: this.#view, number: this.#number, src, corruption: 'fog', severity: 0, seed: 0, protocol: 'measured', models, credentials });
  }

  /** What was sent last and is not answered yet. */
  #sent = '';

  /** @param {ToView} message */
  #receive(message) {
    if (message.kind === 'image') {
      if (message.src === this.source) this.#showImage(message);
      return;
    }
    if (!('number' in message) || message.number !== this.#number) return;
    switch (message.kind) {
      case 'again': return this.#column?.fade(true);
      case 'model': return this.#columnOf(message.name).describe(message.manifest);
      case 'answer': return this.#showAnswer(message);
      case 'refused': return this.#columnOf(message.name).refuse(message.message);
      case 'done': return this.#finish();
      case 'stopped': return this.#stop(/** @type {ElementError['code']} */ (message.code), message.message);
    }
  }

  /** @param {ImageShown} message */
  #showImage({ src, pixels, side, label }) {
    this.#shown = { src, label };
    const canvas = canvasIn(this.root, '.image');
    Object.assign(canvas, { width: side, height: side });
    pen(canvas).putImageData(imageData(pixels, side, side), 0, 0);
    this.uncover();
    this.advance(1 / 2);
    this.#know();
  }

  /** @param {Answer} message */
  #showAnswer({ name, levels, usual, ...answer }) {
    const column = this.#columnOf(name);
    column.show(answer, canvasIn(this.root, '.image'));
    column.showTime(usual);
  }

  #know() {
    this.#column?.know(this.#label);
    this.#column?.describeImage(this.alt);
  }

  #finish() {
    this.#error = null;
    this.#say('');
    this.#settle();
    const { answer } = this.state;
    if (answer?.error !== undefined) return this.fail({ code: 'bundle', message: answer.error });
    this.finish(this.state);
  }

  /** @param {ElementError['code']} code @param {string} message */
  #stop(code, message) {
    this.#error = { code, message };
    this.#say(message);
    this.#settle();
    this.fail({ code, message });
  }

  #settle() {
    this.#busy = false;
    this.#sent = '';
    for (const resolve of this.#waiters.splice(0)) resolve(this.state);
  }

  /** @param {string} text */
  #say(text) {
    part(this.root, '.note').textContent = text;
  }

  /** @param {string} name */
  #columnOf(name) {
    if (this.#column?.name === name) return this.#column;
    const entry = engine.zoo.find((candidate) => candidate.name === name);
    const file = engine.fileName(name)?.replace(/\.safetensors$/, '');
    const title = entry?.title ?? file ?? (isAddress(name) ? titleOf(name) : name);
    const column = new Column(name, { title, measured: entry, remove: null, open: () => this.#open(column) });
    this.#column = column;
    this.#know();
    part(this.root, '.columns').replaceChildren(this.#column.root);
    return this.#column;
  }
}
