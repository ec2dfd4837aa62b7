// folder.js: folders of the visitor's, with a folder for each class, whose images are counted instead of scenes. They stay on this device.

/** @typedef {{ path: string, file: File }} FolderImage as <vitro-sweep> takes them */

/** What the page is told when there is one; `detail` has its files. */
export const FOLDER = 'vitro-folder';

/**
 * The files of dropped folders; null where only files were dropped. To be asked at once: a browser tells only while it drops.
 * @param {DataTransfer | null} transfer
 * @returns {Promise<FolderImage[]> | null}
 */
export function foldersIn(transfer) {
  const entries = Array.from(transfer?.items ?? [], (item) => item.webkitGetAsEntry?.() ?? null);
  const folders = entries.flatMap((entry) => (entry?.isDirectory ? [entry] : []));
  return folders.length === 0 ? null : Promise.all(folders.map(filesBelow)).then((lists) => lists.flat());
}

/**
 * The files of a folder that was picked.
 * @param {Iterable<File>} files
 * @returns {FolderImage[]}
 */
export function filesPicked(files) {
  return Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<FolderImage[]>}
 */
async function filesBelow(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
    return [{ path: entry.fullPath, file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const found = [];
  // It tells a hundred at a time.
  for (;;) {
    const some = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesBelow))).flat();
}
