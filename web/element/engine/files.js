// files.js: files that a visitor chose or dropped. Each has an address (an object URL), which stands in the attributes; the
// worker gets the file itself, so that nothing is fetched that a page's policy may forbid.

export class Files {
  /** @type {Map<string, File>} */
  #files = new Map();

  /**
   * Gives a file an address.
   * @param {File} file
   */
  keep(file) {
    const address = URL.createObjectURL(file);
    this.#files.set(address, file);
    return address;
  }

  /**
   * The address of a file with the same content that is kept already, or null.
   * @param {File} file
   */
  async find(file) {
    for (const [address, other] of this.#files) {
      if (other.size === file.size && (await same(other, file))) return address;
    }
    return null;
  }

  /**
   * Lets go of a file. False when there is none of that address.
   * @param {string} address
   */
  forget(address) {
    if (!this.#files.delete(address)) return false;
    URL.revokeObjectURL(address);
    return true;
  }

  /**
   * The file itself, or undefined.
   * @param {string} address
   */
  get(address) {
    return this.#files.get(address);
  }

  /**
   * The file's own name, or null.
   * @param {string} address
   */
  name(address) {
    return this.#files.get(address)?.name ?? null;
  }

  /** Every address with its file. */
  entries() {
    return [...this.#files];
  }
}

/** @param {File} one @param {File} other */
async function same(one, other) {
  try {
    const here = new Uint8Array(await one.arrayBuffer());
    const there = new Uint8Array(await other.arrayBuffer());
    return here.every((byte, i) => byte === there[i]);
  } catch {
    return false; // One of them is gone from the disk.
  }
}
