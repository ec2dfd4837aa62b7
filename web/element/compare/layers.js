// layers.js: a model's attention, layer by layer and head by head, in a dialog. Loaded when it is first opened.

import { adopt, part } from '../base/dom.js';

/** @import { LayerMaps } from '../engine/messages.js' */
/**
 * What the dialog shows, asked for again whenever the answer changes.
 * @typedef {object} Inside
 * @property {string} title of the model
 * @property {() => Promise<LayerMaps[]>} layers
 * @property {(canvas: HTMLCanvasElement, map: Float32Array) => void} draw a map over the image
 */

/** The part of the attention that the counted patches hold, as for “looks at”. */
const HELD = 0.8;
const STYLE = `
.layers { margin: auto; border: 1px solid var(--line); border-radius: 4px; padding: 16px; inline-size: 354px; max-inline-size: 94vw; background: var(--paper); color: inherit; }
.layers::backdrop { background: rgb(0 0 0 / .4); }
.layers :is(form, label) { display: flex; gap: 8px; align-items: center; font-size: 13px; }
.layers form { justify-content: space-between; padding-block-end: 8px; }
.layers h2 { margin: 0; font-size: 15px; }
.layers button { border: 0; background: none; inline-size: 32px; block-size: 32px; cursor: pointer; }
.layers canvas { inline-size: 100%; border-radius: 4px; }
.layers output { display: block; font-size: 13px; line-height: 32px; }
.layers span { inline-size: 48px; color: var(--quiet); }
`;
const TEMPLATE = `
  <form method="dialog"><h2></h2><button aria-label="close">✕</button></form>
  <canvas width="320" height="320" role="img"></canvas>
  <output role="status"></output>
  <label><span>layer</span><input type="range" class="layer" min="0" step="1"></label>
  <label><span>head</span><input type="range" class="head" min="0" step="1"></label>`;

/**
 * Opens the dialog inside `root`. The visitor closes it.
 * @param {ShadowRoot} root
 * @param {EventTarget} element whose results are followed
 * @param {Inside} inside
 */
export async function openLayers(root, element, { title, layers: ask, draw: drawMap }) {
  adopt(root, STYLE);
  const dialog = document.createElement('dialog');
  dialog.className = 'layers';
  dialog.innerHTML = TEMPLATE;
  part(dialog, 'h2').textContent = `attention of ${title}`;
  const [layer, head] = ['.layer', '.head'].map((name) => /** @type {HTMLInputElement} */ (part(dialog, name)));
  if (!layer || !head) return;
  /** @type {LayerMaps[]} */
  let layers = [];
  const draw = () => {
    const chosen = layers[layer.valueAsNumber];
    if (!chosen) return;
    head.max = String(chosen.heads.length > 1 ? chosen.heads.length : 0);
    head.disabled = chosen.heads.length < 2;
    const of = head.valueAsNumber;
    const map = of === 0 ? mean(chosen.heads) : Float32Array.from(chosen.heads[of - 1] ?? []);
    const which = chosen.heads.length < 2 ? '' : of === 0 ? `, mean of ${chosen.heads.length} heads` : `, head ${of}`;
    const words = `${chosen.name}${which}: looks at ${holding(map)} of ${map.length} patches`;
    const canvas = /** @type {HTMLCanvasElement} */ (part(dialog, 'canvas'));
    drawMap(canvas, map);
    canvas.setAttribute('aria-label', words);
    part(dialog, 'output').textContent = words;
    layer.setAttribute('aria-valuetext', chosen.name);
    head.setAttribute('aria-valuetext', which.slice(2) || 'the only one');
  };
  const refresh = async () => {
    const last = layers.length;
    layers = await ask();
    layer.max = String(layers.length - 1);
    if (last !== layers.length) layer.value = layer.max;
    if (layers.length === 0) part(dialog, 'output').textContent = 'This model forms no attention between patches.';
    draw();
  };
  layer.oninput = draw;
  head.oninput = draw;
  element.addEventListener('result', refresh);
  dialog.onclose = () => {
    element.removeEventListener('result', refresh);
    dialog.remove();
  };
  root.append(dialog);
  head.value = '0';
  dialog.showModal();
  await refresh();
}

/** @param {number[][]} heads */
function mean(heads) {
  return Float32Array.from(heads[0] ?? [], (_, at) => heads.reduce((sum, head) => sum + (head[at] ?? 0), 0) / heads.length);
}

/**
 * The fewest patches that hold `HELD` of a map.
 * @param {Float32Array} map sums to 1
 */
export function holding(map) {
  let held = 0;
  const sorted = [...map].sort((a, b) => b - a);
  const count = sorted.findIndex((weight) => (held += weight) >= HELD);
  return count < 0 ? map.length : count + 1;
}
