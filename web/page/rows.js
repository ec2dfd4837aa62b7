// rows.js: which models of a set are compared, side by side. A set opens with a few of them; the others are a mark away.

/** @import { VitroCompare } from '../element/compare/compare.js' */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */
/** @typedef {Engine['zoo']} Zoo */

/** More columns than these are not compared, they are searched. */
const MOST = 6;

/**
 * The names that a list of models means, as the element reads it.
 * @param {string} models
 * @param {Zoo} zoo
 */
export function membersOf(models, zoo) {
  const names = models.split(/\s+/).filter(Boolean);
  const members = (/** @type {string | undefined} */ set) => zoo.flatMap((entry) => (entry.set === set && !entry.aside ? [entry.name] : []));
  const meant = (/** @type {string} */ name) => {
    if (name === '*') return members(zoo[0]?.set);
    const all = members(/^(\w+)\/\*$/.exec(name)?.[1] ?? '');
    return all.length > 0 ? all : [name];
  };
  return [...new Set((names.length > 0 ? names : ['*']).flatMap(meant))];
}

/**
 * A list that means these models of a set, and those of elsewhere: in one word where they are what the set opens with.
 * @param {readonly string[]} names
 * @param {readonly string[]} elsewhere
 * @param {Zoo} zoo
 */
export function listOf(names, elsewhere, zoo) {
  const set = zoo.find(({ name }) => name === names[0])?.set;
  const all = set === zoo[0]?.set ? '*' : `${set}/*`;
  const isAll = names.length > 0 && membersOf(all, zoo).join(' ') === names.join(' ');
  return [...(isAll ? [all] : names), ...elsewhere].join(' ');
}

/**
 * Fills the menu, and follows the element's models.
 * @param {HTMLDetailsElement} root
 * @param {VitroCompare} compare
 * @param {Engine} engine
 */
export function offerRows(root, compare, engine) {
  const [place, legend] = ['fieldset', 'legend'].map((part) => /** @type {HTMLElement} */ (root.querySelector(part)));
  if (!place || !legend) return;
  /** @type {Map<string, HTMLInputElement>} */
  const boxes = new Map();
  let shown = '';
  const follow = () => {
    if (engine.zoo.length === 0) return; // Nobody knows yet.
    const names = membersOf(compare.models, engine.zoo);
    const known = names.flatMap((name) => engine.zoo.find((entry) => entry.name === name) ?? []);
    const set = (known[0] ?? engine.zoo[0])?.set;
    const rows = engine.zoo.filter((entry) => entry.set === set);
    root.hidden = rows.length < 2;
    if (root.hidden) return;
    // As long as the set is the same, the marks stay where they are, and so does the focus.
    if (shown !== `${set}`) {
      shown = `${set}`;
      boxes.clear();
      place.replaceChildren(legend, ...rows.map(({ name, title }) => boxOf(name, title)));
    }
    for (const [name, box] of boxes) {
      box.checked = names.includes(name);
      box.disabled = box.checked ? known.filter((entry) => entry.set === set).length === 1 : names.length >= MOST;
    }
  };
  const boxOf = (/** @type {string} */ name, /** @type {string} */ title) => {
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', value: name });
    const label = document.createElement('label');
    label.append(box, title);
    boxes.set(name, box);
    return label;
  };
  place.onchange = () => {
    const names = [...boxes].flatMap(([name, box]) => (box.checked ? [name] : []));
    const elsewhere = membersOf(compare.models, engine.zoo).filter((name) => !boxes.has(name));
    compare.models = listOf(names, elsewhere, engine.zoo);
  };
  // A menu is left as menus are.
  root.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || !root.open) return;
    root.open = false;
    /** @type {HTMLElement} */ (root.querySelector('summary')).focus();
  });
  addEventListener('pointerdown', ({ target }) => {
    if (root.open && target instanceof Node && !root.contains(target)) root.open = false;
  });
  new MutationObserver(follow).observe(compare, { attributes: true, attributeFilter: ['models'] });
  engine.addEventListener('change', follow);
  follow();
}
