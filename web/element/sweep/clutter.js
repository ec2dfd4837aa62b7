// clutter.js: what operating systems, archivers and notebooks leave behind in folders of images, as `vitro eval` knows it. Pure.

/** Names that are never data, whatever lies below them. */
const NAMES = ['__macosx', '$recycle.bin', '@eadir', 'desktop.ini', 'ehthumbs.db', 'lost+found', 'system volume information', 'thumbs.db'];
/** Hidden names that are never data; others are when everything lies below them. */
const HIDDEN = ['.ds_store', '.git', '.ipynb_checkpoints', '.svn', '.trash', '.trashes'];

/**
 * The files that are data. A folder whose name begins with a dot is clutter, unless everything lies below it.
 * @template {{ parts: string[] }} Entry
 * @param {Entry[]} entries
 */
export function withoutClutter(entries) {
  const first = entries[0]?.parts ?? [];
  let above = 0;
  while (above < first.length - 1 && !isClutterAboveAll(first[above] ?? '')
    && entries.every(({ parts }) => parts.length - 1 > above && parts[above] === first[above])) above += 1;
  return entries.filter(({ parts }) => !parts.slice(above).some(isClutter));
}

/** @param {string} part */
function isClutter(part) {
  return part.startsWith('.') || isLeftBehind(part);
}

/** @param {string} part */
function isClutterAboveAll(part) {
  return part.startsWith('._') || HIDDEN.includes(part.toLowerCase()) || isLeftBehind(part);
}

/** @param {string} part */
function isLeftBehind(part) {
  // The Finder's icon of a folder ends in a carriage return, which some file systems store as a private character.
  return /^Icon[\r\uf00d]$/.test(part) || NAMES.includes(part.toLowerCase());
}
