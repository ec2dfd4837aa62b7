// column.js: one model's answer. The same rows in every column, so that the eye compares along a line.
//
// A wrong top class (where the class of the image is known) is marked by a cross and the word "wrong" as well as by colour.
// The rows below the most likely classes are `FACTS`: a new one is an entry there.

import { canvasIn, part } from '../base/dom.js';
import { FACTS } from './facts.js';
import { firstFailure, holds, percent } from './verdict.js';
import { drawAttention } from './attention.js';

/** @import { Levels, Manifest, Measured, Timed } from '../engine/messages.js' */
/**
 * What a column shows, as far as it is known.
 * @typedef {object} Shown
 * @property {Timed} answer
 * @property {CanvasImageSource} image what the answer is about
 * @property {string[]} classes
 * @property {string | null} label the known class, when it is one of the model's
 * @property {(number | null)[]} levels the top class at severities 0 to 5
 * @property {number} severity
 * @property {number} milliseconds the usual time of an answer
 */

const ROWS = 4;
const TEMPLATE = `
  <header>
    <h2 class="name"></h2>
    <button type="button" class="remove" hidden>✕</button>
    <p class="measured"></p>
  </header>
  <button type="button" class="look" title="layer by layer"><canvas class="attention" width="224" height="224" role="img" aria-label="attention of this model"></canvas></button>
  <p class="verdict">
    <strong class="top"></strong><span class="mark" aria-hidden="true"></span><span class="word"></span>
  </p>
  <ol class="bars" aria-label="most likely classes"></ol>
  <dl></dl>
  <p class="message" role="status"></p>`;

export class Column {
  /** The column's element. */
  root = document.createElement('article');
  name;
  /** @type {string[]} */
  #classes = [];
  /** @type {HTMLElement[]} */
  #rows = [];
  /** @type {string | null} */
  #label = null;
  /** @type {Omit<Shown, 'classes' | 'label'> | null} */
  #shown = null;
  #alt = '';
  /** Why there is no answer, or null. @type {string | null} */
  #refusal = null;

  /**
   * @param {string} name
   * @param {{ title: string, measured: Measured | undefined, remove: (() => void) | null, open: () => void }} about `remove`
   *   takes the column out again, where a visitor may; `open` shows its layers
   */
  constructor(name, { title, measured, remove, open }) {
    this.name = name;
    this.root.innerHTML = TEMPLATE;
    this.root.dataset.model = name;
    this.#say('waiting', 'loading…');
    this.#part('.name').textContent = title;
    this.#showMeasured(measured);
    this.#part('.look').onclick = open;
    const button = this.#part('.remove');
    button.hidden = remove === null;
    button.onclick = remove;
    this.#nameButton();
    for (let i = 0; i < ROWS; i++) {
      const row = document.createElement('li');
      row.innerHTML = '<span class="class"></span><span class="probability"></span><span class="track"><i></i></span>';
      this.#part('.bars').append(row);
      this.#rows.push(row);
    }
    for (const { key, term, hint } of FACTS) {
      const row = document.createElement('div');
      row.className = key;
      row.title = hint;
      row.append(Object.assign(document.createElement('dt'), { textContent: term }), document.createElement('dd'));
      this.#part('dl').append(row);
    }
  }

