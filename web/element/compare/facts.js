// facts.js: the rows of facts below a model's most likely classes, in their order. A new row is a new entry: a key (its
// class in the style sheet), a term, a hint, and `draw`, which fills the row's place and says whether there is anything.

import { firstFailure, holds } from './verdict.js';
import { drawAttention } from './attention.js';

/** @import { Shown } from './column.js' */
/**
 * @typedef {object} Fact
 * @property {string} key
 * @property {string} term
 * @property {string} hint
 * @property {(place: HTMLElement, shown: Shown, term: HTMLElement) => boolean} draw false when the row is left out
 */

/** @type {readonly Fact[]} */
export const FACTS = [
  {
    key: 'looks',
    term: 'looks at',
    hint: 'The smallest number of patches that hold 80 % of the attention behind the prediction. A low number means overfocus.',
    draw(place, { answer: { attention, patches } }) {
      place.textContent = attention.length ? `${patches} of ${attention.length} patches` : 'no attention map';
      return true;
    },
  },
  { key: 'probes', term: 'probes', hint: '', draw: drawProbes },
  { key: 'levels', term: 'same at', hint: '', draw: drawLevels },
  {
    key: 'time',
    term: 'time',
    hint: 'preparing the image and one pass; median of the last few',
    draw(place, { milliseconds, answer: { backend } }) {
      const where = backend === 'webgpu' ? 'GPU' : 'CPU';
      const time = `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)} ms, ${where}`;
      // What a page brings along has no time of this device.
      place.textContent = Number.isNaN(milliseconds) ? 'computed beforehand' : time;
      return true;
    },
  },
  {
    key: 'iterations',
    term: 'iterations',
    hint: 'What the last block reconstructs at each patch, before and after every step of its recurrence.',
    draw: drawIterations,
  },
];

/**
 * The numbers of all other probes, as the registry words them.
 * @type {Fact['draw']}
 */
function drawProbes(place, { answer: { numbers } }, term) {
  const others = numbers.filter(({ key }) => key !== 'focus');
  const [first] = others;
  term.textContent = first && others.length === 1 ? first.title : 'probes';
  const said = others.map(({ title, words, meaning }) => {
    const text = others.length === 1 ? words : `${title} ${words} `;
    return Object.assign(document.createElement('span'), { textContent: text, title: meaning });
  });
  place.replaceChildren(...said);
  return said.length > 0;
}

/**
 * One mark per severity: filled while the answer holds, a cross where it does not, and the first failure in words.
 * @type {Fact['draw']}
 */
function drawLevels(place, { levels, classes, label, severity }, term) {
  const held = holds(levels, label === null ? null : classes.indexOf(label));
  const first = firstFailure(held);
  const marks = held.map((state, level) => {
    const mark = document.createElement('span');
    mark.className = `level ${state === null ? '' : state ? 'holds' : 'breaks'}`;
    mark.classList.toggle('here', level === severity);
    const top = levels[level] ?? null;
    mark.title = `severity ${level}${top === null ? '' : `: ${classes[top]}`}`;
    mark.textContent = state === false ? '✕' : String(level);
    return mark;
  });
  const words = document.createElement('span');
  words.className = 'words';
  if (first === 0) words.textContent = 'wrong when clean';
  else if (first !== null) words.textContent = `${label === null ? 'changes' : 'fails'} at severity ${first}`;
  else if (levels.length > 0 && !levels.includes(null)) words.textContent = label === null ? 'never changes' : 'never fails';
  term.textContent = label === null ? 'same at' : 'right at';
  place.replaceChildren(...marks, words);
  return true;
}

/**
 * One small map for each iteration of a recurrent attention, first to last; other models have no such row.
 * @type {Fact['draw']}
 */
function drawIterations(place, { answer: { iterations, rows, columns }, image }) {
  const patches = rows * columns;
  const count = patches > 0 ? Math.floor(iterations.length / patches) : 0;
  while (place.childElementCount > count) place.lastChild?.remove();
  while (place.childElementCount < count) {
    place.append(Object.assign(document.createElement('canvas'), { width: 48, height: 48 }));
  }
  for (const [i, child] of [...place.children].entries()) {
    const canvas = /** @type {HTMLCanvasElement} */ (child);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `map of iteration ${i}`);
    drawAttention(canvas, image, iterations.subarray(i * patches, (i + 1) * patches), rows, columns);
  }
  return count > 0;
}
