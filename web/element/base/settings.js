// settings.js: what a page says once, for all elements, before the first of them starts.

import { BUILD } from './build.js';

/** @import { ZooEntry } from '../engine/messages.js' */

/** This script's address. Under a name of its own, so that no bundler takes what is made from it for a file. */
const HERE = import.meta.url;

export const settings = {
  /** Where the engine's files are, when they are not beside the scripts: an address in full. @type {string | null} */
  assetBase: null,
  /** Where the zoo is, when it is not in `zoo/` beside the engine. @type {string | null} */
  zooBase: null,
  /** The zoo as a list in place of its `index.json`. @type {ZooEntry[] | null} */
  zoo: null,
  /** Which engine answers. @type {'auto' | 'cpu' | 'webgpu'} */
  backend: 'cpu',
};

/**
 * The address of a file of the elements' folder.
 * @param {string} path
 */
export function assetAddress(path) {
  const address = new URL(path, settings.assetBase ?? new URL('..', HERE));
  if (BUILD) address.search = `v=${BUILD}`;
  return address;
}
