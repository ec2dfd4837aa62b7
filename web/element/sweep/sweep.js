// sweep.js: <vitro-sweep>, accuracy over severity, counted here on rendered scenes whose classes are known. What it takes
// and tells is in ../api.json.

import { ATTRIBUTES } from './attributes.js';
import { part } from '../base/dom.js';
import { element, VitroElement } from '../base/element.js';
import { namesOf } from '../base/values.js';
import { engine } from '../engine/engine.js';
import { networks } from '../engine/networks.js';
import { run } from './client.js';
import { curves, linesOf } from './curves.js';
import { CURVES_STYLE } from './curves-style.js';
import { STYLE } from './style.js';
import { accuracy, commands, csv } from './table.js';

/** @import { Count, ElementError, SweepState } from '../base/api.js' */
/** @import { Run } from './client.js' */
/** @import { Tally } from './messages.js' */

const TEMPLATE = `
  <div class="bar" part="controls">
    <button type="button" class="plain go">count</button>
    <button type="button" class="plain pause" disabled>pause</button>
    <button type="button" class="plain cancel" disabled>stop</button>
    <button type="button" class="plain save" disabled>save as CSV</button>
    <progress max="1" value="0" aria-label="scenes that are counted"></progress>
  </div>
  <div class="curves" part="curves"></div>
  <p class="note" part="message" role="status"></p>
  <details>
    <summary>the same as a table, and on the command line</summary>
    <div class="scroll" tabindex="0" role="group" aria-label="accuracy as a table"><table part="table"></table></div>
    <div class="scroll" tabindex="0" role="group" aria-label="commands that count the same"><code></code></div>
  </details>`;

/** How often the curves are drawn anew while they grow, in milliseconds. */
const DRAW_MS = 250;

