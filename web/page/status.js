// status.js: what the page says while its answers are not its own yet: that they were computed beforehand, and how many bytes
// of the engine and the models are there. What takes less than a moment is not worth a bar.

import { Ledger, megabytes } from './bytes.js';

/** @import { Bytes } from '../element/engine/messages.js' */
/** @typedef {import('../vitro/vitro.js').VitroCompare} VitroCompare */
/** @typedef {typeof import('../vitro/vitro.js').engine} Engine */

/** How long files may take without a bar, in milliseconds. */
export const MOMENT_MS = 1500;

/**
 * @param {VitroCompare} compare
 * @param {Engine} engine
 * @param {(addresses: string[]) => void} arrived hears which files have arrived, whenever all of them have
 */
export function showStatus(compare, engine, arrived) {
  const status = /** @type {HTMLElement} */ (document.querySelector('.status'));
  const bar = /** @type {HTMLElement} */ (document.querySelector('.bytes'));
  const ledger = new Ledger();
  let since = NaN;
  let timer = 0;
  let live = false;

  const show = () => {
    const loading = !ledger.done && performance.now() - since >= MOMENT_MS;
    bar.hidden = !loading;
    bar.setAttribute('aria-valuenow', String(Math.floor(100 * ledger.fraction)));
    /** @type {HTMLElement} */ (bar.firstElementChild).style.inlineSize = `${100 * ledger.fraction}%`;
    const stored = !live && isStored(compare);
    const amount = ledger.stored ? 'From this device.' : `${megabytes(ledger.got)} of ${megabytes(ledger.of)}`;
    const words = [
      ['b', stored ? 'Computed beforehand.' : ''],
      ['span', live || engine.failure ? '' : 'Your browser is getting ready.'],
      ['small', loading && !engine.failure ? amount : ''],
    ];
    status.replaceChildren(...words.filter(([, text]) => text).flatMap(([tag, text]) => [Object.assign(document.createElement(tag ?? ''), { textContent: text }), ' ']));
    status.dataset.live = ''; // From here on it says what is so, whatever the address asked for.
    status.hidden = status.childElementCount === 0;
  };
  engine.addEventListener('bytes', (event) => {
    const before = ledger.done;
    ledger.hear(/** @type {CustomEvent<Bytes>} */ (event).detail);
    if (before && !ledger.done) {
      since = performance.now();
      clearTimeout(timer);
      timer = setTimeout(show, MOMENT_MS);
    }
    if (!before && ledger.done) arrived(ledger.complete);
    show();
  });
  engine.addEventListener('change', show);
  compare.addEventListener('result', () => {
    live = true;
    show();
  });
  show();
}

/** Whether an answer in sight was computed beforehand: it has no time of this device. @param {VitroCompare} compare */
function isStored({ state }) {
  return state.models.some(({ milliseconds }) => Number.isNaN(milliseconds));
}
