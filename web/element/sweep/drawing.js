// drawing.js: what the drawings of a sweep are made of: SVG with the look of the charts of `vitro compare` (shared/src/chart).
// A model is told by its colour, its dash and its marker.
//
// The drawings have no `style` attributes, which a strict Content Security Policy forbids; the style sheet is in curves-style.js.

const SVG = 'http://www.w3.org/2000/svg';
/** Colours and dashes in the style sheet. */
export const STYLES = 6;
/** Outlines of the markers around a point; each ends where it began. */
const MARKERS = [
  'm-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z', 'm-3.2 -3.2h6.4v6.4h-6.4z', 'm0 -4.4l4.2 7.6h-8.4z', 'm0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z',
  'm0 4.4l4.2 -7.6h-8.4z', 'm-4.6 -2h9.2v4h-9.2z', 'm-2 -4.6h4v9.2h-4z',
];

/** @typedef {Pick<Document, 'createElementNS'>} Paper where elements come from */

/**
 * What draws on such paper.
 * @param {Paper} paper
 */
export function pencil(paper) {
  /** @param {string} kind @param {Record<string, string | number>} attributes @param {(Element | string)[]} content */
  const make = (kind, attributes, content = []) => {
    const element = paper.createElementNS(SVG, kind);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
    element.append(...content);
    return element;
  };
  /** @param {string} className @param {number} left @param {number} top @param {string} words */
  const text = (className, left, top, words) => make('text', { class: className, x: short(left), y: short(top) }, [words]);
  /** @param {string} className @param {{ width: number, height: number }} size @param {string} label @param {Element[]} parts */
  const sheet = (className, { width, height }, label, parts) =>
    make('svg', { class: className, viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': label }, [make('title', {}, [label]), ...parts]);
  return { make, text, sheet };
}

/** The class of a model's line and marker; after six models, colours and dashes come again, with other markers. @param {number} style the model's place among all */
export function classOf(style) {
  return `m${style % STYLES}`;
}

/** @param {number} style @param {number} left @param {number} top */
export function marker(style, left, top) {
  return `M${short(left)} ${short(top)}${MARKERS[style % MARKERS.length]}`;
}

/** @param {(readonly [number, number])[]} points */
export function path(points) {
  return points.map(([left, top], i) => `${i === 0 ? 'M' : 'L'}${short(left)} ${short(top)}`).join('');
}

/** A name that is no longer than there is room. @param {string} name @param {number} letters */
export function fitted(name, letters) {
  const all = [...name];
  return all.length > letters ? `${all.slice(0, letters - 1).join('')}…` : name;
}

/** @param {number} fraction */
export function percent(fraction) {
  return (fraction * 100).toFixed(1);
}

/** A length with at most two decimals. @param {number} length */
export function short(length) {
  return Math.round(length * 100) / 100 + 0;
}
