// attributes.js: those of <vitro-classify>. Written by `cargo xtask elements` from api.json: change that file.

/** @type {import('../base/api.js').Attribute[]} */
export const ATTRIBUTES = [
  { name: 'loading', property: 'loading', kind: 'choice', default: 'lazy', choices: ['lazy', 'eager'] },
  { name: 'reveal', property: 'reveal', kind: 'choice', default: 'auto', choices: ['auto', 'interaction'] },
  { name: 'poster', property: 'poster', kind: 'text', default: '' },
  { name: 'src', property: 'src', kind: 'text', default: '' },
  { name: 'alt', property: 'alt', kind: 'text', default: '' },
  { name: 'crossorigin', property: 'crossOrigin', kind: 'choice', default: 'anonymous', choices: ['anonymous', 'use-credentials'] },
  { name: 'model', property: 'model', kind: 'text', default: '' },
  { name: 'label', property: 'label', kind: 'text', default: '' },
];
