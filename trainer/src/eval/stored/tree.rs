//! Image files as `corruption/severity/class/file`: ImageNet-C and Tiny-ImageNet-C.
//!
//! The downloads of ImageNet-C unpack to corruption folders; some mirrors keep the group (`noise/`, `blur/`, …) above them, and
//! Tiny-ImageNet-C has a folder `images/` between class and file in places. All of these are found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use vitro::corruption::{self, Corruption, Severity};
use vitro::image::{Rgb8, decode};

use crate::data::layout::IMAGES;
use crate::disk;
use crate::eval::classes;

/// Folders above the corruptions' that are looked through: a top folder and a group.
const LEVELS: usize = 2;

/// The tree, listed.
pub(super) struct Tree {
    /// Path below the severity, and label; the same in every cell.
    images: Vec<(PathBuf, usize)>,
    cells: BTreeMap<(&'static str, Severity), PathBuf>,
}

impl Tree {
    /// Lists the cells of `root` that are `wanted`.
    pub(super) fn open(
        root: &Path,
        classes: &[String],
        wanted: impl Fn(&Corruption, Severity) -> bool,
    ) -> Result<Self> {
        let mut corruptions = BTreeMap::new();
        find(root, LEVELS, &mut corruptions)?;
        let mut cells = BTreeMap::new();
        for (name, folder) in &corruptions {
            let corruption = corruption::find(name)?;
            for severity in Severity::ALL.into_iter().filter(|severity| wanted(corruption, *severity)) {
                let cell = folder.join(severity.to_string());
                if cell.is_dir() {
                    cells.insert((corruption.name, severity), cell);
                }
            }
        }
        let Some(first) = cells.values().next() else {
            bail!(
                "{} holds none of the cells asked for; it must hold corruption/severity/class/file, or NAME.npy and labels.npy",
                root.display()
            );
        };
        let paths = list(first)?;
        for cell in cells.values() {
            same(&paths, &list(cell)?, first, cell)?;
        }
        let mut folders: Vec<String> = paths.iter().map(|path| class(path)).collect();
        folders.dedup();
        let labels = classes::labels(&folders, classes).with_context(|| format!("in {}", first.display()))?;
        let labelled = |path: PathBuf| {
            let folder = folders.binary_search(&class(&path)).unwrap_or_default();
            (path, labels[folder])
        };
        let images = paths.into_iter().map(labelled).collect();
        Ok(Self { images, cells })
    }

    pub(super) fn has(&self, corruption: &'static str, severity: Severity) -> bool {
        self.cells.contains_key(&(corruption, severity))
    }

    pub(super) fn labels(&self) -> Vec<usize> {
        self.images.iter().map(|(_, label)| *label).collect()
    }

    pub(super) fn image(&self, corruption: &'static str, severity: Severity, index: usize) -> Result<Rgb8> {
        let cell = self.cells.get(&(corruption, severity));
        let cell = cell.with_context(|| format!("{corruption} {severity} is not there"))?;
        let file = cell.join(&self.images[index].0);
        decode(&disk::read(&file)?).with_context(|| format!("in {}", file.display()))
    }
}

/// Folders that are named like a corruption and hold a severity, down to `levels` below `folder`.
fn find(folder: &Path, levels: usize, found: &mut BTreeMap<&'static str, PathBuf>) -> Result<()> {
    for (name, path) in entries(folder)? {
        if !path.is_dir() {
            continue;
        }
        let known = corruption::ALL.iter().find(|corruption| corruption.name == name);
        let known = known.filter(|_| Severity::ALL.iter().any(|severity| path.join(severity.to_string()).is_dir()));
        match known {
            Some(corruption) => {
                if let Some(other) = found.insert(corruption.name, path.clone()) {
                    bail!("{name} is there twice, {} and {}; name the folder of one", other.display(), path.display());
                }
            }
            None if levels > 0 => find(&path, levels - 1, found)?,
            None => {}
        }
    }
    Ok(())
}

/// Images of one cell as `class/…/file`, sorted.
fn list(cell: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (class, folder) in entries(cell)? {
        if folder.is_dir() {
            walk(&folder, Path::new(&class), &mut paths)?;
        }
    }
    ensure!(!paths.is_empty(), "{} holds no images; it must hold class/file", cell.display());
    paths.sort();
    Ok(paths)
}

fn walk(folder: &Path, below: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for (name, path) in entries(folder)? {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_dir() {
            walk(&path, &below.join(name), paths)?;
        } else if IMAGES.contains(&ending.as_str()) {
            paths.push(below.join(name));
        }
    }
    Ok(())
}

/// Names and paths in a folder, hidden ones left out.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let unreadable = || format!("cannot list {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

fn class(path: &Path) -> String {
    path.components().next().map_or(String::new(), |part| part.as_os_str().to_string_lossy().into_owned())
}

/// Refuses a cell that has other images than the first.
fn same(first: &[PathBuf], other: &[PathBuf], first_cell: &Path, other_cell: &Path) -> Result<()> {
    if first == other {
        return Ok(());
    }
    let only_in = |ours: &[PathBuf], theirs: &[PathBuf]| {
        ours.iter().find(|path| theirs.binary_search(path).is_err()).map(|path| path.display().to_string())
    };
    let (file, has, lacks) = match only_in(first, other) {
        Some(file) => (file, first_cell, other_cell),
        None => (only_in(other, first).unwrap_or_default(), other_cell, first_cell),
    };
    bail!(
        "{} has {file}, {} has not; unpack the benchmark again, or leave a cell out with --only and --severity",
        has.display(),
        lacks.display()
    )
}
