import assert from 'node:assert/strict';
import test from 'node:test';
import { sorted } from '../element/sweep/folder.js';

const FILE = /** @type {File} */ (/** @type {unknown} */ (null));
const folder = (/** @type {string[]} */ ...paths) => sorted(paths.map((path) => ({ path, file: FILE })));
const shown = (/** @type {string[]} */ ...paths) => folder(...paths).images.map(({ path, label }) => `${label} ${path}`);

test('class folders are found wherever they lie, in the order of the command line', () => {
  const { name, classes } = folder('pets/dog/b.png', 'pets/cat/1.jpg', 'pets/dog/a.png');
  assert.deepEqual([name, classes], ['pets', ['cat', 'dog']]);
  assert.deepEqual(shown('pets/dog/b.png', 'pets/cat/1.jpg', 'pets/dog/a.png'), ['0 pets/cat/1.jpg', '1 pets/dog/a.png', '1 pets/dog/b.png']);
  assert.deepEqual(shown('b/1.png', 'a/1.png'), ['0 a/1.png', '1 b/1.png']);
  assert.deepEqual(shown('x/y/b/1.png', '/x/y/a/1.png'), ['0 /x/y/a/1.png', '1 x/y/b/1.png']);
  assert.equal(folder('b/1.png', 'a/1.png').name, 'images');
});

test('numbers go by their value, text by its letters', () => {
  assert.deepEqual(folder('10/a.png', '9/a.png', '09/a.png').classes, ['09', '9', '10']);
  assert.deepEqual(folder('10/a.png', '9/a.png', 'x/a.png').classes, ['10', '9', 'x']);
  assert.deepEqual(folder('é/a.png', 'z/a.png', 'Z/a.png', '\u{1f408}/a.png', '￮/a.png').classes, ['Z', 'z', 'é', '￮', '\u{1f408}']);
});

test('test images count where there are training images, and the better of two', () => {
  assert.deepEqual(shown('set/train/a/1.png', 'set/train/b/1.png', 'set/test/a/2.png', 'set/val/a/3.png', 'set/test/b/4.png'), ['0 set/test/a/2.png', '1 set/test/b/4.png']);
  assert.deepEqual(shown('set/Val/a/3.png', 'set/Val/b/4.png'), ['0 set/Val/a/3.png', '1 set/Val/b/4.png']);
  assert.throws(() => folder('set/train/a/1.png', 'set/train/b/1.png'), /no test images/);
});

test('what is no image of a class is passed over or named', () => {
  assert.deepEqual(shown('s/README.md', 's/.DS_Store', 's/a/.hidden', 's/__MACOSX/a/x.png', 's/a/1.JPEG', 's/b/2.webp', 's/b/b_boxes.txt'), ['0 s/a/1.JPEG', '1 s/b/2.webp']);
  assert.throws(() => folder('s/a/1.png', 's/b/notes.txt'), /s\/b\/notes\.txt is no JPEG/);
  for (const paths of [[], ['a.png'], ['s/a/1.png', 's/a/2.png']]) assert.throws(() => folder(...paths), /at least two/);
});

test('what systems leave behind is no data, but a hidden folder that everything lies in is', () => {
  assert.deepEqual(shown('s/cat/Thumbs.db', 's/@eaDir/x.jpg', 's/cat/1.png', 's/dog/2.png', 's/__macosx/cat/1.png'), ['0 s/cat/1.png', '1 s/dog/2.png']);
  assert.deepEqual(shown('.pets/cat/1.png', '.pets/dog/2.png'), ['0 .pets/cat/1.png', '1 .pets/dog/2.png']);
  assert.deepEqual(shown('s/.cache/set/cat/1.png', 's/.cache/set/dog/2.png'), ['0 s/.cache/set/cat/1.png', '1 s/.cache/set/dog/2.png']);
});

test('classes are those of the training images, in their order', () => {
  const { classes, images, hasTraining } = folder('s/train/x/1.png', 's/train/2/1.png', 's/train/10/1.png', 's/test/2/a.png', 's/test/10/b.png');
  assert.deepEqual([classes, images.map(({ label }) => label), hasTraining], [['10', '2', 'x'], [0, 1], true]);
  assert.equal(folder('s/train/a/1.png', 's/train/b/1.png', 's/test/b/2.png').images.length, 1);
  assert.equal(folder('s/test/a/1.png', 's/test/b/1.png').hasTraining, false);
  assert.throws(() => folder('s/train/a/1.png', 's/train/b/1.png', 's/test/c/2.png'), /no training images/);
  assert.throws(() => folder('s/train/a/notes.txt', 's/train/b/1.png', 's/test/b/2.png'), /notes\.txt is no JPEG/);
});
