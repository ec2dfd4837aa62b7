// shades.js: the classes of a heat map's cells, one for each step of 5 percent, so that no cell needs a `style` attribute.

/** How many steps there are. */
export const STEPS = 20;

/**
 * The class of a fraction.
 * @param {number} fraction
 */
export function shadeOf(fraction) {
  return `h${Math.round(Math.min(Math.max(fraction, 0), 1) * STEPS)}`;
}
