// dom.js: the few calls to the document that every part of the element makes, with their types.

/**
 * The one element below `root` that matches; the selectors are our own, so it is there.
 * @param {ParentNode} root
 * @param {string} selector
 */
export function part(root, selector) {
  return /** @type {HTMLElement} */ (root.querySelector(selector));
}

/**
 * @param {ParentNode} root
 * @param {string} selector
 */
export function canvasIn(root, selector) {
  return /** @type {HTMLCanvasElement} */ (root.querySelector(selector));
}

/** @param {HTMLCanvasElement} canvas */
export function pen(canvas) {
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
}

/** @param {ArrayLike<number>} rgba @param {number} columns @param {number} rows */
export function imageData(rgba, columns, rows) {
  const data = new ImageData(columns, rows);
  data.data.set(rgba);
  return data;
}

/** @type {Map<string, CSSStyleSheet>} */
const sheets = new Map();

/**
 * Gives a shadow root a style, beside those that it has. A page whose policy forbids style elements still allows sheets that are adopted.
 * @param {ShadowRoot} root
 * @param {string} style
 */
export function adopt(root, style) {
  try {
    const sheet = sheets.get(style) ?? new CSSStyleSheet();
    if (!sheets.has(style)) sheet.replaceSync(style);
    sheets.set(style, sheet);
    if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    // Safari before 16.4 has no such sheets.
    const element = document.createElement('style');
    element.textContent = style;
    root.prepend(element);
  }
}
