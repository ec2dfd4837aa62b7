//! Image files as `corruption/severity/class/file`: ImageNet-C and Tiny-ImageNet-C.
//!
//! The downloads of ImageNet-C unpack to corruption folders; some mirrors keep the group (`noise/`, `blur/`, …) above them, and
//! Tiny-ImageNet-C has a folder `images/` between class and file in places. All of these are found. What systems leave in
//! folders (`__MACOSX`, `.DS_Store`, `._*`) and archives beside the folders are overlooked.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use vitro::corruption::{self, Corruption, Severity};
use vitro::image::{Rgb8, decode};
use vitro::protocol::Layout;

use crate::data::clutter::is_clutter;
use crate::data::is_archive;
use crate::data::layout::IMAGES;
use crate::disk;
use crate::eval::classes;

/// Folders above the corruptions' that are looked through: a top folder and a group.
const LEVELS: usize = 2;

/// Folders below a cell's: class folders, and a little in between.
const DEPTH: usize = 4;

/// The tree, listed.
pub(super) struct Tree {
    /// Class folders, in the order of the labels.
    folders: Vec<String>,
    /// Path below the severity, and label; the same in every cell.
    images: Vec<(PathBuf, usize)>,
    cells: BTreeMap<(&'static str, Severity), PathBuf>,
}

impl Tree {
    /// Lists the cells of `root` that are `wanted`.
    pub(super) fn open(root: &Path, wanted: impl Fn(&Corruption, Severity) -> bool) -> Result<Self> {
        let mut cells = BTreeMap::new();
        find(root, LEVELS, &wanted, &mut cells)?;
        let Some(first) = cells.values().next() else {
            let packed = entries(root)?.into_iter().find(|(name, _)| is_archive(Path::new(name)));
            let packed = packed.map_or(String::new(), |(name, _)| format!("; unpack {name} first"));
            bail!(
                "{} holds none of the cells asked for; it must hold corruption/severity/class/file, or NAME.npy and \
                 labels.npy{packed}",
                root.display()
            );
        };
        let paths = list(first)?;
        for cell in cells.values() {
            same(&paths, &list(cell)?, first, cell)?;
        }
        let mut folders: Vec<String> = paths.iter().map(|path| class(path)).collect();
        folders.dedup();
        classes::sort(&mut folders).with_context(|| format!("in {}", first.display()))?;
        let label: BTreeMap<&str, usize> =
            folders.iter().enumerate().map(|(label, folder)| (folder.as_str(), label)).collect();
        let labelled = |path: PathBuf| {
            let label = label.get(class(&path).as_str()).copied().unwrap_or_default();
            (path, label)
        };
        let images = paths.into_iter().map(labelled).collect();
        Ok(Self { images, cells, folders })
    }

    pub(super) fn has(&self, corruption: &'static str, severity: Severity) -> bool {
        self.cells.contains_key(&(corruption, severity))
    }

    pub(super) fn folders(&self) -> &[String] {
        &self.folders
    }

    pub(super) fn labels(&self) -> Vec<usize> {
        self.images.iter().map(|(_, label)| *label).collect()
    }

    pub(super) fn layout(&self) -> Layout {
        let is_jpeg = |path: &PathBuf| {
            path.extension().is_some_and(|ending| ["jpg", "jpeg"].iter().any(|jpeg| ending.eq_ignore_ascii_case(jpeg)))
        };
        if self.images.iter().any(|(path, _)| is_jpeg(path)) { Layout::Jpeg } else { Layout::Lossless }
    }

    pub(super) fn size(&self) -> Result<[usize; 2]> {
        let ((corruption, severity), _) = self.cells.first_key_value().context("there is no cell")?;
        let image = self.image(corruption, *severity, 0)?;
        Ok([image.width(), image.height()])
    }

    pub(super) fn name(&self, index: usize) -> String {
        self.images[index].0.display().to_string()
    }

    pub(super) fn image(&self, corruption: &'static str, severity: Severity, index: usize) -> Result<Rgb8> {
        let cell = self.cells.get(&(corruption, severity));
        let cell = cell.with_context(|| format!("{corruption} {severity} is not there"))?;
        let file = cell.join(&self.images[index].0);
        decode(&disk::read(&file)?).with_context(|| format!("in {}", file.display()))
    }
}

/// The folders of the wanted cells, in folders that are named like a corruption, down to `levels` below `folder`.
fn find(
    folder: &Path,
    levels: usize,
    wanted: &impl Fn(&Corruption, Severity) -> bool,
    cells: &mut BTreeMap<(&'static str, Severity), PathBuf>,
) -> Result<()> {
    for (name, path) in entries(folder)? {
        if !path.is_dir() {
            continue;
        }
        let known = corruption::ALL.iter().find(|corruption| corruption.name == spelling(&name));
        let known = known.filter(|_| Severity::ALL.iter().any(|severity| path.join(severity.to_string()).is_dir()));
        let Some(corruption) = known else {
            if levels > 0 {
                find(&path, levels - 1, wanted, cells)?;
            }
            continue;
        };
        for severity in Severity::ALL.into_iter().filter(|severity| wanted(corruption, *severity)) {
            let cell = path.join(severity.to_string());
            if !cell.is_dir() {
                continue;
            }
            if let Some(other) = cells.insert((corruption.name, severity), cell.clone()) {
                bail!(
                    "{} {severity} is there twice, {} and {}; remove one, or name the folder that holds only one",
                    corruption.name,
                    other.display(),
                    cell.display()
                );
            }
        }
    }
    Ok(())
}

/// A folder's name as the registry would write it.
fn spelling(name: &str) -> String {
    name.to_lowercase().replace([' ', '-'], "_")
}

/// Images of one cell as `class/…/file`, sorted.
fn list(cell: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for (class, folder) in entries(cell)? {
        if folder.is_dir() {
            walk(&folder, Path::new(&class), DEPTH, &mut paths)?;
        }
    }
    ensure!(!paths.is_empty(), "{} holds no images; it must hold class/file", cell.display());
    paths.sort();
    Ok(paths)
}

fn walk(folder: &Path, below: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> Result<()> {
    for (name, path) in entries(folder)? {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_dir() {
            if depth > 1 {
                walk(&path, &below.join(name), depth - 1, paths)?;
            }
        } else if IMAGES.contains(&ending.as_str()) {
            paths.push(below.join(name));
        }
    }
    Ok(())
}

/// Names and paths in a folder; hidden ones, clutter and links that lead back up are left out.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let unreadable = || format!("cannot list {}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if is_clutter(&name) {
            continue;
        }
        let is_link = entry.file_type().with_context(unreadable)?.is_symlink();
        if !(is_link && leads_up(&entry.path(), folder)) {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// Whether the link `path` in `folder` leads to a folder above it, or to itself.
fn leads_up(path: &Path, folder: &Path) -> bool {
    let (there, here) = (path.canonicalize(), folder.canonicalize());
    there.is_ok_and(|there| here.is_ok_and(|here| here.starts_with(there)))
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
