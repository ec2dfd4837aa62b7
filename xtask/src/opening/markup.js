// markup.js: run in the built page by `cargo xtask opening`. Shows the stored comparison in the page's own element and writes down
// what it is made of, as markup that a browser draws without a script: its shadow root, its style sheet, and the small buttons.
//
// A policy forbids style attributes, so what the element sets by script becomes rules of the style sheet; canvases become the
// stored images, or stay empty.
(async () => {
  const ADDRESSES = { clean: 'opening/clean.jpg', corrupted: 'opening/corrupted.png' };
  const compare = document.querySelector('vitro-compare');
  const pixels = async (address) => {
    const image = Object.assign(new Image(), { src: address });
    await image.decode();
    const pen = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }).getContext('2d');
    pen.drawImage(image, 0, 0);
    return new Uint8Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
  };
  const stored = JSON.parse(document.querySelector('#opening').textContent);
  stored.src = new URL(stored.src, document.baseURI).href; // As the element asks.
  stored.pixels = { clean: await pixels(ADDRESSES.clean), corrupted: await pixels(ADDRESSES.corrupted) };
  const { answersOf } = await import(new URL('page/stored.js', document.baseURI));
  vitro.engine.bring({ corruptions: stored.corruptions, zoo: stored.zoo }, (look) => answersOf(stored, look));
  compare.imageChanged();
  await new Promise((resolve) => setTimeout(resolve, 500));
  if (compare.state.models.length !== stored.models.length) throw new Error('the page does not show the stored answers');

  const rules = [];
  const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  const attribute = (name, value) => (value === '' ? ` ${name}` : ` ${name}="${escaped(value)}"`);
  const EMPTY = ['INPUT', 'IMG'];
  const markup = (node) => {
    if (node instanceof Text) return node.data.trim() === '' ? '' : escaped(node.data);
    if (!(node instanceof Element)) return '';
    const attributes = new Map([...node.attributes].map(({ name, value }) => [name, value]));
    if (node.getAttribute('style')) {
      const name = `s${rules.length}`;
      rules.push(`.content .${name} { ${node.style.cssText} }`);
      attributes.set('class', `${attributes.get('class') ?? ''} ${name}`.trim());
    }
    attributes.delete('style');
    attributes.delete('aria-busy');
    if (node instanceof HTMLInputElement) attributes.set('value', node.value);
    if (node instanceof HTMLOptionElement && node.selected) attributes.set('selected', '');
    let tag = node.localName;
    const address = node instanceof HTMLCanvasElement && ADDRESSES[node.className];
    if (address) {
      tag = 'img';
      attributes.set('alt', node.getAttribute('aria-label') ?? '');
      for (const name of ['role', 'aria-label', 'aria-hidden']) attributes.delete(name);
      attributes.set('src', address).set('fetchpriority', 'high');
    }
    const inside = [...node.childNodes].map(markup).join('');
    const start = `<${tag}${[...attributes].map(([name, value]) => attribute(name, value)).join('')}>`;
    return EMPTY.includes(tag.toUpperCase()) ? start : `${start}${inside}</${tag}>`;
  };
  const shadow = markup(compare.shadowRoot.querySelector('.content'));
  const row = [...document.querySelector('.thumbnails .row').children].map(markup).join('');

  const modules = await Promise.all(['base/style.js', 'base/image-style.js', 'compare/style.js'].map((file) => import(new URL(`vitro/${file}`, document.baseURI))));
  const sheet = modules.map(({ STYLE, IMAGE_STYLE }) => IMAGE_STYLE ?? STYLE).join('');
  const style = `${sheet.replace(/\/\*.*?\*\//gs, '').replace(/\n\s*/g, '\n').trim()}
.wipe img { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; display: block; }
.controls { pointer-events: none; }
:host(:not(:defined)) { visibility: visible !important; }
${rules.join('\n')}
`;
  return { 'shadow.html': `${shadow}\n`, 'row.html': `${row}\n`, 'shadow.css': style };
})()
