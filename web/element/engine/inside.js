// inside.js: asks the worker what the layers of a model look at.

/** @import { Engine } from './engine.js' */
/** @import { LayerMaps, ToView } from './messages.js' */

let asked = 0;

/**
 * @param {Engine} engine
 * @param {number} view whose newest look is meant
 * @param {string} name
 * @returns {Promise<LayerMaps[]>} none when the model has not answered
 */
export function layersOf(engine, view, name) {
  const number = ++asked;
  return new Promise((resolve) => {
    const kind = `vitro-view-${view}`;
    /** @param {Event} event */
    const hear = (event) => {
      const message = /** @type {CustomEvent<ToView>} */ (event).detail;
      if (message.kind !== 'layers' || message.number !== number) return;
      engine.removeEventListener(kind, hear);
      resolve(message.layers);
    };
    engine.addEventListener(kind, hear);
    engine.send({ kind: 'inside', view, number, name });
  });
}
