// element.js: what every element of vitro shares: attributes that are properties, the moment when it starts and what stands
// in its place until then, its states, its events, and the promise `ready`.
//
// An element says with `begin` what it does when it starts or comes back into the document, with `end` what it does when it
// leaves, with `changed` what an attribute means, and with `warm` what may be fetched early.

import { BUILD } from './build.js';
import { adopt, part } from './dom.js';
import { textOf, valueOf } from './rows.js';
import { settings } from './settings.js';
import { STYLE } from './style.js';
import { addressOf } from './values.js';

/** @import { Attribute, ClassifyProperties, CompareProperties, CorruptProperties, ElementError, SweepProperties } from './api.js' */
/** @import { Row } from './rows.js' */
/**
 * @typedef {object} Properties of each element, by its tag
 * @property {CompareProperties} vitro-compare
 * @property {ClassifyProperties} vitro-classify
 * @property {CorruptProperties} vitro-corrupt
 * @property {SweepProperties} vitro-sweep
 */
/** @typedef {'idle' | 'loading' | 'ready' | 'error'} Status */
/**
 * What an element is made of.
 * @typedef {object} Parts
 * @property {string} template what it shows once it has started
 * @property {string} style
 * @property {string} invitation the words of the button that starts it
 */

/** How far from the window an element counts as near. */
const NEAR = '200px';
const COVER = `
  <div class="cover" part="cover" hidden>
    <slot name="image"></slot>
    <img class="poster" alt="" hidden>
    <button type="button" class="start" part="start" hidden></button>
  </div>
  <div class="content"></div>`;

// Where there is no document, the module can still be imported.
const Parent = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (/** @type {unknown} */ (class {}));

export class VitroElement extends Parent {
  /** The element's name. @type {keyof Properties} */
  static tag;
  /** @type {Attribute[]} */
  static rows = [];
  static build = BUILD;

  static get observedAttributes() {
    return this.rows.map(({ name }) => name);
  }

  static get assetBase() { return settings.assetBase; }
  static set assetBase(address) { settings.assetBase = address === null ? null : addressOf(String(address), document.baseURI); }

  /** The element's shadow root. */
  root;
  #internals;
  #content;
  #cover;
  /** @type {Status} */
  #status = 'idle';
  #begun = false;
  #progress = 0;
  #loaded = false;
  /** @type {IntersectionObserver | null} */
  #watcher = null;
  /** @type {Promise<this>} */
  #ready;
  /** @type {(element: VitroElement) => void} */
  #resolve = () => {};
  /** @type {(error: Error) => void} */
  #reject = () => {};

