//! From a list of files to classes and splits.
//!
//! Layouts that people have: `…/train/<class>/…` beside `…/test/<class>/…` or `…/val/<class>/…`, or classes alone, where
//! every tenth image of a class is held out. Anything above the split folder (`cifar10/` in an archive) is skipped,
//! anything below the class folder (`images/` in Tiny-ImageNet) is ignored. Classes are sorted by name, as everywhere.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use super::files::File;
use crate::nearest::nearest;

const TRAIN: &[&str] = &["train", "training"];
/// Best first: with both `test` and `val`, `test` it is.
const TEST: &[&str] = &["test", "testing", "val", "valid", "validation"];

/// In a folder without splits, one image in this many is held out.
const HELD_OUT: usize = 10;

/// Endings of images we read.
pub const IMAGES: &[&str] = &["jpg", "jpeg", "png", "webp", "bmp"];

/// Files by split, each with its label.
#[derive(Debug)]
pub struct Layout {
    /// Sorted names.
    pub classes: Vec<String>,
    /// For training.
    pub train: Vec<(File, usize)>,
    /// For testing.
    pub test: Vec<(File, usize)>,
}

/// Sorts `files` into splits and classes. `root` is for messages.
///
/// # Errors
/// For files in a class folder that are not images, test classes that training does not have, and folders
/// without classes.
pub fn split(files: Vec<File>, root: &Path) -> Result<Layout> {
    let root = root.display();
    let Some(depth) = train_level(&files) else {
        return hold_out(files, &root.to_string());
    };
    let Some(test_name) = test_name(&files, depth) else {
        bail!("{root} has a train folder but neither test nor val; add one, or remove the train level");
    };
    let (mut train, mut test) = (BTreeMap::new(), BTreeMap::new());
    for file in files {
        if TRAIN.iter().any(|name| is_folder(&file, depth, name)) {
            add(&mut train, file, depth + 1, &root.to_string())?;
        } else if is_folder(&file, depth, test_name) {
            add(&mut test, file, depth + 1, &root.to_string())?;
        }
    }
    let classes: Vec<String> = train.keys().cloned().collect();
    if let Some(unknown) = test.keys().find(|name| !train.contains_key(*name)) {
        let near = nearest(unknown, classes.iter().map(String::as_str));
        let near = near.map_or(String::new(), |name| format!(" (the nearest is `{name}`)"));
        bail!("class folder `{unknown}` is in {test_name} but not in train{near}; rename or remove it");
    }
    ensure!(classes.len() >= 2, "{root} holds {} class; sort the images into at least two folders", classes.len());
    let label = |name: &String| classes.binary_search(name).unwrap_or_default();
    let flatten = |split: BTreeMap<String, Vec<File>>| -> Vec<(File, usize)> {
        split
            .into_iter()
            .flat_map(|(name, files)| files.into_iter().map(move |file| (name.clone(), file)))
            .map(|(name, file)| {
                let label = label(&name);
                (file, label)
            })
            .collect()
    };
    let (train, test) = (flatten(train), flatten(test));
    Ok(Layout { classes, train, test })
}

/// One of the two splits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// For training.
    Train,
    /// Held out.
    Test,
}

/// The files of one split with their paths below it, `class/file`; all files below the shared folders if there are no
/// splits. Nothing is checked.
pub fn part(files: Vec<File>, split: Split) -> Vec<(PathBuf, File)> {
    let level = train_level(&files).or_else(|| files.iter().find_map(|file| folder_named(file, TEST)));
    let names: Vec<&str> = match (level, split) {
        (Some(_), Split::Train) => TRAIN.to_vec(),
        (Some(depth), Split::Test) => test_name(&files, depth).into_iter().collect(),
        (None, _) => Vec::new(),
    };
    let shared = shared_folders(&files);
    let below = |file: &File| match level {
        Some(depth) => names.iter().any(|name| is_folder(file, depth, name)).then_some(depth + 1),
        None => Some(shared.min(file.path.len() - 1)),
    };
    files
        .into_iter()
        .filter_map(|file| {
            let depth = below(&file)?;
            Some((file.path[depth..].iter().collect(), file))
        })
        .collect()
}

/// How deep the train folder is.
fn train_level(files: &[File]) -> Option<usize> {
    files.iter().find_map(|file| folder_named(file, TRAIN))
}

/// The name of the folder of test images at `depth`.
fn test_name(files: &[File], depth: usize) -> Option<&'static str> {
    TEST.iter().copied().find(|name| files.iter().any(|file| is_folder(file, depth, name)))
}

