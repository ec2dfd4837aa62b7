// heat.js: accuracy by corruption and severity as a table for each model, coloured by viridis (shades.js). The numbers stand
// in the cells.

import { shadeOf } from './shades.js';
import { accuracy, meanAccuracy } from './table.js';

/** @import { Count, Counts, Tally } from './messages.js' */
/** @import { Share } from './table.js' */
/** @typedef {{ share: Share | null, count: Count | null }} Cell `count` is null in a mean */
/** @typedef {{ title: string, cells: Cell[] }} Row */

/**
 * What stands in a model's map: a row for each corruption, a column for each severity; with several corruptions, their mean last.
 * @param {Pick<Tally, 'corruptions'>} tally
 * @param {Pick<Counts, 'cells'>} model
 * @returns {Row[]}
 */
export function rowsOf({ corruptions }, { cells }) {
  const rows = corruptions.map(({ title }, row) => ({ title, cells: (cells[row] ?? []).map((count) => ({ share: accuracy(count), count })) }));
  if (rows.length < 2) return rows;
  const means = (cells[0] ?? []).map((_, column) => ({ share: meanAccuracy(cells.flatMap((row) => row[column] ?? [])), count: null }));
  return [...rows, { title: 'mean', cells: means }];
}

/**
 * A model's map without numbers.
 * @param {Document} document
 * @param {Pick<Tally, 'corruptions' | 'severities'>} tally
 * @param {string} title
 */
export function heat(document, { corruptions, severities }, title) {
  const table = document.createElement('table');
  table.className = 'heat';
  table.createCaption().textContent = title;
  /** @param {HTMLTableRowElement} row @param {string} scope @param {string} words */
  const head = (row, scope, words) => {
    const cell = document.createElement('th');
    cell.scope = scope;
    cell.textContent = words;
    row.append(cell);
  };
  const top = table.createTHead().insertRow();
  head(top, 'col', 'severity');
  for (const severity of severities) head(top, 'col', String(severity));
  const body = table.createTBody();
  const titles = corruptions.map((corruption) => corruption.title);
  for (const words of titles.length > 1 ? [...titles, 'mean'] : titles) {
    const row = body.insertRow();
    head(row, 'row', words);
    for (const _ of severities) row.insertCell();
  }
  body.rows[titles.length]?.classList.add('mean');
  return table;
}

/**
 * Writes numbers and colours.
 * @param {HTMLTableElement} table
 * @param {Row[]} rows
 * @param {readonly number[]} severities
 */
export function fill(table, rows, severities) {
  rows.forEach(({ title, cells }, i) => cells.forEach(({ share, count }, j) => {
    const cell = table.tBodies[0]?.rows[i]?.cells[j + 1];
    if (!cell) return;
    cell.className = share ? shadeOf(share.value) : '';
    cell.textContent = share ? (share.value * 100).toFixed(0) : '–';
    if (!share) return;
    const counted = count ? `, ${count.right} of ${count.images}` : '';
    const [value, low, high] = [share.value, share.low, share.high].map((part) => (part * 100).toFixed(1));
    cell.title = `${title}, severity ${severities[j]}: ${value} % right (${low} to ${high})${counted}`;
  }));
}
