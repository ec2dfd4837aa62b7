// synthesis.js: the panel in which an image is changed before the visitor's eyes while the models of the columns watch: noise that a
// model hardly sees, attacks, patches taken away. It is fetched, with an engine that has gradients, when the panel is opened.

import { open } from '../vitro/synthesis/client.js';
import { line, mapOf, number, paint } from './synthesis-shown.js';
import { adoptStyle } from './synthesis-style.js';

/** @import { VitroCompare } from '../vitro/vitro.js' */
/** @import { ClassMap, Place, Row, Shown } from '../element/synthesis/messages.js' */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */
/** What the page does for the panel: writes the address, and says a sentence. @typedef {{ remember(): void, say(sentence: string): void }} Host */

const TEMPLATE = `
  <p class="about"></p>
  <form>
    <label>what <select name="make"></select></label>
    <label>against <select name="against"></select></label>
    <label class="amount"><span></span> <input type="range" name="amount"><output></output></label>
    <button type="submit">begin</button>
    <button type="button" class="stop" disabled>stop and keep</button>
    <button type="button" class="other">another draw</button>
    <button type="button" class="save" disabled>save the image</button>
  </form>
  <p class="told" role="status">The engine with gradients is being fetched…</p>
  <p class="fetched"></p>
  <div class="results" hidden>
    <div class="pictures">
      <figure><canvas class="clean" role="img" aria-label="the image as it was"></canvas><figcaption>as it was</figcaption></figure>
      <figure><canvas class="noise" role="img" aria-label="the difference"></canvas><figcaption></figcaption></figure>
      <figure><canvas class="made" role="img" aria-label="what the models see now"></canvas><figcaption></figcaption></figure>
    </div>
    <div class="said">
      <table>
        <caption></caption>
        <thead><tr><th scope="col">model</th><th scope="col">before</th><th scope="col">now</th><th scope="col">change of the logits</th></tr></thead>
        <tbody></tbody>
      </table>
      <figure class="course" hidden><svg viewBox="0 0 240 64" role="img"><polyline></polyline></svg><figcaption></figcaption></figure>
    </div>
    <div class="speaks">
      <p>Bright patches speak for the class that the model sees now: attention, weighted by what the score of the class would gain from it.</p>
      <div class="maps"></div>
    </div>
  </div>`;

/** How far an arrow key carries what has a place, as a fraction of the image. */
const STRIDE = 1 / 16;
/** How long the engine is kept for a panel that is closed, in milliseconds. */
const IDLE_MS = 10_000;
/** How long a wish waits for the next, in milliseconds, while a slider is moved. */
const REST_MS = 120;

/**
 * Fills the panel and follows it.
 * @param {HTMLDetailsElement} panel
 * @param {VitroCompare} compare
 * @param {Engine} engine
 * @param {Host} host
 */
export function show(panel, compare, engine, host) {
  adoptStyle(document);
  const place = part(panel, '.inside');
  place.innerHTML = TEMPLATE;
  new Panel(panel, place, compare, engine, host);
}

class Panel {
  #panel;
  #place;
  #compare;
  #engine;
  #host;
  #client;
  #form;
  #make;
  #against;
  #amount;
  /** @type {Row[]} */
  #rows = [];
  #seed = 0;
  /** @type {Place} */
  #at = [0.5, 0.5];
  /** What is watched, at each step. @type {number[]} */
  #values = [];
  #going = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #soon;
  /** What was in sight when it began. */
  #asked = '';
  /** Whether nothing of it is shown yet. */
  #isNew = true;
  /** The last step that was taken. @type {Shown['step']} */
  #step = null;
  /** The row of what is shown. */
  #name = '';
  /** What was shown last. @type {Shown | null} */
  #shown = null;