/// Classes alone: every tenth image is for testing.
fn hold_out(files: Vec<File>, root: &str) -> Result<Layout> {
    let depth = shared_folders(&files);
    let mut classes = BTreeMap::new();
    for file in files {
        add(&mut classes, file, depth, root)?;
    }
    ensure!(
        classes.len() >= 2,
        "{root} holds {} class folders; sort the images into at least two, as train/<class>/… and test/<class>/…",
        classes.len()
    );
    let names: Vec<String> = classes.keys().cloned().collect();
    let (mut train, mut test) = (Vec::new(), Vec::new());
    for (label, files) in classes.into_values().enumerate() {
        for (index, file) in files.into_iter().enumerate() {
            if index % HELD_OUT == HELD_OUT - 1 { test.push((file, label)) } else { train.push((file, label)) }
        }
    }
    Ok(Layout { classes: names, train, test })
}

/// How many leading folders all files of some depth share (an archive's top folder).
fn shared_folders(files: &[File]) -> usize {
    let inside: Vec<&File> = files.iter().filter(|file| file.path.len() > 1).collect();
    let Some(first) = inside.first() else { return 0 };
    (0..first.path.len().saturating_sub(2))
        .take_while(|&depth| {
            inside.iter().all(|file| file.path.len() > depth + 2 && file.path[depth] == first.path[depth])
        })
        .count()
}

/// Files beside the class folders (a README, a class list) are none of our business; files inside must be images.
fn add(classes: &mut BTreeMap<String, Vec<File>>, file: File, depth: usize, root: &str) -> Result<()> {
    if file.path.len() < depth + 2 {
        return Ok(());
    }
    let name = file.name();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    // Tiny-ImageNet keeps a list of boxes inside each class folder.
    if name.ends_with("_boxes.txt") {
        return Ok(());
    }
    ensure!(
        IMAGES.contains(&ending.as_str()) && is_image(&file.start()?),
        "{name} in {root} is not a JPEG, PNG, WebP or BMP image; remove it or convert it"
    );
    classes.entry(file.path[depth].clone()).or_default().push(file);
    Ok(())
}

/// By the first bytes.
fn is_image(start: &[u8]) -> bool {
    start.starts_with(&[0xFF, 0xD8, 0xFF])
        || start.starts_with(b"\x89PNG\r\n\x1a\n")
        || (start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP"))
        || start.starts_with(b"BM")
}

fn folder_named(file: &File, names: &[&str]) -> Option<usize> {
    let folders = &file.path[..file.path.len().saturating_sub(2)];
    folders.iter().position(|part| names.contains(&part.to_lowercase().as_str()))
}

fn is_folder(file: &File, depth: usize, name: &str) -> bool {
    file.path.len() > depth + 2 && file.path[depth].eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

    fn layout(paths: &[&str]) -> Result<Layout> {
        let file = |path: &&str| File::in_memory(path.split('/').map(str::to_owned).collect(), PNG.to_vec());
        split(paths.iter().map(file).collect(), Path::new("set"))
    }

    #[test]
    fn train_and_test_folders_are_found_below_a_top_folder() {
        let layout = layout(&["c/train/a/1.png", "c/train/b/1.png", "c/test/b/2.png", "c/README.txt"]).unwrap();
        assert_eq!(layout.classes, ["a", "b"]);
        assert_eq!((layout.train.len(), layout.test[0].1), (2, 1));
    }

    #[test]
    fn without_splits_every_tenth_image_is_held_out() {
        let paths: Vec<String> = (0..40).map(|i| format!("top/{}/{i:02}.png", ["x", "y"][i % 2])).collect();
        let layout = layout(&paths.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        assert_eq!((layout.train.len(), layout.test.len()), (36, 4));
    }

    #[test]
    fn a_test_class_without_training_images_is_refused_with_the_nearest_name() {
        let refusal = layout(&["train/cat/1.png", "train/dog/1.png", "test/cats/1.png"]).unwrap_err().to_string();
        assert!(refusal.contains("`cats`") && refusal.contains("`cat`"), "{refusal}");
    }

    #[test]
    fn a_file_that_is_no_image_is_refused_by_name() {
        let refusal = layout(&["train/a/1.png", "train/b/notes.txt", "test/a/1.png"]).unwrap_err().to_string();
        assert!(refusal.contains("train/b/notes.txt"), "{refusal}");
    }
}
