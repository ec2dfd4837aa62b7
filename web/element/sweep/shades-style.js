// shades-style.js: the colours of the heat maps: viridis, with letters that can be read on it.

import { viridis } from '../base/viridis.js';
import { STEPS } from './shades.js';

export const SHADES_STYLE = Array.from({ length: STEPS + 1 }, (_, step) => {
  const ground = viridis(step / STEPS);
  // Where white and black letters would be as hard to read as each other.
  const letters = luminance(ground) > 0.179 ? '#000' : '#fff';
  return `.heat .h${step} { background-color: rgb(${ground.join(' ')}); color: ${letters}; }\n`;
}).join('');

/** The relative luminance of WCAG 2. @param {readonly number[]} colour */
function luminance(colour) {
  const [red = 0, green = 0, blue = 0] = colour.map((level) => {
    const part = level / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
