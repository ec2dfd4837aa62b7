// article.js: the live figures of the article under the tool, and its links, which set the tool. Fetched when a visitor comes to it.

/** @import { VitroCompare } from '../vitro/vitro.js' */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */
/** @typedef {typeof import('./address.js').valuesOf} ValuesOf */

/** The image of the figures that name none, and what it shows. */
const IMAGE = { src: 'page/photographs/chelsea.jpg', label: 'cat', alt: 'a tabby cat' };

/**
 * Fills the figures and follows the links.
 * @param {HTMLElement} section
 * @param {VitroCompare} compare the tool
 * @param {Engine} engine
 * @param {ValuesOf} valuesOf
 */
export async function show(section, compare, engine, valuesOf) {
  section.addEventListener('click', (event) => follow(event, compare, valuesOf));
  await engine.ready;
  const isThere = (/** @type {string} */ name) => engine.zoo.some((entry) => entry.name === name);
  for (const figure of section.querySelectorAll('figure')) {
    const names = (figure.dataset.models ?? '').split(' ');
    if (names.every(isThere)) figure.replaceChildren(...live(figure.dataset, engine));
    else figure.replaceChildren(Object.assign(document.createElement('p'), { textContent: 'This model is still being trained: its figure comes with it.' }));
  }
  for (const link of section.querySelectorAll('a')) {
    const names = (new URLSearchParams(link.search).get('models') ?? '').split(' ');
    if (!names.every((name) => name === '*' || isThere(name))) link.remove();
  }
}

/**
 * A small comparison with a severity of its own.
 * @param {DOMStringMap} asked models, corruption and severity, and a scene for models that know nothing else
 * @param {Engine} engine
 */
function live({ models = '', corruption = '', severity = '', src }, engine) {
  const image = src ? { src, alt: 'a rendered scene' } : IMAGE;
  const element = /** @type {VitroCompare} */ (document.createElement('vitro-compare'));
  for (const [name, value] of Object.entries({ ...image, models, corruption, severity })) element.setAttribute(name, value);
  const caption = document.createElement('figcaption');
  const label = document.createElement('label');
  const slider = Object.assign(document.createElement('input'), { type: 'range', min: '0', max: '5', value: severity });
  const title = engine.corruptions.find(({ name }) => name === corruption)?.title ?? corruption;
  const show = () => {
    element.severity = slider.valueAsNumber;
    slider.setAttribute('aria-valuetext', `severity ${slider.value}`);
    output.textContent = slider.value;
  };
  const output = document.createElement('output');
  slider.oninput = show;
  label.append(`${title}, severity `, slider, output);
  caption.append(label);
  show();
  return [caption, element];
}

/**
 * A link that names models and weather sets the tool and leaves the visitor's image there, unless its models know scenes alone and it
 * names one. One that opens a panel goes the usual way.
 * @param {MouseEvent} event
 * @param {VitroCompare} compare
 * @param {ValuesOf} valuesOf
 */
function follow(event, compare, valuesOf) {
  const link = event.target instanceof Element && event.target.closest('a');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || new URLSearchParams(link.search).has('panel')) return;
  event.preventDefault();
  const values = valuesOf(link.search);
  // A scene is the page's own, and models of photographs know none.
  if (!values.src && !compare.image && !/^(blob|data|https?):/.test(compare.src)) compare.src = IMAGE.src;
  for (const [name, value] of Object.entries(values)) compare.setAttribute(name, value);
  compare.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
  compare.tabIndex = -1; // Who goes by keyboard goes on from there.
  compare.focus({ preventScroll: true });
}
