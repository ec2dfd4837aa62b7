//! The files below a folder. A folder of many is listed once and remembered with the time of the last change of each folder in
//! it: adding, removing or renaming a file changes that time, and then everything is listed again.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::archive::FILES;
use super::clutter::is_clutter_above_all;
use super::files::File;
use super::names::{shown, text};
use super::remembered::{self, Counter, Stamp};

/// One of the folders, with the files that lie in it.
#[derive(Debug, Serialize, Deserialize)]
struct Folder {
    /// Folders on the way from the top, as the disk spells them.
    path: PathBuf,
    stamp: Stamp,
    files: Vec<PathBuf>,
}

/// The files below a folder, in no order.
///
/// # Errors
/// For folders that cannot be listed, links that lead back, and more files than any dataset has.
pub(super) fn files(root: &Path) -> Result<Vec<File>> {
    let place = std::path::absolute(root)?.to_string_lossy().into_owned();
    let is_now = |folder: &Folder| Stamp::of(&root.join(&folder.path)).is_ok_and(|stamp| stamp == folder.stamp);
    let known: Option<Vec<Folder>> = remembered::recall("folder", &place);
    let folders = match known.filter(|folders| !folders.is_empty() && folders.par_iter().all(is_now)) {
        Some(folders) => folders,
        None => {
            let walk = Walk { root, counter: Counter::new("files") };
            let folders = walk.visit(PathBuf::new(), &[])?;
            if folders.iter().all(|folder| folder.stamp.is_settled()) {
                // A name that is no UTF-8 cannot be written down; such a folder is listed every time.
                remembered::remember("folder", &place, walk.counter.count(), &folders);
            }
            folders
        }
    };
    let parts = |path: &Path| path.iter().map(|part| text(part.as_encoded_bytes())).collect::<Vec<_>>();
    let files = folders.par_iter().flat_map_iter(|folder| {
        let (above, place) = (parts(&folder.path), root.join(&folder.path));
        folder.files.iter().map(move |name| {
            let mut path = above.clone();
            path.push(text(name.as_os_str().as_encoded_bytes()));
            File::at(path, place.join(name))
        })
    });
    Ok(files.collect())
}

struct Walk<'a> {
    root: &'a Path,
    counter: Counter,
}

impl Walk<'_> {
    /// A folder below the root with its files, then those in it, several at a time: most of the time is spent waiting for the
    /// disk. `above` are the folders on the way, by their true places.
    fn visit(&self, path: PathBuf, above: &[PathBuf]) -> Result<Vec<Folder>> {
        let folder = self.root.join(&path);
        let cannot = || format!("cannot list {}", shown(&folder.to_string_lossy()));
        let place = folder.canonicalize().with_context(cannot)?;
        ensure!(
            !above.contains(&place),
            "{} is a link to a folder that it lies in; remove the link",
            shown(&folder.to_string_lossy())
        );
        let above: Vec<PathBuf> = above.iter().cloned().chain([place]).collect();
        // Before the list: what changes in between makes it list again.
        let stamp = Stamp::of(&folder).with_context(cannot)?;
        let (mut files, mut inside) = (Vec::new(), Vec::new());
        for entry in std::fs::read_dir(&folder).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let name = PathBuf::from(entry.file_name());
            if is_clutter_above_all(&text(name.as_os_str().as_encoded_bytes())) {
                continue;
            }
            let kind = entry.file_type().with_context(cannot)?;
            let is_folder = kind.is_dir() || (kind.is_symlink() && entry.path().is_dir());
            if is_folder { inside.push(name) } else { files.push(name) }
        }
        self.counter.add(files.len());
        ensure!(
            self.counter.count() <= FILES,
            "there are more than {FILES} files below {}; name a smaller folder",
            self.root.display()
        );
        let below: Vec<Result<Vec<Folder>>> =
            inside.into_par_iter().map(|name| self.visit(path.join(name), &above)).collect();
        let mut folders = vec![Folder { path, stamp, files }];
        // Of several refusals the first in the order of the disk, not of the threads.
        for found in below {
            folders.extend(found?);
        }
        Ok(folders)
    }
}
