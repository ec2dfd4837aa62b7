// view.js: what a sweep has counted, in sight: curves, the numbers of each model, where images are first wrong, a heat map for
// each model, and the commands that count the same. Loaded when a sweep is about to begin.

import { curves, linesOf } from './curves.js';
import { CURVES_STYLE } from './curves-style.js';
import { flips, flipsOf, neverWrong } from './flips.js';
import { fill, heat, rowsOf } from './heat.js';
import { accuracy, addedError, commands, meanCorruptionError } from './table.js';
import { VIEW_STYLE } from './view-style.js';

/** @import { Counts, Tally } from './messages.js' */

export const STYLE = CURVES_STYLE + VIEW_STYLE;

const TEMPLATE = `
  <div class="answers">
    <div class="curves" part="curves"></div>
    <div class="beside">
      <div class="scroll" tabindex="0" role="group" aria-label="the models in numbers"><table class="summary" part="summary"></table></div>
      <p class="meaning">In percent. Error: wrong answers, the mean over corruptions of the benchmark and severities. Added: what that is above
        the error on untouched images. Never wrong: right at every severity of a corruption.</p>
      <div class="flips" part="flips"></div>
    </div>
  </div>
  <h2>Percent right, by corruption and severity</h2>
  <div class="maps" part="table"></div>
  <h2>The same on the command line</h2>
  <div class="same">
    <pre class="scroll" tabindex="0" role="group" aria-label="commands that count the same"><code part="commands"></code></pre>
    <button type="button" class="plain copy">copy</button>
  </div>`;
/** The columns of the numbers. */
const NUMBERS = ['model', 'untouched', 'error', 'added', 'never wrong'];
/** How long the button says that it has copied, in milliseconds. */
const COPIED_MS = 2000;

export class View {
  #root;
  #files;
  /** @type {Tally | null} */
  #tally = null;
  /** Of which models, corruptions and severities the maps are. */
  #shape = '';

  /**
   * @param {HTMLElement} root
   * @param {(name: string) => string | null} files the name of a visitor's file, by its address among the models
   */
  constructor(root, files) {
    this.#root = root;
    this.#files = files;
    root.innerHTML = TEMPLATE;
    const button = part(root, '.copy');
    button.onclick = () => this.#copy(button);
    // Letters keep their size: a drawing is made anew for another width.
    let width = 0;
    new ResizeObserver(() => {
      const { clientWidth } = part(root, '.curves');
      if (this.#tally && clientWidth !== width) this.#draw(this.#tally);
      width = clientWidth;
    }).observe(part(root, '.curves'));
  }

  /** @param {Tally} tally */
  show(tally) {
    this.#tally = tally;
    this.#root.hidden = tally.done === 0;
    if (tally.done === 0) return;
    this.#draw(tally);
    this.#number(tally);
    this.#map(tally);
    part(this.#root, 'code').textContent = commands(tally, fileNames(tally.models, this.#files));
  }

  /** @param {Tally} tally */
  #draw(tally) {
    const [place, bars] = [part(this.#root, '.curves'), part(this.#root, '.flips')];
    place.replaceChildren(curves(document, linesOf(tally), titleOf(tally), widthOf(place)));
    const models = flipsOf(tally);
    bars.replaceChildren(...(models.length > 0 ? [flips(document, models, tally.severities, widthOf(bars))] : []));
  }

  /** @param {Tally} tally */
  #number(tally) {
    const table = /** @type {HTMLTableElement} */ (part(this.#root, '.summary'));
    const rows = tally.models.filter(({ refusal }) => refusal === null).map((model) => {
      const numbers = numbersOf(tally, model).map((number) => (number === null ? '–' : number.toFixed(1)));
      return row('td', [model.title, ...numbers], 'row');
    });
    table.replaceChildren(row('th', NUMBERS, 'col'), ...rows);
  }

  /** @param {Tally} tally */
  #map(tally) {
    const models = tally.models.filter(({ refusal }) => refusal === null);
    const place = part(this.#root, '.maps');
    const shape = JSON.stringify([models.map(({ name, title }) => [name, title]), tally.corruptions.map(({ name }) => name), tally.severities]);
    if (shape !== this.#shape) place.replaceChildren(...models.map(({ title }) => heat(document, tally, title)));
    this.#shape = shape;
    models.forEach((model, i) => fill(/** @type {HTMLTableElement} */ (place.children[i]), rowsOf(tally, model), tally.severities));
    place.hidden = tally.corruptions.length === 0 || tally.severities.length === 0;
    part(this.#root, 'h2').hidden = place.hidden;
  }

  /** @param {HTMLElement} button */
  async #copy(button) {
    const code = part(this.#root, 'code');
    try {
      await navigator.clipboard.writeText(code.textContent ?? '');
      button.textContent = 'copied';
    } catch {
      // Not allowed here; selected, the visitor's keys copy it.
      getSelection()?.selectAllChildren(code);
      button.textContent = 'selected';
    }
    setTimeout(() => (button.textContent = 'copy'), COPIED_MS);
  }
}

/**
 * The numbers of a model, in percent, in the order of the columns; null where there is none.
 * @param {Tally} tally
 * @param {Counts} model
 */
export function numbersOf(tally, model) {
  const numbers = [accuracy(model.clean)?.value ?? null, meanCorruptionError(tally, model), addedError(tally, model), neverWrong(model)];
  return numbers.map((number) => (number === null ? null : number * 100));
}

/**
 * What the curves are of.
 * @param {Pick<Tally, 'corruptions'>} tally
 */
export function titleOf({ corruptions }) {
  if (corruptions.length === 0) return 'untouched images';
  return corruptions.length === 1 ? corruptions[0]?.title ?? '' : `mean of ${corruptions.length} corruptions`;
}

/** @param {Counts[]} models @param {(name: string) => string | null} files */
function fileNames(models, files) {
  return new Map(models.flatMap(({ name }) => {
    const file = files(name);
    return file === null ? [] : [/** @type {[string, string]} */ ([name, file])];
  }));
}

/** @param {HTMLElement} place */
function widthOf({ clientWidth }) {
  return clientWidth > 0 ? Math.min(clientWidth, 640) : 600;
}

/** @param {'th' | 'td'} kind @param {string[]} texts @param {string} scope of its head: a row's is its first cell */
function row(kind, texts, scope) {
  const line = document.createElement('tr');
  line.append(...texts.map((text, i) => {
    const cell = document.createElement(i === 0 ? 'th' : kind);
    if (cell.localName === 'th') cell.setAttribute('scope', scope);
    cell.textContent = text;
    return cell;
  }));
  return line;
}

/** @param {ParentNode} root @param {string} selector */
function part(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}
