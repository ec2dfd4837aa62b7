// compare.js: <vitro-compare>, one image under one corruption, seen by several models.
//
// Attributes (each also a property that reflects):
//   src         `scene:SEED/INDEX` (a rendered scene, label known) or the address of an image; default scene:7/20
//   corruption  a name of the registry; default fog    severity  0 (clean) to 5; default 3    seed  default 0
//   models      names of zoo bundles or addresses of bundles, separated by spaces; default the whole zoo
//   controls    present: shows the corruption menu, the severity slider and the seed
//   label       the known class of an image of your own, when it is one of the models' classes
// Slot: anything inside the element stands beside the image, below the controls.
// Events (bubbling): vitro-ready, vitro-result {detail: state}, vitro-error {detail: {code, message}},
//   vitro-change {detail: the attributes that the visitor changed}, vitro-thumbnail {detail: {corruption, side, pixels}}.
// Read-only: `state` (see below), `settled()` resolves when the newest request is answered.

import { engine } from './engine.js';
import { Column } from './column.js';
import { Controls } from './controls.js';
import { Wipe } from './wipe.js';
import { drawLegend, MARKS } from './viridis.js';
import { STYLE } from './compare-style.js';

const DEFAULTS = { src: 'scene:7/20', corruption: 'fog', severity: 3, seed: 0, models: '', label: '' };
const TEMPLATE = `
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
    <span>attention per patch, against an even share</span>
    <span class="map"><canvas width="160" height="1" aria-hidden="true"></canvas><span class="marks"></span></span>
  </footer>`;

export class VitroCompare extends HTMLElement {
  static observedAttributes = [...Object.keys(DEFAULTS), 'controls'];

  #view = 0;
  #number = 0;
  #thumbnails = 0;
  #asked = false;
  #busy = true;
  #ready = false;
  #error = null;
  #label = null;
  #columns = new Map();
  #wipe;
  #controls;
  #waiters = [];
  #hear = (event) => this.#receive(event.detail);
  #engineChanged = () => this.#showEngine();

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = `<style>${STYLE}</style><div class="frame">${TEMPLATE}</div>`;
    this.#wipe = new Wipe(this.#part('.wipe'));
    this.#controls = new Controls(this.#part('.controls'), (change) => this.#choose(change));
    // With nothing beside the image, the legend stands there.
    const slot = this.#part('slot');
    const bare = () => this.#part('.frame').classList.toggle('bare', slot.assignedElements().length === 0);
    slot.addEventListener('slotchange', bare);
    bare();
    drawLegend(this.#part('.legend canvas'));
    const marks = MARKS.map(({ times, at }) => `<i style="inset-inline-start:${at * 100}%">${times} ×</i>`);
    this.#part('.legend .marks').innerHTML = marks.join('');
  }

