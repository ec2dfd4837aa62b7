// viridis.js: the one colour map, perceptually even, for attention and for heat maps.

// Nine evenly spaced colours of matplotlib's viridis; between them, linear steps.
const STOPS = [
  [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141],
  [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37],
];

/**
 * The colour at `t` in 0..1, as `[red, green, blue]`.
 * @param {number} t
 */
export function viridis(t) {
  const place = Math.min(Math.max(t, 0), 1) * (STOPS.length - 1);
  const low = Math.min(Math.floor(place), STOPS.length - 2);
  const [from, to] = [STOPS[low] ?? [], STOPS[low + 1] ?? []];
  return from.map((value, channel) => Math.round(value + ((to[channel] ?? value) - value) * (place - low)));
}
