// refused.js: the sentences for work that broke the engine or did not end. Pure.

/** @import { Task } from './messages.js' */

/**
 * What a view reads in place of a result.
 * @param {Pick<Task, 'kind' | 'name'>} task
 * @param {string} reason
 */
export function refusal({ kind, name }, reason) {
  const next = {
    engine: '',
    load: 'it is left out. Write the bundle again with vitro',
    classify: 'it is left out. Write the bundle again with vitro',
    image: 'it is not shown. Choose another image',
    corruption: 'it is left out. Choose another corruption or image',
    scene: 'it is not counted',
  }[kind];
  return `${name.charAt(0).toUpperCase()}${name.slice(1)} ${reason}, so ${next}.`;
}

/**
 * The first line of an error that says anything.
 * @param {string} text
 */
export function firstLine(text) {
  const line = text.split('\n').find((candidate) => candidate.trim()) ?? 'no reason given';
  return line.replace(/^Uncaught (\w*Error: )?/, '').slice(0, 200);
}
