// sweep.js: the panel under the comparison that counts on many images: which scenes or folder, corruptions and severities the visitor
// chose, given to <vitro-sweep> with the models of the columns, or with those of the scenes where the columns know none. What was
// chosen is in the address.

import { filesPicked, FOLDER } from './folder.js';
import { membersOf } from './rows.js';
import { forScenes } from './sources.js';

/** @import { VitroCompare } from '../vitro/vitro.js' */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */
/** @typedef {Engine['corruptions'][number]} Corruption */
/** @import { FolderImage } from './folder.js' */
/** @typedef {HTMLElement & { models: string, corruptions: string, severities: string, images: number, folder: readonly FolderImage[] | null }} Sweep */

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
  const picker = /** @type {HTMLInputElement} */ (form.querySelector('.folder'));
  const again = /** @type {HTMLButtonElement} */ (form.querySelector('.again'));
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
    const { folder } = sweep;
    const models = folder ? compare.models : forScenes(compare.models);
    Object.assign(sweep, { models, severities: severities.join(' '), images: Number(scenes.value) });
    const each = Math.min(Number(scenes.value), folder?.length ?? Infinity);
    const images = membersOf(models, engine.zoo).length * each * (1 + corruptions.length * severities.length);
    const others = folder ? ' from your folder, at most' : models === compare.models ? '' : ' by the models that were trained on scenes';
    amount.textContent = images > 0 ? `${images.toLocaleString('en')} images to classify${others}` : '';
    again.hidden = folder === null;
  };
  const take = (/** @type {readonly FolderImage[] | null} */ images) => {
    sweep.folder = images;
    if (images) panel.open = true;
    show();
  };
  picker.onchange = () => {
    if (picker.files?.length) take(filesPicked(picker.files));
    picker.value = ''; // The same folder may be chosen again.
  };
  again.onclick = () => take(null);
  addEventListener(FOLDER, (event) => take(/** @type {CustomEvent<FolderImage[]>} */ (event).detail));
  form.onchange = () => {
    const severities = boxes.filter(({ checked }) => checked).map(({ value }) => value);
    Object.assign(kept, { scenes: scenes.value, over: over.value, severities: severities.join(' ') || '0' });
    show();
    remember();
  };
  form.onsubmit = (event) => event.preventDefault();
  panel.addEventListener('toggle', () => {
    if (panel.open) kept.panel = 'sweep';
    else if (kept.panel === 'sweep') delete kept.panel;
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