  /** What the element's `state` reports, or null before the first answer. */
  get state() {
    const { name, title } = { name: this.name, title: this.#part('.name').textContent };
    if (this.#refusal !== null) return { name, title, error: this.#refusal };
    if (!this.#shown) return null;
    const { answer, levels, milliseconds } = this.#shown;
    const { backend, patches, probabilities } = answer;
    const [classes, { top, right }] = [this.#classes, this.#verdict];
    return {
      name, title, backend, milliseconds, patches, classes, top, right, probabilities: [...probabilities],
      levels: levels.map((level) => (level === null ? null : classes[level] ?? null)),
      failsAt: firstFailure(this.#holds),
    };
  }

  /**
   * The bundle's own title and classes.
   * @param {Manifest} manifest
   */
  describe({ title, classes, methods, results }) {
    this.#classes = classes;
    this.#part('.name').textContent = title;
    this.#part('.name').title = methods.length ? `methods: ${methods.join(', ')}` : 'no added method';
    this.#nameButton();
    this.#showMeasured(results);
  }

  /**
   * Shows an answer over `image`.
   * @param {Timed} answer
   * @param {CanvasImageSource} image
   */
  show(answer, image) {
    const { levels, severity } = this.#shown ?? { levels: [], severity: 0 };
    this.#refusal = null;
    this.#shown = { answer, image, levels, severity, milliseconds: answer.milliseconds };
    this.#draw();
    this.drawMap(canvasIn(this.root, '.attention'), answer.attention);
    this.#nameMap();
  }

  /**
   * The top class at severities 0 to 5, null where it is not known yet.
   * @param {Levels['levels']} levels
   * @param {number} severity
   */
  showLevels(levels, severity) {
    if (!this.#shown) return;
    Object.assign(this.#shown, { levels, severity });
    this.#draw();
  }

  /**
   * The usual time of one answer.
   * @param {number | null} milliseconds
   */
  showTime(milliseconds) {
    if (milliseconds === null || !this.#shown) return;
    this.#shown.milliseconds = milliseconds;
    this.#draw();
  }

  /**
   * The known class of the image, or null.
   * @param {string | null} label
   */
  know(label) {
    if (label === this.#label) return;
    this.#label = label;
    this.#draw();
  }

  /**
   * What the image shows, for those who do not see it.
   * @param {string} alt
   */
  describeImage(alt) {
    this.#alt = alt;
    this.#nameMap();
  }

  /**
   * Says what the first answer waits for.
   * @param {string} reason
   */
  wait(reason) {
    this.#part('.message').textContent = reason;
  }

  /** The answer in words, for those who do not see it. */
  get summary() {
    if (!this.#shown) return '';
    const { top, right } = this.#verdict;
    return `${this.#part('.name').textContent}: ${top}${right === null ? '' : right ? ', right' : ', wrong'}`;
  }

  /**
   * Draws a map of this model over the image.
   * @param {HTMLCanvasElement} canvas
   * @param {Float32Array} map
   */
  drawMap(canvas, map) {
    if (!this.#shown) return;
    const { image, answer: { rows, columns } } = this.#shown;
    drawAttention(canvas, image, map, rows, columns);
  }

  /** The class names, for the caption. */
  get classes() {
    return this.#classes;
  }

  /**
   * Fades the values while a newer answer is on its way, or brings them back.
   * @param {boolean} stale
   */
  fade(stale) {
    this.root.classList.toggle('stale', stale);
  }

  /**
   * A sentence instead of an answer.
   * @param {string} message
   */
  refuse(message) {
    this.#shown = null;
    this.#refusal = message;
    this.#say('refused', message);
  }

  get #known() {
    return this.#label !== null && this.#classes.includes(this.#label) ? this.#label : null;
  }

  /** The classes from the most likely one on. @returns {number[]} */
  get #order() {
    const probabilities = this.#shown?.answer.probabilities ?? new Float32Array();
    return [...probabilities.keys()].sort((a, b) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0) || a - b);
  }

  get #verdict() {
    const [known, top] = [this.#known, this.#classes[this.#order[0] ?? -1] ?? ''];
    return { top, right: known === null ? null : top === known };
  }

  get #holds() {
    return holds(this.#shown?.levels ?? [], this.#known === null ? null : this.#classes.indexOf(this.#known));
  }

  /** Everything but the map, which does not depend on the label or the other severities. */
  #draw() {
    if (!this.#shown) return;
    const [known, { top, right }] = [this.#known, this.#verdict];
    this.#say(right === null ? 'unknown' : right ? 'right' : 'wrong', '');
    this.#part('.mark').textContent = right === null ? '' : right ? '✓' : '✕';
    this.#part('.word').textContent = right === null ? '' : right ? 'right' : 'wrong';
    this.#part('.verdict .top').textContent = top;
    this.#drawBars(this.#shown.answer.probabilities, known);
    const shown = { ...this.#shown, classes: this.#classes, label: known };
    for (const fact of FACTS) {
      const row = this.#part(`dl > .${fact.key}`);
      row.hidden = !fact.draw(part(row, 'dd'), shown, part(row, 'dt'));
    }
  }

  /** @param {Float32Array} probabilities @param {string | null} known */
  #drawBars(probabilities, known) {
    const order = this.#order;
    this.#rows.forEach((row, i) => {
      const at = order[i];
      row.hidden = at === undefined;
      if (at === undefined) return;
      const [name, fraction] = [this.#classes[at] ?? '', probabilities[at] ?? 0];
      const labelled = known !== null && name === known;
      row.className = labelled ? 'label' : '';
      part(row, '.class').textContent = name;
      part(row, '.class').title = labelled ? 'the known label' : '';
      part(row, '.probability').textContent = percent(fraction);
      part(row, 'i').style.inlineSize = `${(fraction * 100).toFixed(1)}%`;
    });
  }

  /**
   * The accuracy on many images, measured when the bundle was made; it is here before any weight arrives.
   * @param {Measured | null | undefined} results
   */
  #showMeasured(results) {
    if (typeof results?.clean_top1 !== 'number' || typeof results.corruption_error_mean !== 'number') return;
    const [clean, corrupted] = [percent(results.clean_top1), percent(1 - results.corruption_error_mean)];
    this.#part('.measured').textContent = `accuracy: ${clean} clean, ${corrupted} corrupted`;
    const { n_images: images, corruption_source: source } = results;
    const note = `on ${images} held-out images; corrupted: mean over types and severities${source ? `, ${source}` : ''}`;
    this.#part('.measured').title = images ? note : '';
  }

  #nameMap() {
    if (!this.#shown) return;
    const { attention, patches } = this.#shown.answer;
    const looks = attention.length ? `attention: ${patches} of ${attention.length} patches` : 'attention: no map';
    this.#part('.attention').setAttribute('aria-label', this.#alt ? `${this.#alt}; ${looks}` : looks);
  }

  #nameButton() {
    this.#part('.remove').setAttribute('aria-label', `remove ${this.#part('.name').textContent}`);
  }

  /** @param {string} state @param {string} message */
  #say(state, message) {
    this.root.className = `column ${state}`;
    this.#part('.message').textContent = message;
  }

  /** @param {string} selector */
  #part(selector) {
    return part(this.root, selector);
  }
}