  /** What is shown, as plain values. `busy` is true until the newest request is fully answered. */
  get state() {
    const { src, corruption, severity, seed } = this;
    const models = [...this.#columns.values()].flatMap((column) => (column.state ? [{ ...column.state }] : []));
    const [label, busy, error] = [this.#label, this.#busy, this.#error];
    return { backend: engine.backend, src, corruption, severity, seed, label, models, busy, error };
  }

  /** Resolves with `state` once nothing is pending. */
  settled() {
    return this.#busy ? new Promise((resolve) => this.#waiters.push(resolve)) : Promise.resolve(this.state);
  }

  /** Asks for small images under every corruption; each is a `vitro-thumbnail` event, after the main answer. */
  requestThumbnails(severity, side) {
    this.#thumbnails += 1;
    const [src, { seed }] = [this.#address(), this];
    engine.send({ kind: 'thumbnails', view: this.#view, number: this.#thumbnails, src, severity, seed, side });
  }

  connectedCallback() {
    this.#view = engine.join();
    engine.addEventListener(`vitro-view-${this.#view}`, this.#hear);
    engine.addEventListener('change', this.#engineChanged);
    engine.ready.catch((error) => this.#stop('engine', `The engine could not start: ${error.message}`));
    this.#wipe.say('Loading the engine…');
    this.#showEngine();
    this.#ask();
  }

  disconnectedCallback() {
    engine.removeEventListener(`vitro-view-${this.#view}`, this.#hear);
    engine.removeEventListener('change', this.#engineChanged);
    engine.send({ kind: 'forget', view: this.#view });
  }

  attributeChangedCallback(_name, before, after) {
    if (this.isConnected && before !== after) this.#ask();
  }

  #part(selector) {
    return this.shadowRoot.querySelector(selector);
  }

  /** `src` as the worker needs it: it lives elsewhere and cannot resolve what is relative to this document. */
  #address() {
    return URL.canParse(this.src, document.baseURI) ? new URL(this.src, document.baseURI).href : this.src;
  }

  /** Collects the changes of one turn into one request. */
  #ask() {
    this.#busy = true;
    if (this.#asked) return;
    this.#asked = true;
    queueMicrotask(() => {
      this.#asked = false;
      this.#begin();
    });
  }

  #begin() {
    const { corruption, severity, seed } = this;
    const src = this.#address();
    const models = this.models.split(/[\s,]+/).filter(Boolean);
    this.#number += 1;
    this.#fade();
    this.#showValues();
    engine.send({ kind: 'look', view: this.#view, number: this.#number, src, corruption, severity, seed, models });
  }

  #choose(change) {
    for (const [name, value] of Object.entries(change)) this[name] = value;
    this.dispatchEvent(new CustomEvent('vitro-change', { detail: change, bubbles: true, composed: true }));
  }

  #receive(message) {
    // An image belongs to its `src` and a small image to its own request; the rest to the newest look.
    const { kind, number } = message;
    const current = { image: message.src === this.#address(), thumbnail: number === this.#thumbnails };
    if (!(current[kind] ?? number === this.#number)) return;
    const handler = {
      again: () => this.#fade(),
      image: () => this.#showImage(message),
      pixels: () => this.#showPixels(message),
      model: () => this.#column(message.name).describe(message.manifest),
      answer: () => this.#showAnswer(message),
      refused: () => this.#column(message.name).refuse(message.message),
      ahead: () => this.#showAhead(message),
      done: () => this.#finish(),
      stopped: () => this.#stop(message.code, message.message),
      thumbnail: () => this.#tell('vitro-thumbnail', message),
    }[kind];
    handler?.();
  }

  /** Old values stay, faded, until newer ones arrive. */
  #fade() {
    this.#busy = true;
    for (const column of this.#columns.values()) column.fade(true);
  }

  #showImage({ pixels, side, label }) {
    this.#label = label ?? (this.label || null);
    this.#wipe.showClean(pixels, side, this.#label ? `image of: ${this.#label}` : 'the chosen image');
    this.#part('.caption').textContent = this.#label ? `label: ${this.#label} (known)` : 'no known label';
    for (const column of this.#columns.values()) if (!column.state) column.wait('loading…');
  }

  #showPixels({ pixels, side }) {
    const { corruption, severity } = this;
    this.#error = null;
    const title = this.#entry(corruption)?.title ?? corruption;
    this.#wipe.showCorrupted(pixels, side, severity === 0 ? '' : `${title} ${severity}`);
  }

  #showAnswer({ name, levels, ...answer }) {
    const column = this.#column(name);
    column.show(answer, this.#wipe.corrupted, this.#label);
    column.showLevels(levels, this.#label, this.severity);
  }

  #showAhead({ name, levels, milliseconds }) {
    const column = this.#column(name);
    column.showLevels(levels, this.#label, this.severity);
    column.showTime(milliseconds);
  }

  #finish() {
    this.#settle();
    const columns = [...this.#columns.values()];
    this.#part('.unseen').textContent = columns.map((column) => column.summary).filter(Boolean).join('; ');
    if (!this.#label) {
      const classes = [...new Set(columns.flatMap((column) => column.classes))];
      const list = classes.length > 12 ? `${classes.length} classes` : classes.join(', ');
      this.#part('.caption').textContent = `no known label; the models can only answer with ${list}`;
    }
    if (!this.#ready) {
      this.#ready = true;
      this.#tell('vitro-ready');
    }
    this.#tell('vitro-result', this.state);
  }

  #stop(code, message) {
    this.#error = { code, message };
    this.#label = null;
    for (const column of this.#columns.values()) if (!column.state) column.wait('no image yet');
    this.#wipe.say(message);
    this.#part('.caption').textContent = '';
    this.#settle();
    this.#tell('vitro-error', { code, message });
  }

  #settle() {
    this.#busy = false;
    for (const resolve of this.#waiters.splice(0)) resolve(this.state);
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /** The menu, and a waiting column for every model of the zoo, before any weight has arrived. */
  #showEngine() {
    if (engine.corruptions.length === 0) return;
    this.#controls.list(engine.corruptions);
    this.#showValues();
  }

  #showValues() {
    const { corruption, severity, seed } = this;
    this.#controls.show({ corruption, severity, seed, stochastic: this.#entry(corruption)?.stochastic ?? true });
    const names = this.models.split(/[\s,]+/).filter(Boolean);
    const wanted = names.length ? names : engine.zoo.map((entry) => entry.name);
    for (const [name, column] of this.#columns) {
      if (wanted.includes(name)) continue;
      column.root.remove();
      this.#columns.delete(name);
    }
    this.#part('.columns').append(...wanted.map((name) => this.#column(name).root));
    const empty = engine.corruptions.length > 0 && wanted.length === 0;
    this.#part('.columns').dataset.empty = empty ? 'No trained models are here yet. Add one: a bundle that vitro wrote.' : '';
  }

  #column(name) {
    if (!this.#columns.has(name)) {
      const column = new Column(name, engine.zoo.find((entry) => entry.name === name));
      this.#columns.set(name, column);
      this.#part('.columns').append(column.root);
    }
    return this.#columns.get(name);
  }

  #entry(corruption) {
    return engine.corruptions.find((entry) => entry.name === corruption);
  }
}

// The reflecting properties: text as it stands, numbers within their range.
for (const [name, fallback] of Object.entries(DEFAULTS)) {
  const read = {
    severity: (text) => Math.min(Math.max(Math.round(Number(text)) || 0, 0), 5),
    seed: (text) => Math.min(Math.max(Math.floor(Number(text)) || 0, 0), 0xffffffff),
  }[name] ?? String;
  Object.defineProperty(VitroCompare.prototype, name, {
    enumerable: true,
    get() {
      return read(this.getAttribute(name) ?? fallback);
    },
    set(value) {
      this.setAttribute(name, value);
    },
  });
}