  /** @param {HTMLDetailsElement} panel @param {HTMLElement} place @param {VitroCompare} compare @param {Engine} engine @param {Host} host */
  constructor(panel, place, compare, engine, host) {
    this.#panel = panel;
    this.#place = place;
    this.#compare = compare;
    this.#engine = engine;
    this.#host = host;
    this.#form = /** @type {HTMLFormElement} */ (part(place, 'form'));
    const field = (/** @type {string} */ name) => /** @type {unknown} */ (this.#form.elements.namedItem(name));
    this.#make = /** @type {HTMLSelectElement} */ (field('make'));
    this.#against = /** @type {HTMLSelectElement} */ (field('against'));
    this.#amount = /** @type {HTMLInputElement} */ (field('amount'));
    const { assetBase, zooBase, zoo } = /** @type {typeof VitroCompare} */ (compare.constructor);
    this.#client = open({
      rows: (rows) => this.#offer(rows),
      shown: (shown) => this.#draw(shown),
      explained: (maps) => this.#explain(maps),
      done: () => this.#end(),
      refused: (sentence) => this.#refuse(sentence),
      bytes: (got, of) => {
        const size = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(1);
        // Not read out at every step.
        if (this.#rows.length === 0) part(place, '.fetched').textContent = `${size(got)}${of ? ` of ${size(of)}` : ''} MB`;
      },
    }, { assetBase, zooBase, zoo });
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      this.#begin();
    };
    this.#make.onchange = () => this.#choose();
    this.#against.onchange = () => this.#begin();
    this.#amount.oninput = () => {
      this.#label();
      this.#later();
    };
    this.#button('.stop').onclick = () => this.#client.stop();
    this.#button('.other').onclick = () => {
      this.#seed += 1;
      this.#begin();
    };
    this.#button('.save').onclick = () => this.#save();
    this.#drag(/** @type {HTMLCanvasElement} */ (part(place, '.made')));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let idle;
    panel.addEventListener('toggle', () => {
      clearTimeout(idle);
      if (panel.open) return this.#later();
      this.#client.stop();
      idle = setTimeout(() => this.#client.close(), IDLE_MS);
    });
    // What the columns show is what is changed here.
    new MutationObserver(() => this.#follow()).observe(compare, { attributes: true, attributeFilter: ['src', 'models', 'corruption', 'severity', 'seed', 'protocol'] });
    compare.addEventListener('result', () => this.#follow());
  }

  /** @param {Row[]} rows */
  #offer(rows) {
    if (this.#rows.length > 0) return; // A worker that took another's place.
    this.#rows = rows;
    part(this.#place, '.fetched').remove();
    this.#make.replaceChildren(...rows.map(({ name, title }) => new Option(title, name)));
    const { make, amount } = document.documentElement.dataset;
    this.#make.value = rows.some(({ name }) => name === make) ? String(make) : 'pgd';
    this.#choose(amount);
  }

  /** The row that is chosen. */
  get #row() {
    return this.#rows.find(({ name }) => name === this.#make.value);
  }

  /** Another row: its slider, and what it does. @param {string} [amount] */
  #choose(amount) {
    const row = this.#row;
    if (!row) return;
    const { least, most, step, usual, title } = row.amount;
    Object.assign(this.#amount, { min: String(least), max: String(most), step: String(step), value: amount ?? String(usual) });
    part(this.#form, '.amount span').textContent = title;
    part(this.#place, '.about').textContent = row.about;
    this.#button('.other').hidden = !row.is_random;
    this.#label();
    this.#begin();
  }

  #label() {
    part(this.#form, 'output').textContent = `${this.#amount.value} ${this.#row?.amount.unit ?? ''}`.trim();
  }

  /** What the columns show, in a word: an answer that comes again is no other image. */
  get #inSight() {
    const { source, corruption, severity, seed, protocol } = this.#compare;
    return [source, corruption, severity, seed, protocol, ...this.#models].join(' ');
  }

  /** What is seen has changed. */
  #follow() {
    if (this.#inSight === this.#asked) return;
    this.#client.stop();
    if (this.#panel.open) this.#later();
  }

  /** Begins when nothing else is wished for a moment. */
  #later() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#begin(), REST_MS);
  }

  #begin() {
    clearTimeout(this.#soon);
    if (!this.#panel.open) return;
    const [row, models] = [this.#row, this.#models];
    if (this.#rows.length === 0) return this.#client.start();
    if (!row || models.length === 0) return;
    this.#asked = this.#inSight;
    const { corruption, severity, seed, protocol } = this.#compare;
    const src = this.#compare.source;
    const seen = { src, file: this.#engine.files.get(src), credentials: this.#compare.credentials, corruption, severity, seed, protocol };
    this.#offerModels(models);
    this.#values = [];
    this.#step = null;
    this.#going = true;
    this.#isNew = true;
    this.#button('.stop').disabled = false;
    this.#tell('');
    this.#client.begin({
      synthesis: row.name, against: this.#against.value, models, amount: Number(this.#amount.value), seed: this.#seed, place: this.#at, seen,
    }, this.#engine.files);
    const kept = document.documentElement.dataset;
    Object.assign(kept, { make: row.name, amount: this.#amount.value });
    this.#host.remember();
  }

  /** Names of the columns. */
  get #models() {
    return this.#compare.state.models.map(({ name }) => name);
  }

  /** @param {string[]} names */
  #offerModels(names) {
    const before = this.#against.value;
    const titles = new Map(this.#compare.state.models.map(({ name, title }) => [name, title]));
    this.#against.replaceChildren(...names.map((name) => new Option(titles.get(name) ?? name, name)));
    if (names.includes(before)) this.#against.value = before;
  }

  /** @param {Shown} shown */
  #draw(shown) {
    this.#shown = shown;
    const { side, clean, image, noise, step, witnesses, control } = shown;
    part(this.#place, '.results').hidden = false;
    for (const [name, pixels] of /** @type {const} */ ([['clean', clean], ['noise', noise.pixels], ['made', image]])) {
      paint(/** @type {HTMLCanvasElement} */ (part(this.#place, `.${name}`)), pixels, side);
    }
    const row = this.#row;
    const captions = [...this.#place.querySelectorAll('.pictures figcaption')];
    const size = noise.onTokens ? `noise on the tokens: norm ${noise.size.toFixed(1)}` : `the difference: at most ${noise.size.toFixed(1)} / 255`;
    const seen = noise.onTokens ? 'the image itself stays as it was' : row?.has_place ? 'what the models see now: drag the patch, or use the arrow keys' : 'what the models see now';
    for (const [i, text] of ['as it was', size, seen].entries()) if (captions[i]) captions[i].textContent = text;
    part(this.#place, 'caption').textContent = `Against ${this.#titleOf(this.#against.value)}, which saw “${shown.label}”`;
    const others = row?.name === 'patch_noise' ? 'the same noise, shuffled' : 'as much noise, not learned';
    part(this.#place, 'tbody').replaceChildren(...witnesses.map((witness) => line(witness, witness.title)), ...(control ? [line(control, others)] : []));
    this.#button('.save').disabled = noise.onTokens;
    const made = part(this.#place, '.made');
    if (row?.has_place) made.tabIndex = 0;
    else made.removeAttribute('tabindex');
    made.setAttribute('role', row?.has_place ? 'application' : 'img');
    made.setAttribute('aria-label', seen);
    made.classList.toggle('movable', row?.has_place === true);
    this.#name = row?.name ?? '';
    const speaks = part(this.#place, '.speaks');
    speaks.classList.add('old');
    // What spoke in another image, or for other models, says nothing of this one.
    if (this.#isNew) part(speaks, '.maps').replaceChildren();
    this.#isNew = false;
    if (step) this.#step = step;
    if (step && step.value !== null) this.#values.push(step.value);
    this.#drawCourse(this.#step?.of ?? 0);
    if (!this.#going) this.#tell(this.#verdict());
    this.#panel.dispatchEvent(new CustomEvent('shown', { detail: shown, bubbles: true }));
  }

  /** What speaks for the class that each model sees. @param {ClassMap[]} maps in the order of the witnesses */
  #explain(maps) {
    const { witnesses = [], image, side = 0 } = this.#shown ?? {};
    const place = part(this.#place, '.speaks');
    const figures = witnesses.flatMap(({ title, now }, i) => (image && now ? [mapOf(image, side, maps[i] ?? null, title, now.top)] : []));
    part(place, '.maps').replaceChildren(...figures);
    place.classList.remove('old');
    this.#panel.dispatchEvent(new CustomEvent('explained', { detail: maps, bubbles: true }));
  }

  /** The curve of what is watched. @param {number} of steps in all */
  #drawCourse(of) {
    const figure = part(this.#place, '.course');
    const watched = this.#row?.watched;
    const values = this.#values;
    figure.hidden = !watched || values.length === 0;
    if (figure.hidden) return;
    const [least, most] = [Math.min(...values, 0), Math.max(...values)];
    const x = (/** @type {number} */ i) => 2 + (236 * i) / Math.max(of - 1, values.length - 1, 1);
    const y = (/** @type {number} */ value) => 62 - (60 * (value - least)) / Math.max(most - least, 1e-9);
    const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    part(figure, 'polyline').setAttribute('points', points);
    const text = `${watched}: ${number(values[0])} before the first step, ${number(values.at(-1))} before step ${values.length}`;
    part(figure, 'svg').setAttribute('aria-label', text);
    part(figure, 'figcaption').textContent = text;
  }

  #end() {
    this.#going = false;
    this.#button('.stop').disabled = true;
    this.#tell(this.#verdict());
    this.#panel.dispatchEvent(new CustomEvent('made', { bubbles: true }));
  }

  /** What came of it, a sentence. */
  #verdict() {
    const { witnesses = [] } = this.#shown ?? {};
    const step = this.#step;
    const moved = witnesses.filter(({ before, now }) => before && now && before.top !== now.top);
    const names = moved.map(({ title, now }) => `${title} sees “${now?.top}”`);
    const steps = step && step.of > 1 ? ` after ${step.done} ${step.done === 1 ? 'step' : 'steps'}` : '';
    return names.length > 0 ? `Now ${names.join(', ')}${steps}.` : `No model changes its mind${steps}.`;
  }

  /** @param {string} sentence */
  #refuse(sentence) {
    this.#going = false;
    this.#button('.stop').disabled = true;
    this.#button('.save').disabled = true;
    part(this.#place, '.results').hidden = true;
    this.#shown = null;
    this.#tell(sentence);
  }

  /** @param {HTMLCanvasElement} canvas */
  #drag(canvas) {
    const movable = () => this.#row?.has_place === true && this.#shown !== null;
    const carry = (/** @type {number} */ x, /** @type {number} */ y) => {
      const within = (/** @type {number} */ value) => Math.min(Math.max(value, 0), 1);
      if (this.#going) this.#client.stop();
      this.#at = [within(x), within(y)];
      this.#client.carry(this.#at);
    };
    const at = (/** @type {PointerEvent} */ event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      carry((event.clientX - left) / width, (event.clientY - top) / height);
    };
    canvas.onpointerdown = (event) => {
      if (!movable()) return;
      canvas.setPointerCapture(event.pointerId);
      at(event);
    };
    canvas.onpointermove = (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) at(event);
    };
    canvas.onkeydown = (event) => {
      const [x, y] = this.#at;
      const to = { ArrowLeft: [x - STRIDE, y], ArrowRight: [x + STRIDE, y], ArrowUp: [x, y - STRIDE], ArrowDown: [x, y + STRIDE] }[event.key];
      if (!to || !movable()) return;
      event.preventDefault();
      carry(to[0] ?? x, to[1] ?? y);
    };
  }

  #save() {
    const canvas = /** @type {HTMLCanvasElement} */ (part(this.#place, '.made'));
    canvas.toBlob((blob) => {
      if (!blob) return this.#host.say('The image could not be saved: this browser has no memory left for it.');
      const address = URL.createObjectURL(blob);
      Object.assign(document.createElement('a'), { href: address, download: `vitro-${this.#name}.png` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000); // The browser reads it after the click.
    });
  }

  /** @param {string} name */
  #titleOf(name) {
    return this.#compare.state.models.find((model) => model.name === name)?.title ?? name;
  }

  /** @param {string} sentence */
  #tell(sentence) {
    part(this.#place, '.told').textContent = sentence;
  }

  /** @param {string} selector */
  #button(selector) {
    return /** @type {HTMLButtonElement} */ (part(this.#place, selector));
  }
}

/** @param {ParentNode} root @param {string} selector */
function part(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}
