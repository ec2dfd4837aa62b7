// table.js: what the counts of a sweep say: accuracies with intervals, errors, CSV, and the commands that count the same. Pure.

/** @import { Count, Counts, Tally } from './messages.js' */
/** @typedef {{ value: number, low: number, high: number }} Share a fraction with its interval of 95 % */

/** The quantile of the normal distribution that leaves 2.5 % above it. */
const Z = 1.959963984540054;

/**
 * The fraction that is right, or null where nothing is counted. The interval is Wilson's score interval, which has a width
 * near 0 and 1 too (E. B. Wilson, 1927).
 * @param {Count} count
 * @returns {Share | null}
 */
export function accuracy({ right, images }) {
  return images > 0 ? share(right / images, images) : null;
}

/**
 * The mean accuracy of one severity over corruptions. They share their images, which answer alike, so the interval is as
 * wide as that of one corruption.
 * @param {readonly Count[]} counts
 * @returns {Share | null}
 */
export function meanAccuracy(counts) {
  const images = Math.min(...counts.map((count) => count.images));
  if (counts.length === 0 || images === 0) return null;
  return share(mean(counts.map((count) => count.right / count.images)), images);
}

/** @param {number} p @param {number} n @returns {Share} */
function share(p, n) {
  const centre = (p + (Z * Z) / (2 * n)) / (1 + (Z * Z) / n);
  const half = (Z / (1 + (Z * Z) / n)) * Math.sqrt((p * (1 - p)) / n + (Z * Z) / (4 * n * n));
  // The ends of 0 and 1 are exact; rounding would leave a hair beyond them.
  return { value: p, low: p === 0 ? 0 : centre - half, high: p === 1 ? 1 : centre + half };
}

/**
 * The mean top-1 error over the cells of the benchmark's fifteen corruptions, as `vitro eval` has it; null where none of them
 * is counted.
 * @param {Tally} tally
 * @param {Counts} model
 */
export function meanCorruptionError({ corruptions }, { cells }) {
  const counts = cells.filter((_, row) => corruptions[row]?.set === 'Common').flat();
  if (counts.length === 0 || counts.some(({ images }) => images === 0)) return null;
  return mean(counts.map(({ right, images }) => 1 - right / images));
}

/**
 * The error that corruptions add to that of untouched images, or null.
 * @param {Tally} tally
 * @param {Counts} model
 */
export function addedError(tally, model) {
  const [corrupted, clean] = [meanCorruptionError(tally, model), accuracy(model.clean)];
  return corrupted === null || !clean ? null : corrupted - (1 - clean.value);
}

/**
 * Every count as CSV (RFC 4180): a line for each model and condition. Untouched images have severity 0 and no corruption.
 * @param {Tally} tally
 */
export function csv(tally) {
  const lines = [['model', 'corruption', 'severity', 'right', 'images', 'accuracy', 'low', 'high']];
  for (const { name, clean, cells, refusal } of tally.models) {
    if (refusal !== null) continue;
    /** @param {string} corruption @param {number} severity @param {Count} count */
    const line = (corruption, severity, count) => {
      const { value, low, high } = accuracy(count) ?? { value: '', low: '', high: '' };
      lines.push([name, corruption, severity, count.right, count.images, value, low, high].map(String));
    };
    line('', 0, clean);
    cells.forEach((row, c) => row.forEach((count, s) => line(tally.corruptions[c]?.name ?? '', tally.severities[s] ?? 0, count)));
  }
  return lines.map((fields) => `${fields.map(field).join(',')}\r\n`).join('');
}

/** @param {string} text */
function field(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * The same on the command line: one command for each model, `files` being the bundles' files by name where they are known.
 * @param {Pick<Tally, 'dataset' | 'counted' | 'corruptions' | 'severities' | 'seed' | 'images' | 'models'>} tally
 * @param {ReadonlyMap<string, string>} files
 */
export function commands({ dataset, counted, corruptions, severities, seed, images, models }, files = new Map()) {
  const cells = corruptions.length === 0 || severities.length === 0
    ? ['--clean']
    : ['--only', corruptions.map(({ name }) => name).join(','), '--severity', severities.join(',')];
  const shared = ['--data', counted === 'scenes' ? dataset : `./${dataset}`, ...cells, '--limit', String(images), '--seed', String(seed), '--device', 'cpu'];
  const line = (/** @type {Counts} */ { name }) => ['vitro', 'eval', files.get(name) ?? fileOf(name), ...shared].map(word).join(' ');
  return models.filter(({ refusal }) => refusal === null).map(line).join('\n');
}

/** What the command line calls a bundle: one of the zoo by its name, any other by its file. @param {string} name */
function fileOf(name) {
  if (!/^(https?|blob|data):/.test(name)) return `zoo:${name}`;
  const last = name.startsWith('data:') ? '' : name.split(/[?#]/)[0]?.split('/').pop() ?? '';
  return last.endsWith('.safetensors') ? last : 'bundle.safetensors';
}

/** A word of a shell's command. @param {string} text */
function word(text) {
  return /^[\w./,:@%+=][\w./,:@%+=-]*$|^--[\w-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** @param {readonly number[]} numbers */
function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}
