// bytes.js: how much of all files is there, in bytes. Pure. Sizes are known from the build and the zoo's list, so that they are
// right under any compression; a file whose size is not known does not count.

/** @import { Bytes } from '../element/engine/messages.js' */

export class Ledger {
  /** @type {Map<string, { got: number, of: number, stored: boolean }>} */
  #files = new Map();
  #fraction = 0;

  /**
   * More of a file is there. What was there stays there, also when a file is asked for again. The first file after all others
   * are complete begins a new count.
   * @param {Pick<Bytes, 'file' | 'got' | 'of' | 'stored'>} bytes
   */
  hear({ file, got, of, stored }) {
    if (!of) return;
    const known = this.#files.get(file);
    if (!known && this.done) {
      this.#files.clear();
      this.#fraction = 0;
    }
    this.#files.set(file, { of, got: Math.min(Math.max(got, known?.got ?? 0), of), stored: stored || (known?.stored ?? false) });
    this.#fraction = Math.max(this.#fraction, this.got / this.of);
  }

  /** Between 0 and 1; it never goes back. */
  get fraction() {
    return this.#fraction;
  }

  get got() {
    return this.#sum('got');
  }

  get of() {
    return this.#sum('of');
  }

  /** Whether everything is there. */
  get done() {
    return this.got === this.of;
  }

  /** Whether all that has come so far is from this device. */
  get stored() {
    const begun = [...this.#files.values()].filter(({ got }) => got > 0);
    return begun.length > 0 && begun.every(({ stored }) => stored);
  }

  /** The addresses of what is complete. */
  get complete() {
    return [...this.#files].filter(([, { got, of }]) => got === of).map(([file]) => file);
  }

  /** @param {'got' | 'of'} key */
  #sum(key) {
    return [...this.#files.values()].reduce((sum, file) => sum + file[key], 0);
  }
}

/**
 * A number of bytes for people.
 * @param {number} bytes
 */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
