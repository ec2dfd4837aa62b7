// column.js: one model's answer. The same rows in every column, so that the eye compares along a line.
//
// A wrong top class (known only for scenes) is marked by a cross and the word "wrong" as well as by colour.

import { drawAttention } from './viridis.js';

const ROWS = 4;
const TEMPLATE = `
  <header><h2 class="name"></h2><p class="measured"></p></header>
  <canvas class="attention" width="224" height="224" role="img" aria-label="attention of this model"></canvas>
  <p class="verdict">
    <strong class="top"></strong><span class="mark" aria-hidden="true"></span><span class="word"></span>
  </p>
  <ol class="bars" aria-label="most likely classes"></ol>
  <dl>
    <div class="looks"><dt>looks at</dt><dd></dd></div>
    <div class="levels"><dt></dt><dd></dd></div>
    <div class="time"><dt>time</dt><dd></dd></div>
    <div class="iterations" hidden><dt>iterations</dt><dd></dd></div>
  </dl>
  <p class="message" role="status"></p>`;

export class Column {
  /** The column's element. */
  root;
  /** What the element's `state` reports, or null before the first answer. */
  state = null;
  #classes = [];
  #rows = [];

  /** `entry` is the zoo's row for this bundle, or undefined for a bundle from elsewhere. */
  constructor(name, entry) {
    this.root = document.createElement('article');
    this.root.className = 'column waiting';
    this.root.innerHTML = TEMPLATE;
    this.root.dataset.model = name;
    this.name = name;
    this.#part('.name').textContent = entry?.title ?? (name.startsWith('blob:') ? 'your model' : name.split('/').pop());
    this.#showMeasured(entry);
    this.wait('loading…');
    const bars = this.#part('.bars');
    for (let i = 0; i < ROWS; i++) {
      const row = document.createElement('li');
      row.innerHTML = '<span class="class"></span><span class="share"></span><span class="track"><i></i></span>';
      bars.append(row);
      this.#rows.push(row);
    }
  }

  /** The bundle's own title and classes. */
  describe({ title, classes, methods, results }) {
    this.#classes = classes;
    this.#part('.name').textContent = title;
    this.#part('.name').title = methods.length ? `methods: ${methods.join(', ')}` : 'no added method';
    this.#showMeasured(results);
  }

