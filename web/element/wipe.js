// wipe.js: the image, clean on the left of a bar and corrupted on the right. Drag anywhere on the image, or move
// the bar with the arrow keys. At severity 0 there is nothing to compare and the bar is hidden.

/** What the keys do to the bar, in percent of the width. */
const STEPS = {
  ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2, PageDown: -20, PageUp: 20, Home: -100, End: 100,
};
const TEMPLATE = `
  <canvas class="clean" role="img"></canvas>
  <canvas class="corrupted" aria-hidden="true"></canvas>
  <span class="tag left">clean</span><span class="tag right"></span>
  <div class="bar" role="slider" tabindex="0" aria-label="wipe between the clean and the corrupted image"
       aria-valuemin="0" aria-valuemax="100"></div>
  <p class="empty" role="status"></p>`;

export class Wipe {
  /** The canvas with the corrupted image, for drawing over it elsewhere. */
  corrupted;
  #root;
  #at = 50;

  constructor(root) {
    this.#root = root;
    root.innerHTML = TEMPLATE;
    this.corrupted = this.#part('.corrupted');
    const bar = this.#part('.bar');
    root.addEventListener('pointerdown', (event) => {
      if (event.button !== 0 || root.dataset.state !== 'pair') return;
      root.setPointerCapture(event.pointerId);
      root.classList.add('dragging');
      this.#follow(event);
      event.preventDefault();
      bar.focus({ preventScroll: true, focusVisible: false });
    });
    root.addEventListener('pointermove', (event) => root.hasPointerCapture(event.pointerId) && this.#follow(event));
    root.addEventListener('lostpointercapture', () => root.classList.remove('dragging'));
    bar.addEventListener('keydown', (event) => {
      if (!(event.key in STEPS)) return;
      this.at = this.#at + STEPS[event.key];
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
    bar.setAttribute('aria-valuenow', Math.round(this.#at));
    bar.setAttribute('aria-valuetext', `${Math.round(this.#at)} % clean`);
  }

  /** Shows the clean image. */
  showClean(pixels, side, description) {
    draw(this.#part('.clean'), pixels, side);
    this.#part('.clean').setAttribute('aria-label', description);
    this.#root.dataset.state = 'clean';
  }

  /** Shows the corrupted image; without a `tag` it equals the clean one. */
  showCorrupted(pixels, side, tag) {
    draw(this.corrupted, pixels, side);
    this.#part('.right').textContent = tag;
    this.#root.dataset.state = tag ? 'pair' : 'clean';
  }

  /** A sentence in place of the image. */
  say(text) {
    this.#part('.empty').textContent = text.charAt(0).toUpperCase() + text.slice(1);
    this.#root.dataset.state = 'empty';
  }

  #follow(event) {
    const { left, width } = this.#root.getBoundingClientRect();
    this.at = ((event.clientX - left) / width) * 100;
  }

  #part(selector) {
    return this.#root.querySelector(selector);
  }
}

/** Puts square RGBA pixels on a canvas. */
export function draw(canvas, pixels, side) {
  if (canvas.width !== side || canvas.height !== side) Object.assign(canvas, { width: side, height: side });
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), side), 0, 0);
}
