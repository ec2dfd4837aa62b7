// page.js: what the page adds around <vitro-compare>: the address, the engine chip, light and dark, the severity keys.
// Images from the visitor are in sources.js and camera.js, the small images in thumbnails.js, the counts of many scenes in sweep.js,
// what is done to an image step by step in synthesis.js, the article's figures in article.js, links and copies in share.js, hosts that a
// link names in foreign.js, the answers before there is an engine in opening.js, what is kept on the device in offline.js.

import { bring } from './opening.js';
import { engine, VitroCompare } from '../vitro/vitro.js';
import { restore, remember, valuesOf, wantedBackend } from './address.js';
import { listenForCamera } from './camera.js';
import { offerReport } from './failure.js';
import { askAbout } from './foreign.js';
import { keepOffline } from './offline.js';
import { offerRows } from './rows.js';
import { offerSets } from './sets.js';
import { say } from './say.js';
import { listenForShare } from './share.js';
import { listenForImages } from './sources.js';
import { showStatus } from './status.js';
import { listenForSweep } from './sweep.js';
import { Thumbnails } from './thumbnails.js';

const compare = /** @type {VitroCompare} */ (document.querySelector('vitro-compare'));
const chip = /** @type {HTMLElement} */ (document.querySelector('.chip'));
const theme = /** @type {HTMLButtonElement} */ (document.querySelector('.theme'));

VitroCompare.backend = wantedBackend(location.search);

document.querySelector('.unserved')?.remove();
chip.hidden = false;
theme.hidden = false;

bring(engine, compare);

const foreign = restore(compare);
if (foreign) askAbout(/** @type {HTMLElement} */ (document.querySelector('.foreign')), foreign);
remember(compare);
listenForImages(compare);
offerSets(/** @type {HTMLElement} */ (document.querySelector('.sets')), compare, engine);
offerRows(/** @type {HTMLDetailsElement} */ (document.querySelector('.rows')), compare, engine);
listenForCamera(/** @type {HTMLButtonElement} */ (document.querySelector('.sources .camera')), compare);
listenForShare(/** @type {HTMLElement} */ (document.querySelector('.share')), compare);
new Thumbnails(/** @type {HTMLElement} */ (document.querySelector('.thumbnails')), compare, engine, {
  open: document.documentElement.dataset.more === 'open',
  toggled(open) {
    if (open) document.documentElement.dataset.more = 'open';
    else delete document.documentElement.dataset.more;
    remember(compare);
  },
});

listenForSweep(/** @type {HTMLDetailsElement} */ (document.querySelector('.panel.sweep')), compare, engine, () => remember(compare));

openSynthesis(/** @type {HTMLDetailsElement} */ (document.querySelector('.panel.synthesis')));

bringArticle(/** @type {HTMLElement} */ (document.querySelector('.ideas')));

const keeper = keepOffline(compare);
showStatus(compare, engine, (addresses) => keeper.keep(addresses));
offerReport(compare, engine);

// The address follows the element, whoever changed it.
new MutationObserver(() => remember(compare)).observe(compare, { attributes: true });

/** Few visitors open it, so it comes with its first opening. @param {HTMLDetailsElement} panel */
function openSynthesis(panel) {
  const kept = document.documentElement.dataset;
  let begun = false;
  panel.hidden = false;
  panel.addEventListener('toggle', () => {
    if (panel.open) kept.panel = 'synthesis';
    else if (kept.panel === 'synthesis') delete kept.panel;
    remember(compare);
    if (!panel.open || begun) return;
    begun = true;
    import('./synthesis.js').then(({ show }) => show(panel, compare, engine, { remember: () => remember(compare), say }), ({ message }) => {
      begun = false;
      say(`A part of the page could not be fetched. Check the connection and open it again. (${message})`);
    });
  });
  panel.open = kept.panel === 'synthesis';
}

/** Its figures come when a visitor comes to it, and so does their script. @param {HTMLElement} section */
function bringArticle(section) {
  const watch = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    watch.disconnect();
    // Without its figures the article can still be read.
    import('./article.js').then(({ show }) => show(section, compare, engine, valuesOf)).catch(() => {});
  });
  watch.observe(section);
}

/** What the chip shows for each state of the WebGPU engine. @type {Record<typeof engine.webgpu | 'starting' | 'none', [string, string]>} */
const CHIPS = {
  starting: ['starting', 'starting'],
  none: ['lost', 'no engine'],
  waiting: ['cpu', 'CPU'],
  off: ['cpu', 'CPU'],
  loading: ['working', 'CPU · WebGPU loading'],
  checking: ['working', 'CPU · WebGPU checking'],
  ready: ['webgpu', 'WebGPU'],
  refused: ['cpu', 'CPU'],
  lost: ['lost', 'CPU · WebGPU lost'],
};

function showChip() {
  const starting = engine.failure ? CHIPS.none : CHIPS.starting;
  const [state, text] = engine.backend === 'none' ? starting : CHIPS[engine.webgpu];
  chip.dataset.state = state;
  chip.title = engine.note;
  /** @type {HTMLElement} */ (chip.querySelector('[role=status]')).textContent = text;
  /** @type {HTMLElement} */ (chip.querySelector('p')).textContent = engine.note;
}

engine.addEventListener('change', showChip);
showChip();

theme.onclick = () => {
  const dark = getComputedStyle(theme).getPropertyValue('--is-dark').trim() === '1';
  document.documentElement.dataset.theme = dark ? 'light' : 'dark';
  remember(compare);
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !/^[0-5]$/.test(event.key)) return;
  const target = event.composedPath()[0];
  if (target instanceof Element && target.matches('input[type=number], input[type=text], textarea, select')) return;
  compare.severity = Number(event.key);
});
