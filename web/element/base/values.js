// values.js: addresses, and lists of models. Pure functions.

/** What an element shows that was given no image. */
export const SCENE = 'scene:7/20';
/** Among the models: the first set of the zoo, in its order. */
export const FIRST_SET = '*';

/**
 * The names in a list of models; each once.
 * @param {string} text
 */
export function namesOf(text) {
  const words = text.split(/\s+/).flatMap((word) => (word.startsWith('data:') ? [word] : word.split(',')));
  return [...new Set(words.filter(Boolean))];
}

/**
 * The models that a list of names means: the first set of the zoo for an empty list and for `*`, a whole set for `SET/*`.
 * Models of one set were trained and measured on the same images.
 * @param {readonly string[]} names
 * @param {readonly { name: string, set?: string, aside?: boolean }[]} zoo
 */
export function chosen(names, zoo) {
  /** @param {string | undefined} set */
  const members = (set) => zoo.filter((entry) => entry.set === set && !entry.aside).map(({ name }) => name);
  /** @param {string} name */
  const meant = (name) => {
    if (name === FIRST_SET) return members(zoo[0]?.set);
    const set = /^(\w+)\/\*$/.exec(name)?.[1];
    const all = set ? members(set) : [];
    return all.length ? all : [name];
  };
  return [...new Set((names.length ? names : [FIRST_SET]).flatMap(meant))];
}

/**
 * A list of models with one more; what was shown before stays.
 * @param {string} models
 * @param {string} name
 */
export function withModel(models, name) {
  const names = namesOf(models);
  return [...new Set([...(names.length ? names : [FIRST_SET]), name])].join(' ');
}

/**
 * A list of models without one of them.
 * @param {string} models
 * @param {string} name
 */
export function withoutModel(models, name) {
  const names = namesOf(models).filter((other) => other !== name);
  return names.length === 1 && names[0] === FIRST_SET ? '' : names.join(' ');
}

/**
 * Whether a model's name is the address of a bundle and not a name of the zoo.
 * @param {string} name
 */
export function isAddress(name) {
  return /^(https?|blob|data):/.test(name);
}

/**
 * An address in full: the worker lives elsewhere and cannot resolve what is relative to the document.
 * @param {string} src
 * @param {string} base
 */
export function addressOf(src, base) {
  try {
    return new URL(src, base).href;
  } catch {
    return src;
  }
}

/**
 * What a model is called before it says so itself: its name, or the last part of its address.
 * @param {string} name
 */
export function titleOf(name) {
  if (name.startsWith('data:')) return 'a model in the address';
  return name.split(/[?#]/)[0]?.split('/').pop() || name;
}