export class VitroSweep extends networks(element('vitro-sweep', ATTRIBUTES, VitroElement)) {
  /** @type {Run | null} */
  #run = null;
  /** @type {AbortController | null} */
  #stop = null;
  /** @type {Tally & Pick<SweepState, 'running' | 'paused' | 'error'>} */
  #state = {
    corruptions: [], severities: [], seed: 0, images: 0, done: 0, seconds: 0, models: [], failed: [], running: false, paused: false, error: null,
  };
  #drawn = -Infinity;

  constructor() {
    super({ template: TEMPLATE, style: STYLE + CURVES_STYLE, invitation: 'Count how often each model is right' });
    /** @param {string} name @param {() => void} act */
    const button = (name, act) => {
      this.#button(name).onclick = act;
    };
    button('.go', () => this.#try());
    button('.pause', () => (this.#state.paused ? this.resume() : this.pause()));
    button('.cancel', () => this.cancel());
    button('.save', () => this.#save());
  }

  /** @returns {SweepState} */
  get state() {
    return structuredClone(this.#state);
  }

  /**
   * @param {{ signal?: AbortSignal }} options
   * @returns {Promise<SweepState>}
   */
  async run({ signal } = {}) {
    signal?.throwIfAborted();
    this.#stop?.abort(new DOMException('A newer sweep has begun.', 'AbortError'));
    const stop = new AbortController();
    this.#stop = stop;
    signal?.addEventListener('abort', () => stop.abort(signal.reason), { signal: stop.signal });
    const request = {
      models: namesOf(this.models), corruptions: namesOf(this.corruptions), severities: namesOf(this.severities).map(Number),
      images: this.images, seed: 0,
    };
    this.#change({ models: [], failed: [], images: this.images, done: 0, seconds: 0, running: true, paused: false, error: null });
    this.uncover();
    this.ask();
    try {
      this.#run = run(request, { signal: stop.signal, files: engine.files, onprogress: (tally) => this.#grow(stop, tally) });
      this.#change({ ...(await this.#run.result), running: false, paused: false });
    } catch (error) {
      if (this.#stop !== stop) throw error;
      this.#change({ running: false, paused: false });
      if (!stop.signal.aborted) this.#refuse(/** @type {Error & { code?: ElementError['code'] }} */ (error));
      else this.status = 'ready';
      throw error;
    }
    const refusals = this.#state.models.flatMap(({ refusal }) => refusal ?? []);
    if (refusals.length === this.#state.models.length) {
      const error = Object.assign(new Error(refusals.join(' ')), { code: /** @type {const} */ ('bundle') });
      this.#refuse(error);
      throw error;
    }
    this.finish(this.state);
    return this.state;
  }

  pause() {
    if (!this.#state.running) return;
    this.#run?.pause();
    this.#change({ paused: true });
  }

  resume() {
    if (!this.#state.running) return;
    this.#run?.resume();
    this.#change({ paused: false });
  }

  cancel() {
    this.#stop?.abort(new DOMException('The sweep was stopped.', 'AbortError'));
  }

  csv() {
    return csv(this.#state);
  }

  begin() {
    if (this.#state.done === 0) this.#try();
  }

  end() {
    this.cancel();
  }

  /** Runs for the visitor, who reads in the element how it went. */
  #try() {
    this.run().catch(() => {});
  }

  /** @param {AbortController} stop @param {Tally} tally */
  #grow(stop, tally) {
    if (this.#stop !== stop) return;
    Object.assign(this.#state, tally);
    if (tally.images > 0) this.advance(tally.done / tally.images);
    const now = performance.now();
    if (now - this.#drawn < DRAW_MS) return;
    this.#drawn = now;
    this.#draw();
  }

  /** @param {Partial<Tally & Pick<SweepState, 'running' | 'paused' | 'error'>>} fields */
  #change(fields) {
    Object.assign(this.#state, fields);
    this.#draw();
  }

  /** @param {Error & { code?: ElementError['code'] }} error */
  #refuse({ message, code = 'engine' }) {
    this.#change({ error: { code, message } });
    this.fail({ code, message });
  }

  #draw() {
    const { models, done, failed, images, running, paused, error } = this.#state;
    const progress = /** @type {HTMLProgressElement} */ (part(this.root, 'progress'));
    progress.value = images ? done / images : 0;
    progress.hidden = !running;
    this.#button('.go').disabled = running;
    this.#button('.go').textContent = done > 0 ? 'count again' : 'count';
    this.#button('.pause').disabled = !running;
    this.#button('.pause').textContent = paused ? 'go on' : 'pause';
    this.#button('.cancel').disabled = !running;
    this.#button('.save').disabled = done === 0;
    const tally = this.#state;
    const title = tally.corruptions.length === 1 ? tally.corruptions[0]?.title ?? '' : `mean of ${tally.corruptions.length} corruptions`;
    part(this.root, '.curves').replaceChildren(...(done > 0 ? [curves(document, linesOf(tally), title)] : []));
    part(this.root, 'code').textContent = done > 0 ? commands(tally) : '';
    const counted = done > 0 ? [`${done} of ${images} scenes, each under every corruption; bands are 95 % intervals.`] : [];
    const said = [...counted, ...models.flatMap(({ refusal }) => refusal ?? []), ...failed.map(({ message }) => message)];
    part(this.root, '.note').textContent = error?.message ?? [...new Set(said)].join(' ');
    this.#fill(/** @type {HTMLTableElement} */ (part(this.root, 'table')));
  }

  /** @param {HTMLTableElement} table */
  #fill(table) {
    const { corruptions, severities, models } = this.#state;
    /** @param {Count} count */
    const percent = (count) => {
      const share = accuracy(count);
      return share ? `${(share.value * 100).toFixed(1)} %` : '';
    };
    const lines = models.filter(({ refusal }) => refusal === null).flatMap(({ title, clean, cells }) => [
      [title, 'untouched', percent(clean), ...severities.slice(1).map(() => '')],
      ...corruptions.map((corruption, row) => [title, corruption.title, ...(cells[row] ?? []).map(percent)]),
    ]);
    const rows = [['model', 'corruption', ...severities.map((severity) => `severity ${severity}`)], ...lines].map((cells, i) => {
      const row = document.createElement('tr');
      row.append(...cells.map((text, j) => {
        const cell = document.createElement(i === 0 || j < 2 ? 'th' : 'td');
        if (cell.localName === 'th') cell.setAttribute('scope', i === 0 ? 'col' : 'row');
        cell.textContent = text;
        return cell;
      }));
      return row;
    });
    table.replaceChildren(...(lines.length > 0 ? rows : []));
  }

  #save() {
    const address = URL.createObjectURL(new Blob([this.csv()], { type: 'text/csv' }));
    const link = Object.assign(document.createElement('a'), { href: address, download: 'vitro-sweep.csv' });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000); // The browser reads it after the click.
  }

  /** @param {string} selector */
  #button(selector) {
    return /** @type {HTMLButtonElement} */ (part(this.root, selector));
  }
}
