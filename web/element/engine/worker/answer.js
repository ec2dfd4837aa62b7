// answer.js: an engine's answer as plain values that can be sent between threads.

/** @import { EngineAnswer } from './engine-module.js' */
/** @import { Prediction } from '../messages.js' */

/**
 * @param {EngineAnswer} answer
 * @returns {Prediction}
 */
export function plain(answer) {
  const { logits, probabilities, attention, iterations, rows, columns, patches, numbers } = answer;
  answer.free();
  return { logits, probabilities, attention, iterations, rows, columns, patches, numbers: JSON.parse(numbers) };
}
