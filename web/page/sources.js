// sources.js: the visitor's own images, bundles and folders: chosen, dropped or pasted; and scenes, rolled.

import { FOLDER, foldersIn } from './folder.js';
import { say } from './say.js';

/** @import { VitroCompare } from '../element/compare/compare.js' */

/** @param {VitroCompare} compare */
export function listenForImages(compare) {
  for (const name of ['file', 'bundle']) {
    const input = /** @type {HTMLInputElement} */ (document.querySelector(`.sources .${name}`));
    input.onchange = () => {
      take(compare, input.files);
      input.value = ''; // The same file may be chosen again.
    };
  }
  const roll = /** @type {HTMLButtonElement} */ (document.querySelector('.sources .roll'));
  roll.onclick = () => {
    const seed = /^scene:(\d+)\//.exec(compare.src)?.[1] ?? 7;
    compare.src = `scene:${seed}/${Math.floor(Math.random() * 100_000)}`;
    compare.models = forScenes(compare.models);
  };

  addEventListener('paste', ({ clipboardData }) => {
    const file = [...(clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (file) take(compare, [file]);
  });
  // Without these two, the browser would leave the page and open the file.
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) document.body.classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    const folders = foldersIn(event.dataTransfer);
    const files = Array.from(event.dataTransfer?.files ?? []);
    // A folder is among the files, as one that cannot be read.
    take(compare, folders ? files.filter(isBundle) : files);
    folders?.then(
      (detail) => dispatchEvent(new CustomEvent(FOLDER, { detail })),
      ({ message }) => say(`This folder could not be read (${message}). Choose it again.`),
    );
  });
}

/**
 * The models that know scenes: those of other sets, whose names begin with their set's, are left out, and where none of the zoo is left,
 * all of the scenes' take their place. The visitor's own stay.
 * @param {string} models
 */
export function forScenes(models) {
  const names = models.split(/\s+/).filter(Boolean);
  const kept = names.filter((name) => !/^\w+\//.test(name));
  if (kept.length === names.length) return models;
  const isOwn = (/** @type {string} */ name) => /^(blob|data|https?):/.test(name);
  return (kept.every(isOwn) ? ['*', ...kept] : kept).join(' ');
}

/**
 * Every bundle joins the models; of several images the last one is shown.
 * @param {VitroCompare} compare
 * @param {ArrayLike<File> | null | undefined} files
 */
function take(compare, files) {
  const all = Array.from(files ?? []);
  const images = all.filter((file) => !isBundle(file));
  for (const file of all) if (!images.includes(file) || file === images.at(-1)) compare.take(file);
}

/** @param {File} file */
function isBundle({ name }) {
  return name.endsWith('.safetensors');
}
