// networks.js: what the elements with networks let a page set: where the zoo is, and which engine answers.

import { engine } from './engine.js';
import { settings } from '../base/settings.js';
import { addressOf } from '../base/values.js';

/** @import { ZooEntry } from '../base/api.js' */

/**
 * Gives a class these statics.
 * @template {new (...args: any[]) => HTMLElement} Kind
 * @param {Kind} kind
 */
export function networks(kind) {
  return class extends kind {
    /** The engine that all elements share. */
    static engine = engine;

    static get zooBase() { return settings.zooBase; }
    static set zooBase(address) { settings.zooBase = address === null ? null : addressOf(String(address), document.baseURI); }

    /** @returns {ZooEntry[] | null} */
    static get zoo() { return settings.zoo; }
    static set zoo(list) { settings.zoo = Array.isArray(list) ? list : null; }

    /** @returns {'auto' | 'cpu' | 'webgpu'} */
    static get backend() { return settings.backend; }
    static set backend(backend) { settings.backend = ['auto', 'cpu', 'webgpu'].includes(backend) ? backend : 'cpu'; }
  };
}
