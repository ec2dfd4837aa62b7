// wipe.js: the image, clean on the left of a bar and corrupted on the right. Drag anywhere on the image, or move
// the bar with the arrow keys. At severity 0 there is nothing to compare and the bar is hidden. Left and right are those of
// the image, whatever direction the page's text runs in.

import { canvasIn, imageData, part, pen } from './dom.js';

/** What the keys do to the bar, in percent of the width. @type {Record<string, number | undefined>} */
const STEPS = {
  ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -20, PageUp: 20, Home: -100, End: 100,
};
const TEMPLATE = `
  <canvas class="clean" role="img"></canvas>
  <canvas class="corrupted" aria-hidden="true"></canvas>
  <span class="tag left">clean</span><span class="tag right"></span>
  <div class="bar" role="slider" tabindex="0" aria-label="wipe between the clean and the corrupted image"
       aria-valuemin="0" aria-valuemax="100"></div>
  <p class="empty" part="message" role="status"></p>`;

export class Wipe {
  /** The canvas with the corrupted image, for drawing over it elsewhere. */
  corrupted;
  #root;
  #at = 50;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
    root.innerHTML = TEMPLATE;
    this.corrupted = canvasIn(root, '.corrupted');
    const bar = this.#part('.bar');
    root.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || root.dataset.state !== 'pair') return;
      root.setPointerCapture(event.pointerId);
      root.classList.add('dragging');
      this.#follow(event);
      event.preventDefault();
      bar.focus(/** @type {FocusOptions} */ ({ preventScroll: true, focusVisible: false }));
    });
    root.addEventListener('pointermove', (event) => root.hasPointerCapture(event.pointerId) && this.#follow(event));
    root.addEventListener('lostpointercapture', () => root.classList.remove('dragging'));
    bar.addEventListener('keydown', (event) => {
      const step = STEPS[event.key];
      if (step === undefined) return;
      this.at = this.#at + step;
      event.preventDefault();
    });
    this.at = 50;
    this.say('');
  }

  /** Where the bar stands, in percent of the width. */
  get at() {
    return this.#at;
  }

  set at(percent) {
    this.#at = Math.min(Math.max(percent, 0), 100);
    this.#root.style.setProperty('--at', `${this.#at}%`);
    const bar = this.#part('.bar');
    bar.setAttribute('aria-valuenow', String(Math.round(this.#at)));
    bar.setAttribute('aria-valuetext', `${Math.round(this.#at)} % clean`);
  }

  /**
   * Shows the clean image.
   * @param {Uint8Array} pixels
   * @param {number} side
   */
  showClean(pixels, side) {
    draw(canvasIn(this.#root, '.clean'), pixels, side);
    this.#root.dataset.state = 'clean';
  }

  /**
   * What the image is of, for those who do not see it.
   * @param {string} text
   */
  describe(text) {
    this.#part('.clean').setAttribute('aria-label', text);
  }

  /**
   * Shows the corrupted image; without a `tag` it equals the clean one.
   * @param {Uint8Array} pixels
   * @param {number} side
   * @param {string} tag
   */
  showCorrupted(pixels, side, tag) {
    draw(this.corrupted, pixels, side);
    this.#part('.right').textContent = tag;
    this.#root.dataset.state = tag ? 'pair' : 'clean';
  }

  /**
   * A sentence in place of the image.
   * @param {string} text
   */
  say(text) {
    this.#part('.empty').textContent = text.charAt(0).toUpperCase() + text.slice(1);
    this.#root.dataset.state = 'empty';
  }

  /** @param {PointerEvent} event */
  #follow(event) {
    const { left, width } = this.#root.getBoundingClientRect();
    this.at = ((event.clientX - left) / width) * 100;
  }

  /** @param {string} selector */
  #part(selector) {
    return part(this.#root, selector);
  }
}

/**
 * Puts square RGBA pixels on a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} pixels
 * @param {number} side
 */
function draw(canvas, pixels, side) {
  if (canvas.width !== side || canvas.height !== side) Object.assign(canvas, { width: side, height: side });
  pen(canvas).putImageData(imageData(pixels, side, side), 0, 0);
}
