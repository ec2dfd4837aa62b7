// folder.js: images in class folders, as `vitro eval --data FOLDER` finds and numbers them. Pure.

import { withoutClutter } from './clutter.js';

/** @import { FolderImage } from '../base/api.js' */
/** @import { Folder } from './messages.js' */
/** @typedef {{ file: File, path: string, parts: string[] }} Entry */

const TRAIN = ['train', 'training'];
/** Best first. */
const TEST = ['test', 'testing', 'val', 'valid', 'validation'];
const IMAGES = /\.(jpe?g|png|webp|bmp)$/i;
/** What a folder is called that nobody named. */
const NAMELESS = 'images';

/**
 * Sorts the files of a folder into classes. With a folder of training images, those of the test folder beside it count.
 * @param {readonly FolderImage[]} given
 * @returns {Folder}
 * @throws {Error} in words, where there are no class folders
 */
export function sorted(given) {
  const whole = given.map(({ file, path }) => ({ file, path, parts: path.normalize('NFC').split('/').filter(Boolean) }))
    .filter(({ parts }) => parts.length > 0);
  const name = nameOf(whole);
  // The folder's own name is no part of the dataset.
  const inside = name === null ? whole : whole.map((entry) => ({ ...entry, parts: entry.parts.slice(1) }));
  const entries = withoutClutter(inside).sort((a, b) => compare(a.parts, b.parts));
  const { depth, test, known, hasTraining } = split(entries);
  const classes = inOrder([...new Set(known.map(({ parts }) => parts[depth] ?? ''))]);
  if (classes.length < 2) {
    throw new Error(`This folder holds ${classes.length} class folders with images. Sort the images into at least two, one for each class.`);
  }
  const images = test.map(({ file, path, parts }) => ({ file, path, label: classes.indexOf(parts[depth] ?? '') }));
  const foreign = images.find(({ label }) => label < 0);
  if (foreign) throw new Error(`The class of ${foreign.path} has no training images. Rename its folder, or remove it.`);
  // The sort is stable, so the files of a class stay as they were.
  images.sort((a, b) => a.label - b.label);
  return { name: name ?? NAMELESS, classes, images, hasTraining };
}

/**
 * Which of the files are for testing, how deep their class folders are, and which images say what classes there are.
 * @param {Entry[]} entries in their order
 */
function split(entries) {
  const train = levelOf(entries, TRAIN);
  const level = train ?? levelOf(entries, TEST);
  if (level === null) {
    const depth = shared(entries);
    const test = imagesOf(entries, depth);
    return { depth, test, known: test, hasTraining: false };
  }
  const depth = level + 1;
  const name = TEST.find((test) => entries.some((entry) => isIn(entry, level, test)));
  if (!name) throw new Error('This folder holds training images and no test images. Choose its test folder, or the training folder itself.');
  const test = imagesOf(entries.filter((entry) => isIn(entry, level, name)), depth);
  if (train === null) return { depth, test, known: test, hasTraining: false };
  const training = entries.filter((entry) => TRAIN.some((folder) => isIn(entry, level, folder)));
  return { depth, test, known: imagesOf(training, depth), hasTraining: true };
}

/**
 * The files in class folders; a file beside them is none of our business.
 * @param {Entry[]} entries
 * @param {number} depth
 */
function imagesOf(entries, depth) {
  const images = entries.filter(({ parts }) => parts.length >= depth + 2 && !parts.at(-1)?.endsWith('_boxes.txt'));
  const odd = images.find(({ parts }) => !IMAGES.test(parts.at(-1) ?? ''));
  if (odd) throw new Error(`${odd.path} is no JPEG, PNG, WebP or BMP image. Remove it from the folder, or convert it.`);
  return images;
}

/** How deep the first folder of such a name is, with class folders in it. @param {Entry[]} entries @param {string[]} names */
function levelOf(entries, names) {
  for (const { parts } of entries) {
    const at = parts.slice(0, -2).findIndex((part) => names.includes(part.toLowerCase()));
    if (at >= 0) return at;
  }
  return null;
}

/** @param {Entry} entry @param {number} depth @param {string} name */
function isIn({ parts }, depth, name) {
  return parts.length > depth + 2 && parts[depth]?.toLowerCase() === name;
}

/** How many leading folders all files have in common that lie in one, above their class folders. @param {Entry[]} entries */
function shared(entries) {
  const inside = entries.filter(({ parts }) => parts.length > 1);
  const [first] = inside;
  if (!first) return 0;
  let depth = 0;
  while (depth < first.parts.length - 2 && inside.every(({ parts }) => parts.length > depth + 2 && parts[depth] === first.parts[depth])) depth += 1;
  return depth;
}

/** The folder that all files lie in: a browser tells it with each path. @param {Entry[]} entries */
function nameOf(entries) {
  const first = entries[0]?.parts[0] ?? null;
  return entries.every(({ parts }) => parts.length > 1 && parts[0] === first) ? first : null;
}

/** By number if all of them are numbers, otherwise by text. @param {string[]} classes */
function inOrder(classes) {
  const value = (/** @type {string} */ name) => name.replace(/^0+/, '');
  const byNumber = (/** @type {string} */ a, /** @type {string} */ b) => value(a).length - value(b).length || byText(value(a), value(b)) || byText(a, b);
  return classes.sort(classes.every((name) => /^[0-9]+$/.test(name)) ? byNumber : byText);
}

/** @param {string[]} a @param {string[]} b */
function compare(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = byText(a[i] ?? '', b[i] ?? '');
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By code points, which is the order of UTF-8's bytes. @param {string} a @param {string} b */
function byText(a, b) {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
