// attributes.js: those of <vitro-compare>. Written by `cargo xtask elements` from api.json: change that file.

/** @type {import('../base/api.js').Attribute[]} */
export const ATTRIBUTES = [
  { name: 'loading', property: 'loading', kind: 'choice', default: 'lazy', choices: ['lazy', 'eager'] },
  { name: 'reveal', property: 'reveal', kind: 'choice', default: 'auto', choices: ['auto', 'interaction'] },
  { name: 'poster', property: 'poster', kind: 'text', default: '' },
  { name: 'src', property: 'src', kind: 'text', default: '' },
  { name: 'alt', property: 'alt', kind: 'text', default: '' },
  { name: 'crossorigin', property: 'crossOrigin', kind: 'choice', default: 'anonymous', choices: ['anonymous', 'use-credentials'] },
  { name: 'corruption', property: 'corruption', kind: 'text', default: 'fog' },
  { name: 'severity', property: 'severity', kind: 'integer', default: 3, min: 0, max: 5 },
  { name: 'seed', property: 'seed', kind: 'integer', default: 0, min: 0, max: 4294967295 },
  { name: 'controls', property: 'controls', kind: 'flag', default: false },
  { name: 'models', property: 'models', kind: 'text', default: '' },
  { name: 'label', property: 'label', kind: 'text', default: '' },
  { name: 'protocol', property: 'protocol', kind: 'choice', default: 'measured', choices: ['measured', 'full-size'] },
];
