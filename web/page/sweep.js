// sweep.js: the panel under the comparison that counts on many scenes: which scenes, corruptions and severities the visitor
// chose, given to <vitro-sweep> with the models of the columns. What was chosen is in the address.

/** @import { VitroCompare } from '../vitro/vitro.js' */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */
/** @typedef {Engine['corruptions'][number]} Corruption */
/** @typedef {HTMLElement & { models: string, corruptions: string, severities: string, images: number }} Sweep */

/** What may be chosen, by its name in the address; the one in sight goes by its own name. @type {Record<string, (entry: Corruption) => boolean>} */
const CHOICES = {
  fifteen: ({ set }) => set === 'Common',
  noise: familyOf('Noise'),
  blur: familyOf('Blur'),
  weather: familyOf('Weather'),
  digital: familyOf('Digital'),
  nineteen: ({ set }) => set === 'Common' || set === 'Extra',
  bar: ({ set }) => set === 'Bar',
};

/**
 * @param {HTMLDetailsElement} panel
 * @param {VitroCompare} compare
 * @param {Engine} engine
 * @param {() => void} remember writes the address
 */
export function listenForSweep(panel, compare, engine, remember) {
  const form = /** @type {HTMLFormElement} */ (panel.querySelector('form'));
  const sweep = /** @type {Sweep} */ (panel.querySelector('vitro-sweep'));
  const amount = /** @type {HTMLElement} */ (panel.querySelector('.amount'));
  const [scenes, over] = ['scenes', 'over'].map((name) => /** @type {HTMLSelectElement} */ (form.elements.namedItem(name)));
  const boxes = [.../** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll('[name=severities]'))];
  const kept = document.documentElement.dataset;
  if (!scenes || !over) return;

  panel.hidden = false;
  panel.open = kept.panel === 'sweep';
  if (kept.scenes) scenes.value = kept.scenes;
  if (kept.over) over.value = kept.over;
  if (kept.severities) for (const box of boxes) box.checked = kept.severities.split(' ').includes(box.value);
  // What the address says and the form does not have is what the form has first.
  for (const select of [scenes, over].filter(({ selectedIndex }) => selectedIndex < 0)) {
    select.value = /** @type {HTMLOptionElement} */ (select.querySelector('[selected]')).value;
    delete kept[select.name];
  }

  const show = () => {
    const wanted = CHOICES[over.value] ?? (({ name }) => name === compare.corruption);
    const corruptions = engine.corruptions.filter(wanted).map(({ name }) => name);
    const severities = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    if (engine.corruptions.length > 0) sweep.corruptions = corruptions.join(' ');
    Object.assign(sweep, { models: compare.models, severities: severities.join(' '), images: Number(scenes.value) });
    const models = compare.state.models.length;
    const images = models * Number(scenes.value) * (1 + corruptions.length * severities.length);
    amount.textContent = models > 0 ? `${images.toLocaleString('en')} images to classify` : '';
  };
  form.onchange = () => {
    const severities = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    Object.assign(kept, { scenes: scenes.value, over: over.value, severities: severities.join(' ') || '0' });
    show();
    remember();
  };
  form.onsubmit = (event) => event.preventDefault();
  panel.addEventListener('toggle', () => {
    if (panel.open) kept.panel = 'sweep';
    else delete kept.panel;
    remember();
  });
  new MutationObserver(show).observe(compare, { attributes: true, attributeFilter: ['models', 'corruption'] });
  engine.addEventListener('change', show);
  compare.addEventListener('result', show);
  show();
}

/** @param {string} family @returns {(entry: Corruption) => boolean} */
function familyOf(family) {
  return ({ group, set }) => group === family && set === 'Common';
}
