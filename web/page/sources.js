// sources.js: the visitor's own images and bundles: chosen, dropped or pasted; and scenes, rolled.

export function listenForImages(compare) {
  const choose = document.querySelector('.sources .file');
  const bundle = document.querySelector('.sources .bundle');
  choose.onchange = () => take(compare, choose.files);
  bundle.onchange = () => take(compare, bundle.files);
  document.querySelector('.sources .roll').onclick = () => {
    const seed = /^scene:(\d+)\//.exec(compare.src)?.[1] ?? 7;
    compare.src = `scene:${seed}/${Math.floor(Math.random() * 100_000)}`;
  };

  addEventListener('paste', ({ clipboardData }) => {
    const file = [...clipboardData.files].find(({ type }) => type.startsWith('image/'));
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
    take(compare, event.dataTransfer.files);
  });
}

/** A bundle joins the models; anything else is tried as an image. */
function take(compare, files) {
  for (const file of files) {
    const address = URL.createObjectURL(file);
    if (file.name?.endsWith('.safetensors')) {
      const shown = compare.models || compare.state.models.map(({ name }) => name).join(' ');
      compare.models = `${shown} ${address}`.trim();
    } else {
      if (compare.src.startsWith('blob:')) URL.revokeObjectURL(compare.src);
      compare.src = address;
    }
  }
}
