// thumbnails.js: this image under every corruption, as a row of buttons. The worker draws them after the main answer,
// one at a time; until then the old ones stay, faded.

const SIDE = 96;
/** Clean images still show their corruptions, at the middle severity. */
const WHEN_CLEAN = 3;

/** @import { VitroCompare } from '../vitro/vitro.js' */
/** @typedef {{ corruption: string, side: number, pixels: Uint8Array }} Thumbnail */

export class Thumbnails {
  #root;
  #compare;
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();
  #drawn = '';

  /**
   * @param {HTMLElement} root
   * @param {VitroCompare} compare
   * @param {typeof import('../vitro/vitro.js').engine} engine
   */
  constructor(root, compare, engine) {
    this.#root = root;
    this.#compare = compare;
    compare.addEventListener('vitro-result', () => this.#request());
    compare.addEventListener('vitro-thumbnail', (event) => {
      this.#draw(/** @type {CustomEvent<Thumbnail>} */ (event).detail);
    });
    compare.addEventListener('vitro-error', () => this.#fade(true));
    new MutationObserver(() => this.#mark()).observe(compare, { attributes: true, attributeFilter: ['corruption'] });
    engine.ready.then(() => this.#build(engine.corruptions), () => {});
  }

  /** @param {typeof import('../vitro/vitro.js').engine.corruptions} corruptions */
  #build(corruptions) {
    for (const { name, title } of corruptions) {
      const button = document.createElement('button');
      button.type = 'button';
      const canvas = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
      canvas.setAttribute('aria-hidden', 'true');
      button.append(canvas, Object.assign(document.createElement('span'), { textContent: title }));
      button.onclick = () => {
        this.#compare.corruption = name;
        if (this.#compare.severity === 0) this.#compare.severity = WHEN_CLEAN;
      };
      this.#buttons.set(name, button);
    }
    this.#root.replaceChildren(...this.#buttons.values());
    this.#mark();
  }

  #request() {
    const { src, seed, severity } = this.#compare;
    const level = severity || WHEN_CLEAN;
    const wanted = [src, seed, level].join(' ');
    if (wanted === this.#drawn) return;
    this.#drawn = wanted;
    this.#fade(true);
    this.#compare.requestThumbnails(level, SIDE);
  }

  /** @param {Thumbnail} thumbnail */
  #draw({ corruption, side, pixels }) {
    const button = this.#buttons.get(corruption);
    if (!button) return;
    const image = new ImageData(side, side);
    image.data.set(pixels);
    button.querySelector('canvas')?.getContext('2d')?.putImageData(image, 0, 0);
    button.classList.remove('stale');
  }

  /** @param {boolean} stale */
  #fade(stale) {
    for (const button of this.#buttons.values()) button.classList.toggle('stale', stale);
  }

  #mark() {
    for (const [name, button] of this.#buttons) {
      button.setAttribute('aria-pressed', String(name === this.#compare.corruption));
    }
  }
}
