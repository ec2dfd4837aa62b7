// verdict.js: what follows from a model's answers. Pure functions.

/**
 * Whether the answer holds at each severity, null where that is not known. Without a known class, the answer to the clean
 * image is what has to hold.
 * @param {readonly (number | null)[]} levels
 * @param {number | null} label
 */
export function holds(levels, label) {
  const aim = label ?? levels[0] ?? null;
  return levels.map((top) => (top === null || aim === null ? null : top === aim));
}

/**
 * The first severity at which the answer fails; only known once everything below it is.
 * @param {readonly (boolean | null)[]} held
 */
export function firstFailure(held) {
  const first = held.indexOf(false);
  return first < 0 || held.slice(0, first).includes(null) ? null : first;
}

/**
 * A fraction for people.
 * @param {number} fraction
 */
export function percent(fraction) {
  if (fraction > 0 && fraction < 0.005) return '<1 %';
  return `${Math.round(fraction * 100)} %`;
}
