// attributes.js: those of <vitro-sweep>. Written by `cargo xtask elements` from api.json: change that file.

/** @type {import('../base/api.js').Attribute[]} */
export const ATTRIBUTES = [
  { name: 'loading', property: 'loading', kind: 'choice', default: 'lazy', choices: ['lazy', 'eager'] },
  { name: 'reveal', property: 'reveal', kind: 'choice', default: 'interaction', choices: ['interaction', 'auto'] },
  { name: 'poster', property: 'poster', kind: 'text', default: '' },
  { name: 'models', property: 'models', kind: 'text', default: '' },
  { name: 'corruptions', property: 'corruptions', kind: 'text', default: 'gaussian_noise shot_noise impulse_noise defocus_blur glass_blur motion_blur zoom_blur snow frost fog brightness contrast elastic_transform pixelate jpeg_compression' },
  { name: 'severities', property: 'severities', kind: 'text', default: '1 2 3 4 5' },
  { name: 'images', property: 'images', kind: 'integer', default: 50, min: 1, max: 10000 },
];