  /**
   * @param {Parts} parts
   */
  constructor({ template, style, invitation }) {
    super();
    this.root = this.attachShadow({ mode: 'open' });
    this.root.innerHTML = COVER;
    adopt(this.root, STYLE + style);
    this.#content = part(this.root, '.content');
    this.#content.innerHTML = template;
    this.#cover = part(this.root, '.cover');
    this.#internals = this.attachInternals?.();
    this.#ready = this.#promise();
    const start = part(this.root, '.start');
    start.textContent = invitation;
    start.onclick = () => this.start();
    for (const event of ['pointerenter', 'focus']) start.addEventListener(event, () => this.warm());
    this.status = 'idle';
    queueMicrotask(() => this.#takeOver()); // Not before the classes below this one have their fields.
  }

  /** Starts; `changed` and `end` are called only after it. */
  begin() {}
  end() {}
  warm() {}

  /** @param {string} name @param {string | null} before @param {string | null} after */
  changed(name, before, after) {
    void [name, before, after];
  }

  /** Resolves with the element at its first result. */
  get ready() {
    return this.#ready;
  }

  /** Whether the element has started. */
  get begun() {
    return this.#begun;
  }

  get status() {
    return this.#status;
  }

  set status(status) {
    this.#status = status;
    this.#content.setAttribute('aria-busy', String(status === 'loading'));
    const states = this.#internals?.states;
    if (!states) return;
    try {
      states.clear();
      states.add(status);
    } catch {
      // Browsers from before custom states took words without dashes.
    }
  }

  /** Starts the element as if its button were pressed. */
  start() {
    if (this.#begun || !this.isConnected) return;
    this.#watcher?.disconnect();
    this.#begun = true;
    part(this.root, '.start').hidden = true;
    this.#content.hidden = this.#covered;
    this.#cover.hidden = !this.#covered;
    this.begin();
  }

  /** Takes the cover away: there is something to see. */
  uncover() {
    this.#cover.hidden = true;
    this.#content.hidden = false;
  }

  connectedCallback() {
    this.#takeOver();
    if (this.#begun) this.begin();
    else this.#wait();
  }

  disconnectedCallback() {
    this.#watcher?.disconnect();
    if (this.#begun) this.end();
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  attributeChangedCallback(name, before, after) {
    if (before === after) return;
    if (['loading', 'reveal', 'poster'].includes(name)) {
      if (this.isConnected && !this.#begun) this.#wait();
    } else {
      this.changed(name, before, after);
    }
  }

  /** A new request: what `progress` tells begins anew. */
  ask() {
    this.#progress = 0;
    this.status = 'loading';
  }

  /** @param {number} fraction how much of the newest request is answered */
  advance(fraction) {
    if (fraction <= this.#progress) return;
    this.#progress = Math.min(fraction, 1);
    this.tell('progress', this.#progress);
  }

  /**
   * The newest request is answered.
   * @param {unknown} state
   */
  finish(state) {
    this.uncover();
    this.advance(1);
    this.status = 'ready';
    if (!this.#loaded) {
      this.#loaded = true;
      this.#resolve(this);
      this.tell('load');
    }
    this.tell('result', state);
  }

  /**
   * There is no answer.
   * @param {ElementError} error
   */
  fail({ code, message }) {
    this.uncover();
    this.status = 'error';
    if (!this.#loaded) {
      this.#reject(Object.assign(new Error(message), { code }));
      this.#ready = this.#promise(); // The next request may be answered.
    }
    this.tell('error', { code, message });
  }

  /** @param {string} type @param {unknown} detail */
  tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  /**
   * Sets attributes as the visitor chose, and says so.
   * @param {Record<string, string | number>} change
   */
  choose(change) {
    for (const [name, value] of Object.entries(change)) this.setAttribute(name, String(value));
    this.tell('change', change);
  }

  /** Whether something stands in the element's place until it has something to show. */
  get #covered() {
    return Boolean(this.getAttribute('poster')) || this.querySelector(':scope > img') !== null;
  }

  /** Waits for the moment to start. */
  #wait() {
    this.#watcher?.disconnect();
    const { loading, reveal, poster } = /** @type {CompareProperties} */ (/** @type {unknown} */ (this));
    const asks = reveal === 'interaction';
    this.#cover.hidden = !asks && !this.#covered;
    this.#content.hidden = !this.#cover.hidden;
    part(this.root, '.start').hidden = !asks;
    const near = () => {
      const image = /** @type {HTMLImageElement} */ (part(this.root, '.poster'));
      image.hidden = !poster;
      if (poster) image.src = addressOf(poster, document.baseURI);
      if (!asks) this.start();
    };
    if (loading === 'eager' || !globalThis.IntersectionObserver) return near();
    this.#watcher = new IntersectionObserver((entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      this.#watcher?.disconnect();
      near();
    }, { rootMargin: NEAR });
    this.#watcher.observe(this);
  }

  #promise() {
    /** @type {Promise<any>} */
    const ready = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    ready.catch(() => {}); // The element shows the sentence; who does not ask for it has not missed an error.
    return ready;
  }

  /** Properties that were set before this class was there hide its own; they are set anew. */
  #takeOver() {
    for (const name of Object.keys(this)) {
      if (!(name in Object.getPrototypeOf(this))) continue;
      const value = Reflect.get(this, name);
      Reflect.deleteProperty(this, name);
      Reflect.set(this, name, value);
    }
  }
}

/**
 * The class that an element of that name extends: its attributes are properties.
 * @template {keyof Properties} Tag
 * @template {new (parts: any) => VitroElement} Kind
 * @param {Tag} tag
 * @param {Attribute[]} rows
 * @param {Kind} kind
 * @returns {{ new (parts: ConstructorParameters<Kind>[0]): InstanceType<Kind> & Properties[Tag] } & Omit<Kind, 'prototype'>}
 */
export function element(tag, rows, kind) {
  const Element = class extends /** @type {new (parts: any) => VitroElement} */ (kind) {
    static tag = tag;
    static rows = rows;
  };
  for (const row of rows) Object.defineProperty(Element.prototype, row.property, accessor(row));
  return /** @type {any} */ (Element);
}

/** @param {Row} row @returns {PropertyDescriptor & ThisType<HTMLElement>} */
function accessor(row) {
  return {
    configurable: true,
    enumerable: true,
    get() {
      return valueOf(row, this.getAttribute(row.name));
    },
    set(value) {
      const text = textOf(row, value);
      if (text === null) this.removeAttribute(row.name);
      else this.setAttribute(row.name, text);
    },
  };
}
