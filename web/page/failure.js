// failure.js: a report to copy, for whenever something is refused or breaks. The sentence itself stands where the answer would;
// start.js makes the text, since it is there even where modules are not.

/** @typedef {import('../vitro/vitro.js').VitroCompare} VitroCompare */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */

/**
 * Shows the button while there is something to report.
 * @param {VitroCompare} compare
 * @param {Engine} engine
 */
export function offerReport(compare, engine) {
  const button = /** @type {HTMLButtonElement} */ (document.querySelector('.sources .report'));
  const sentences = () => [...new Set([engine.failure ?? '', ...sentencesOf(compare.state), engine.webgpu === 'lost' ? engine.note : ''])].filter(Boolean);
  const look = () => {
    button.hidden = sentences().length === 0;
  };
  for (const event of ['result', 'error', 'progress']) compare.addEventListener(event, look);
  engine.addEventListener('change', look);
  button.onclick = () => globalThis.vitroReport?.(sentences(), [
    `build: ${VERSION}`,
    `engine: ${engine.backend}, WebGPU ${engine.webgpu}${engine.failure ? '' : `. ${engine.note}`}`,
    `models: ${engine.zoo.map(({ name }) => name).join(', ') || 'none'}`,
  ], button);
  look();
}

/** The build of this page: part of this script's address. */
const VERSION = new URL(import.meta.url).searchParams.get('v') ?? 'none';

/**
 * What is refused now.
 * @param {{ error: { message: string } | null, models: { title: string, error?: string }[] }} state
 */
export function sentencesOf({ error, models }) {
  return [...(error ? [error.message] : []), ...models.flatMap(({ title, error: refused }) => (refused === undefined ? [] : [`${title}: ${refused}`]))];
}
