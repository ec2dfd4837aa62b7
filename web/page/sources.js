// sources.js: the visitor's own images and bundles: chosen, dropped or pasted; and scenes, rolled.

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
    take(compare, event.dataTransfer?.files);
  });
}

/**
 * Every bundle joins the models; of several images the last one is shown.
 * @param {VitroCompare} compare
 * @param {ArrayLike<File> | null | undefined} files
 */
function take(compare, files) {
  const all = Array.from(files ?? []);
  const images = all.filter(({ name }) => !name.endsWith('.safetensors'));
  for (const file of all) if (!images.includes(file) || file === images.at(-1)) compare.take(file);
}
