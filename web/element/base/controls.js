// controls.js: corruption, severity and seed. The menu reads the registry, in its order.

import { part } from './dom.js';

/** @import { Corruption } from '../engine/messages.js' */
/** @typedef {{ corruption?: string, severity?: number, seed?: number }} Change */

/**
 * Headings of the menu, and what stands under each: the fifteen of the benchmark by family, then the other sets.
 * @type {[string, (entry: Corruption) => boolean][]}
 */
const GROUPS = [
  ...['Noise', 'Blur', 'Weather', 'Digital'].map(family),
  ['Extra', ({ set }) => set === 'Extra'],
  ['More: ImageNet-C-bar and CIFAR-10-C-bar', ({ set }) => set === 'Bar'],
];
const TEMPLATE = `
  <label class="field corruption"><span>corruption</span><select></select></label>
  <div class="field severity">
    <label for="severity"><span>severity</span></label>
    <div class="scale">
      <input id="severity" type="range" min="0" max="5" step="1" aria-describedby="severity-hint">
      <div class="ticks" aria-hidden="true"></div>
    </div>
    <span id="severity-hint" class="unseen">0 is the clean image. The keys 0 to 5 work anywhere on the page.</span>
  </div>
  <div class="field seed">
    <label for="seed"><span>seed</span></label>
    <input id="seed" type="number" min="0" max="4294967295" step="1" inputmode="numeric">
    <button type="button" class="plain" aria-label="another seed"
            title="new seed: the same corruption with different random numbers">↻</button>
  </div>`;

export class Controls {
  #root;
  #select;
  #severity;
  #seed;

  /**
   * @param {HTMLElement} root
   * @param {(change: Change) => void} change hears what the visitor chose
   */
  constructor(root, change) {
    this.#root = root;
    root.innerHTML = TEMPLATE;
    this.#select = /** @type {HTMLSelectElement} */ (part(root, 'select'));
    this.#severity = /** @type {HTMLInputElement} */ (part(root, '#severity'));
    this.#seed = /** @type {HTMLInputElement} */ (part(root, '#seed'));
    const ticks = ['clean', '1', '2', '3', '4', '5'].map((text, level) => {
      const tick = document.createElement('button');
      Object.assign(tick, { type: 'button', textContent: text, tabIndex: -1 });
      tick.onclick = () => change({ severity: level });
      return tick;
    });
    part(root, '.ticks').append(...ticks);
    this.#select.onchange = () => change({ corruption: this.#select.value });
    this.#severity.oninput = () => change({ severity: this.#severity.valueAsNumber });
    this.#seed.onchange = () => {
      if (Number.isInteger(this.#seed.valueAsNumber)) change({ seed: this.#seed.valueAsNumber });
    };
    part(root, '.seed button').onclick = () => change({ seed: Math.floor(Math.random() * 1000) });
  }

  /**
   * Fills the menu from the registry.
   * @param {readonly Corruption[]} corruptions
   */
  list(corruptions) {
    const boxes = GROUPS.map(([label, wanted]) => {
      const box = document.createElement('optgroup');
      box.label = label;
      box.append(...corruptions.filter(wanted).map(({ name, title }) => new Option(title, name)));
      return box;
    });
    this.#select.replaceChildren(...boxes.filter((box) => box.childElementCount > 0));
  }

  /**
   * Shows the element's values.
   * @param {{ corruption: string, severity: number, seed: number, stochastic: boolean }} values
   */
  show({ corruption, severity, seed, stochastic }) {
    this.#select.value = corruption;
    this.#severity.value = String(severity);
    this.#severity.setAttribute('aria-valuetext', severity === 0 ? 'clean' : `severity ${severity}`);
    this.#seed.value = String(seed);
    part(this.#root, '.seed').classList.toggle('idle', !stochastic || severity === 0);
    this.#root.querySelectorAll('.ticks button').forEach((tick, level) => tick.classList.toggle('here', level === severity));
  }
}

/** @param {string} name @returns {[string, (entry: Corruption) => boolean]} */
function family(name) {
  return [name, ({ group, set }) => group === name && set === 'Common'];
}
