// thumbnails.js: this image under every corruption, as buttons. The common corruptions are always there; the sets of C-bar
// are behind a heading that opens, and nothing of them is computed before. The worker draws after the main answer, one at a
// time; until then the old ones stay, faded.

const SIDE = 96;
/** Clean images still show their corruptions, at the middle severity. */
const WHEN_CLEAN = 3;
/** The set that the heading hides. */
const HIDDEN_SET = 'Bar';

/** @import { VitroCompare } from '../vitro/vitro.js' */
/** @typedef {{ corruption: string, side: number, pixels: Uint8Array }} Thumbnail */
/** @typedef {typeof import('../vitro/vitro.js').engine.corruptions} Corruptions */

export class Thumbnails {
  #rows;
  #more;
  #compare;
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  /** Corruptions whose small image is not of what is shown now. @type {Set<string>} */
  #stale = new Set();
  #drawn = '';
  #marked = '';

  /**
   * @param {HTMLElement} root
   * @param {VitroCompare} compare
   * @param {typeof import('../vitro/vitro.js').engine} engine
   * @param {{ open: boolean, toggled: (open: boolean) => void }} more whether the heading is open, and who hears of it
   */
  constructor(root, compare, engine, { open, toggled }) {
    const more = root.querySelector('details');
    if (!more) throw new Error('the small images have no heading for the rest');
    this.#more = more;
    this.#rows = [...root.querySelectorAll('.row')];
    this.#compare = compare;
    more.open = open;
    more.addEventListener('toggle', () => {
      toggled(more.open);
      this.#request();
    });
    compare.addEventListener('result', () => this.#request());
    compare.addEventListener('thumbnail', (event) => {
      this.#draw(/** @type {CustomEvent<Thumbnail>} */ (event).detail);
    });
    compare.addEventListener('error', () => this.#fade());
    new MutationObserver(() => this.#mark()).observe(compare, { attributes: true, attributeFilter: ['corruption'] });
    // The registry may be there before the engine is.
    const build = () => engine.corruptions.length > 0 && this.#buttons.size === 0 && this.#build(engine.corruptions);
    engine.addEventListener('change', build);
    build();
  }

  /** @param {Corruptions} corruptions */
  #build(corruptions) {
    const isHidden = (/** @type {Corruptions[number]} */ { set }) => set === HIDDEN_SET;
    const [common, rest] = [corruptions.filter((entry) => !isHidden(entry)), corruptions.filter(isHidden)];
    [common, rest].forEach((entries, i) => this.#rows[i]?.replaceChildren(...entries.map((entry) => this.#button(entry))));
    this.#more.hidden = rest.length === 0;
    this.#mark();
  }

  /** @param {Corruptions[number]} corruption */
  #button({ name, title }) {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', className: 'stale' });
    const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
    canvas.setAttribute('aria-hidden', 'true');
    button.append(canvas, Object.assign(document.createElement('span'), { textContent: title }));
    button.onclick = () => {
      this.#compare.corruption = name;
      if (this.#compare.severity === 0) this.#compare.severity = WHEN_CLEAN;
    };
    this.#buttons.set(name, button);
    this.#stale.add(name);
    return button;
  }

  /** Asks for what is in sight and not drawn yet. What changes by itself, such as the camera, is left to stand still first. */
  #request() {
    const { src, seed, severity } = this.#compare.state;
    const level = severity || WHEN_CLEAN;
    const wanted = [src, seed, level].join(' ');
    if (wanted !== this.#drawn) this.#fade();
    this.#drawn = wanted;
    if (this.#compare.image) return;
    const names = [...this.#stale].filter((name) => this.#more.open || !this.#hides(name));
    if (names.length > 0) this.#compare.requestThumbnails(level, SIDE, names);
  }

  /** @param {Thumbnail} thumbnail */
  #draw({ corruption, side, pixels }) {
    const button = this.#buttons.get(corruption);
    if (!button) return;
    const image = new ImageData(side, side);
    image.data.set(pixels);
    const canvas = /** @type {HTMLCanvasElement} */ (button.querySelector('canvas'));
    Object.assign(canvas, { width: side, height: side }); // Of what the models see there may be fewer pixels than were asked for.
    canvas.getContext('2d')?.putImageData(image, 0, 0);
    button.classList.remove('stale');
    this.#stale.delete(corruption);
  }

  #fade() {
    for (const [name, button] of this.#buttons) {
      button.classList.add('stale');
      this.#stale.add(name);
    }
  }

  /** Marks the chosen one; where the heading hides it, it opens, once for each choice. */
  #mark() {
    const { corruption } = this.#compare;
    for (const [name, button] of this.#buttons) button.setAttribute('aria-pressed', String(name === corruption));
    if (this.#marked !== corruption && this.#hides(corruption)) this.#more.open = true;
    this.#marked = corruption;
  }

  /** @param {string} name */
  #hides(name) {
    const button = this.#buttons.get(name);
    return button !== undefined && this.#more.contains(button);
  }
}
