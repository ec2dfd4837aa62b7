// define.js: gives an element its name, unless another copy of vitro on the page was first.

/**
 * @template {{ new (): HTMLElement, tag: string, build: string }} Kind
 * @param {Kind} own
 * @returns {Kind} the class that has the name
 */
export function define(own) {
  if (!globalThis.customElements) return own;
  const { tag } = own;
  const first = /** @type {Kind | undefined} */ (customElements.get(tag));
  if (!first) {
    customElements.define(tag, own);
    return own;
  }
  if (first.build !== own.build) console.warn(`<${tag}> was already defined by another version of vitro, which stays.`);
  return first;
}
