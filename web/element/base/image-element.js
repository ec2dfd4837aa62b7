// image-element.js: what elements with an image share. It comes from the property `image`, from `src`, or from an `<img>`
// inside the element, in this order.

import { VitroElement } from './element.js';
import { fileOf, isImage } from './image-file.js';
import { addressOf } from './values.js';

/** @import { ImageSource } from './api.js' */
/** @import { Parts } from './element.js' */
/**
 * Where files get an address.
 * @typedef {object} Keeper
 * @property {(file: File) => string} keep
 * @property {(address: string) => void} release lets go of a file of its own; any other address is left alone
 */

export class ImageElement extends VitroElement {
  #keeper;
  #fallback;
  /** @type {ImageSource | null} */
  #image = null;
  /** The address of `image`, once it has one. @type {string | null} */
  #address = null;
  /** @type {MutationObserver | null} */
  #inside = null;

  /** @param {Parts & { keeper: Keeper, fallback: string }} parts `fallback` is shown where there is no image */
  constructor(parts) {
    super(parts);
    this.#keeper = parts.keeper;
    this.#fallback = parts.fallback;
  }

  /** The image has changed. */
  imageChanged() {}

  /** @returns {ImageSource | null} */
  get image() {
    return this.#image;
  }

  set image(value) {
    const image = isImage(value) ? value : null;
    this.#image = image;
    if (image === null) this.#show(null);
    else fileOf(image).then(
      (file) => this.#image === image && this.#show(this.#keeper.keep(file)),
      (error) => this.#image === image && this.fail({ code: 'image', message: error.message }),
    );
  }

  /** The address of what is shown, in full; empty when there is nothing. */
  get source() {
    const src = this.getAttribute('src') || this.#inner || this.#fallback;
    return this.#address ?? (src ? addressOf(src, document.baseURI) : '');
  }

  /**
   * The address of an image that a script gives.
   * @param {ImageSource | string} image
   */
  async addressFor(image) {
    return isImage(image) ? this.#keeper.keep(await fileOf(image)) : addressOf(String(image), document.baseURI);
  }

  /** How the image is fetched. @returns {RequestCredentials} */
  get credentials() {
    return this.getAttribute('crossorigin')?.toLowerCase() === 'use-credentials' ? 'include' : 'same-origin';
  }

  connectedCallback() {
    if (this.#image && !this.#address) this.image = this.#image;
    // An image that a page puts in later, or changes.
    this.#inside ??= new MutationObserver(() => this.#adopt());
    this.#inside.observe(this, { childList: true, subtree: true, attributeFilter: ['src', 'srcset'] });
    this.#adopt();
    super.connectedCallback();
  }

  disconnectedCallback() {
    this.#inside?.disconnect();
    super.disconnectedCallback();
    // Moved within the document, it comes back at once; otherwise nobody else lets go of the file.
    queueMicrotask(() => {
      if (this.isConnected || !this.#address) return;
      this.#keeper.release(this.#address);
      this.#address = null;
    });
  }

  /** @param {string} name @param {string | null} before @param {string | null} after */
  changed(name, before, after) {
    if (name === 'src' && before) this.#keeper.release(before); // A file that is not in sight any more.
    super.changed(name, before, after);
  }

  /** @param {string | null} address */
  #show(address) {
    if (address === this.#address) return;
    if (this.#address) this.#keeper.release(this.#address);
    this.#address = address;
    if (this.begun) this.imageChanged();
  }

  /** The `<img>` inside the element. @returns {HTMLImageElement | null} */
  get #img() {
    return this.querySelector(':scope > img');
  }

  /** Its address. */
  get #inner() {
    return this.#img?.currentSrc || this.#img?.src || '';
  }

  #last = '';

  /** The `<img>` inside stands where the element's image will stand. */
  #adopt() {
    const image = this.#img;
    if (image && image.slot !== 'image') image.slot = 'image';
    const changed = this.#inner !== this.#last;
    this.#last = this.#inner;
    if (changed && this.begun && !this.#address && !this.getAttribute('src')) this.imageChanged();
  }
}
