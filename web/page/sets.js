// sets.js: which set of the zoo is compared, where there are several. Each opens with an image that its models know.

/** @import { VitroCompare } from '../element/compare/compare.js' */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */

/**
 * What a set opens with, and the class that it shows; a scene knows its own.
 * @type {Record<string, { src: string, label: string } | undefined>}
 */
const OPENING = { cifar10: { src: 'page/photographs/chelsea.jpg', label: 'cat' } };

/**
 * Shows the menu of sets as soon as the zoo is known to have several, and follows the element's models and its image.
 * @param {HTMLElement} root
 * @param {VitroCompare} compare
 * @param {Engine} engine
 */
export function offerSets(root, compare, engine) {
  const menu = /** @type {HTMLSelectElement} */ (root.querySelector('select'));
  const first = () => engine.zoo[0]?.set ?? '';
  menu.onchange = () => {
    // The visitor's own models stay beside any set.
    const own = compare.models.split(/\s+/).filter((name) => /^(blob|data|https?):/.test(name));
    compare.models = [menu.value === first() ? '*' : `${menu.value}/*`, ...own].join(' ');
    if (compare.image || isOwn(compare.src)) return;
    compare.src = OPENING[menu.value]?.src ?? '';
  };
  const follow = () => {
    menu.value = /^(\w+)\//.exec(compare.models)?.[1] ?? first();
    const isShown = (/** @type {string} */ src) => new URL(src, document.baseURI).href === compare.source;
    const known = Object.values(OPENING).find((opening) => opening && isShown(opening.src))?.label ?? '';
    if (compare.label !== known) compare.label = known;
  };
  new MutationObserver(follow).observe(compare, { attributes: true, attributeFilter: ['models', 'src'] });
  follow();
  engine.ready.then(() => {
    const sets = new Map(engine.zoo.map(({ set = '', dataset = set }) => [set, dataset]));
    menu.replaceChildren(...[...sets].map(([set, dataset]) => new Option(dataset, set)));
    root.hidden = sets.size < 2;
    follow();
  }, () => {});
}

/** Whether an image is the visitor's own. @param {string} src */
function isOwn(src) {
  return /^(blob|data|https?):/.test(src);
}
