// thumbnails.js: this image under every corruption, as a row of buttons. The worker draws them after the main answer,
// one at a time; until then the old ones stay, faded.

const SIDE = 96;
/** Clean images still show their corruptions, at the middle severity. */
const WHEN_CLEAN = 3;

export class Thumbnails {
  #root;
  #compare;
  #buttons = new Map();
  #drawn = '';

  constructor(root, compare, engine) {
    this.#root = root;
    this.#compare = compare;
    compare.addEventListener('vitro-result', () => this.#request());
    compare.addEventListener('vitro-thumbnail', ({ detail }) => this.#draw(detail));
    compare.addEventListener('vitro-error', () => this.#fade(true));
    new MutationObserver(() => this.#mark()).observe(compare, { attributes: true, attributeFilter: ['corruption'] });
    engine.ready.then(() => this.#build(engine.corruptions), () => {});
  }

  #build(corruptions) {
    for (const { name, title } of corruptions) {
      const button = document.createElement('button');
      button.type = 'button';
      button.innerHTML = `<canvas width="${SIDE}" height="${SIDE}" aria-hidden="true"></canvas><span></span>`;
      button.querySelector('span').textContent = title;
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

  #draw({ corruption, side, pixels }) {
    const button = this.#buttons.get(corruption);
    if (!button) return;
    const context = button.querySelector('canvas').getContext('2d');
    context.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), side), 0, 0);
    button.classList.remove('stale');
  }

  #fade(stale) {
    for (const button of this.#buttons.values()) button.classList.toggle('stale', stale);
  }

  #mark() {
    for (const [name, button] of this.#buttons) {
      button.setAttribute('aria-pressed', String(name === this.#compare.corruption));
    }
  }
}
