// page.js: what the page adds around <vitro-compare>: the address, the engine chip, light and dark, the severity keys.
// Images from the visitor are in sources.js, the small images in thumbnails.js.

import { engine } from '../vitro/vitro.js';
import { restore, remember } from './address.js';
import { listenForImages } from './sources.js';
import { Thumbnails } from './thumbnails.js';

const compare = document.querySelector('vitro-compare');
const chip = document.querySelector('.chip');
const theme = document.querySelector('.theme');

restore(compare);
remember(compare);
listenForImages(compare);
new Thumbnails(document.querySelector('.thumbnails'), compare, engine);

// The address follows the element, whoever changed it.
new MutationObserver(() => remember(compare)).observe(compare, { attributes: true });

const CHIPS = {
  waiting: ['cpu', 'CPU'],
  off: ['cpu', 'CPU'],
  loading: ['working', 'CPU · WebGPU loading'],
  checking: ['working', 'CPU · WebGPU checking'],
  ready: ['webgpu', 'WebGPU'],
  refused: ['cpu', 'CPU'],
  lost: ['lost', 'CPU · WebGPU lost'],
};

function showChip() {
  const [state, text] = engine.backend === 'none' ? ['starting', 'starting'] : CHIPS[engine.webgpu];
  say(state, text);
}

function say(state, text) {
  chip.dataset.state = state;
  chip.title = engine.note;
  chip.querySelector('summary').textContent = text;
  chip.querySelector('p').textContent = engine.note;
}

engine.addEventListener('change', showChip);
engine.ready.catch(() => say('lost', 'no engine'));
showChip();

theme.onclick = () => {
  const dark = getComputedStyle(theme).getPropertyValue('--is-dark').trim() === '1';
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  remember(compare);
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-5]$/.test(event.key)) return;
  const target = event.composedPath()[0];
  if (target.matches?.('input[type=number], input[type=text], textarea, select')) return;
  compare.severity = Number(event.key);
});