  /** What was measured on many images when the bundle was made, labelled so; it is here before any weight arrives. */
  #showMeasured(results) {
    if (typeof results?.clean_top1 !== 'number') return;
    const [clean, corrupted] = [results.clean_top1, 1 - results.corruption_error_mean].map(percent);
    this.#part('.measured').textContent = `measured: ${clean} right, ${corrupted} under corruptions`;
    const { n_images: images } = results;
    const note = `on ${images} held-out images; corruptions: mean over all types and severities`;
    this.#part('.measured').title = images ? note : '';
  }

  /** Shows an answer over `image`, a canvas. `label` is the known class or null. */
  show(answer, image, label) {
    const { probabilities, attention, iterations, rows, columns, patches, milliseconds, backend } = answer;
    const classes = this.#classes;
    const order = [...probabilities.keys()].sort((a, b) => probabilities[b] - probabilities[a] || a - b);
    const known = classes.includes(label) ? label : null;
    const top = classes[order[0]];
    const right = known === null ? null : top === known;
    this.state = {
      name: this.name, title: this.#part('.name').textContent, backend, milliseconds, patches, classes, top, right,
      probabilities: [...probabilities],
    };
    this.root.className = `column ${right === null ? 'unknown' : right ? 'right' : 'wrong'}`;
    this.#part('.mark').textContent = right === null ? '' : right ? '✓' : '✕';
    this.#part('.word').textContent = right === null ? '' : right ? 'right' : 'wrong';
    this.#part('.verdict .top').textContent = top;
    this.#drawBars(order, probabilities, known);
    const looks = attention.length ? `${patches} of ${attention.length} patches` : 'this attention forms no map';
    drawAttention(this.#part('.attention'), image, attention, rows, columns);
    this.#part('.attention').setAttribute('aria-label', `attention: ${looks}`);
    this.#part('.looks dd').textContent = looks;
    this.#part('.looks').title = 'The fewest patches that hold 80 % of the attention behind the answer. Few: overfocus.';
    this.#drawIterations(iterations, image, rows, columns);
    this.showTime(milliseconds);
    this.#part('.message').textContent = '';
  }

  /** One small map for each iteration of a recurrent attention, first to last; other models have no such row. */
  #drawIterations(iterations, image, rows, columns) {
    const [row, place] = [this.#part('.iterations'), this.#part('.iterations dd')];
    const count = Math.floor(iterations.length / (rows * columns));
    row.hidden = count === 0;
    row.title = 'What the last block reconstructs at each patch, before and after every step of its recurrence.';
    while (place.childElementCount > count) place.lastChild.remove();
    while (place.childElementCount < count) {
      place.append(Object.assign(document.createElement('canvas'), { width: 48, height: 48 }));
    }
    for (const [i, canvas] of [...place.children].entries()) {
      canvas.setAttribute('role', 'img');
      canvas.setAttribute('aria-label', `map of iteration ${i}`);
      drawAttention(canvas, image, iterations.subarray(i * rows * columns, (i + 1) * rows * columns), rows, columns);
    }
  }

  /** The usual time of one answer. */
  showTime(milliseconds) {
    if (milliseconds === null || !this.state) return;
    this.state.milliseconds = milliseconds;
    this.#part('.time dd').textContent = `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)} ms`;
    const place = this.state.backend === 'webgpu' ? 'graphics card' : 'processor';
    this.#part('.time').title = `preparing the image and one pass on your ${place}; median of the last few`;
  }

  /** Says what the first answer waits for. */
  wait(reason) {
    this.#part('.message').textContent = reason;
  }

  /** The answer in words, for those who do not see it. */
  get summary() {
    if (!this.state) return '';
    const { title, top, right } = this.state;
    return `${title}: ${top}${right === null ? '' : right ? ', right' : ', wrong'}`;
  }

  /** The class names, for the caption. */
  get classes() {
    return this.#classes;
  }

  /** Fades the values while a newer answer is on its way, or brings them back. */
  fade(stale) {
    this.root.classList.toggle('stale', stale);
  }

  /** A sentence instead of an answer. */
  refuse(message) {
    this.root.className = 'column refused';
    this.#part('.message').textContent = message;
    this.state = null;
  }

  #drawBars(order, probabilities, known) {
    this.#rows.forEach((row, i) => {
      const at = order[i];
      const share = probabilities[at] ?? 0;
      const labelled = known !== null && this.#classes[at] === known;
      row.className = labelled ? 'label' : '';
      row.hidden = at === undefined;
      row.querySelector('.class').textContent = this.#classes[at] ?? '';
      row.querySelector('.class').title = labelled ? 'the known label' : '';
      row.querySelector('.share').textContent = percent(share);
      row.querySelector('i').style.inlineSize = `${(share * 100).toFixed(1)}%`;
    });
  }

  /**
   * One mark per severity: filled while the answer holds, a cross where it does not, and the first failure in words.
   * `levels` holds the top class at severities 0 to 5, null where it is not known yet. Without a known label, the answer
   * to the clean image is what has to hold.
   */
  showLevels(levels, label, severity) {
    const known = this.#classes.includes(label);
    const aim = known ? this.#classes.indexOf(label) : levels[0];
    const holds = levels.map((top) => (top === null || aim === null ? null : top === aim));
    // The first failure is only known once everything below it is.
    const broken = holds.indexOf(false);
    const first = holds.slice(0, broken).includes(null) ? -1 : broken;
    const complete = !levels.includes(null);
    const marks = holds.map((state, level) => {
      const mark = document.createElement('span');
      mark.className = `level ${state === null ? '' : state ? 'holds' : 'breaks'}`;
      mark.classList.toggle('here', level === severity);
      mark.title = `severity ${level}${levels[level] === null ? '' : `: ${this.#classes[levels[level]]}`}`;
      mark.textContent = state === false ? '✕' : level;
      return mark;
    });
    const words = document.createElement('span');
    words.className = 'words';
    if (first === 0) words.textContent = 'wrong when clean';
    else if (first > 0) words.textContent = `${known ? 'fails' : 'changes'} at severity ${first}`;
    else if (complete) words.textContent = known ? 'never fails' : 'never changes';
    this.#part('.levels dt').textContent = known ? 'right at' : 'same at';
    this.#part('.levels dd').replaceChildren(...marks, words);
    if (!this.state) return;
    this.state.levels = levels.map((top) => this.#classes[top] ?? null);
    this.state.failsAt = first < 0 ? null : first;
  }

  #part(selector) {
    return this.root.querySelector(selector);
  }
}

function percent(share) {
  if (share > 0 && share < 0.005) return '<1 %';
  return `${Math.round(share * 100)} %`;
}
