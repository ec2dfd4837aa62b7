// preparation.js: which models see the same pixels, so that they can be compared, and what is said of those that do not.

/** @import { Model } from './models.js' */

/** What of a model decides about the pixels that it sees. @param {Model} model */
export function preparation({ manifest: { preprocess: { image_size, filter, crop_pct } } }) {
  return `${image_size} ${filter} ${crop_pct}`;
}

/** Why a model is not compared with the first. @param {Model} model @param {Model} first */
export function otherwise({ manifest: { preprocess: own } }, { manifest: { preprocess: other, title } }) {
  const [here, there] = [own, other].map(({ image_size: side }) => `${side} × ${side}`);
  const [sees, instead] = here === there ? ['another part of the image', 'the other part'] : [here, there];
  return `It was measured on ${sees}, ${title} on ${instead}. Choose “at full size” to compare them.`;
}
