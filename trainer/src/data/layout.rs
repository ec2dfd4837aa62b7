//! From a list of files to classes and splits.
//!
//! Layouts that people have: `…/train/<class>/…` beside `…/test/<class>/…` or `…/val/<class>/…`, or classes alone, where
//! every tenth image of a class is held out from training. Anything above the split folder (`cifar10/` in an archive) is
//! skipped, anything below the class folder is ignored. Classes are sorted by name, as everywhere, and by number where all
//! of them are numbers.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use super::Purpose;
use super::files::File;
use super::names::{shown, sort_classes};
use crate::nearest::nearest;

/// What the folder of training images is called.
pub(super) const TRAIN: &[&str] = &["train", "training"];
/// What the folder of test images is called, best first: with both `test` and `val`, `test` it is.
pub(super) const TEST: &[&str] = &["test", "testing", "val", "valid", "validation"];

/// In a folder without splits, one image in this many is held out.
const HELD_OUT: usize = 10;

/// Endings of images we read.
pub const IMAGES: &[&str] = &["jpg", "jpeg", "png", "webp", "bmp"];

/// What told test images from training images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Their folders.
    Folders,
    /// Every tenth one of a class is held out.
    HeldOut,
    /// Nothing: all of them are test images, and the training images are the same.
    Everything,
}

/// Files by split, each with its label.
#[derive(Debug)]
pub struct Layout {
    /// Names in label order.
    pub classes: Vec<String>,
    /// For training.
    pub train: Vec<(File, usize)>,
    /// For testing.
    pub test: Vec<(File, usize)>,
    /// How they were told apart.
    pub cut: Cut,
}

/// Files by class folder.
type Folders = BTreeMap<String, Vec<File>>;

/// Sorts `files` into splits and classes. `root` is for messages.
///
/// # Errors
/// For files in a class folder that are not images, test classes that training does not have, and folders
/// without classes.
pub fn split(files: Vec<File>, root: &Path, purpose: Purpose) -> Result<Layout> {
    let root = shown(&root.to_string_lossy());
    let Some(depth) = train_level(&files) else {
        return without_train(files, &root, purpose);
    };
    let Some(test_name) = test_name(&files, depth) else {
        let loose =
            files.iter().find(|file| file.path.len() == depth + 2 && TEST.contains(&lower(&file.path[depth]).as_str()));
        match loose {
            Some(file) => {
                bail!("{} in {root} is in no class folder; sort these images as those for training are", file.name())
            }
            None => {
                bail!("{root} has a train folder but neither test nor val; add one, or name the train folder itself")
            }
        }
    };
    let (mut train, mut test) = (Folders::new(), Folders::new());
    for file in files {
        if TRAIN.iter().any(|name| is_folder(&file, depth, name)) {
            add(&mut train, file, depth + 1, &root)?;
        } else if is_folder(&file, depth, test_name) {
            add(&mut test, file, depth + 1, &root)?;
        }
    }
    let classes = in_order(&train);
    if let Some(unknown) = test.keys().find(|name| !train.contains_key(*name)) {
        let near = nearest(unknown, classes.iter().map(String::as_str));
        let near = near.map_or(String::new(), |name| format!(" (the nearest is `{}`)", shown(name)));
        bail!("class folder `{}` is in {test_name} but not in train{near}; rename or remove it", shown(unknown));
    }
    ensure!(classes.len() >= 2, "{root} holds {} class; sort the images into at least two folders", classes.len());
    let (train, test) = (labelled(train, &classes), labelled(test, &classes));
    Ok(Layout { classes, train, test, cut: Cut::Folders })
}

/// The names of class folders in the order of their labels.
fn in_order(folders: &Folders) -> Vec<String> {
    let mut names: Vec<String> = folders.keys().cloned().collect();
    sort_classes(&mut names);
    names
}

/// The files of each class, in the order of `classes`.
fn labelled(folders: Folders, classes: &[String]) -> Vec<(File, usize)> {
    let labels: HashMap<&str, usize> = classes.iter().enumerate().map(|(label, name)| (name.as_str(), label)).collect();
    let mut files: Vec<(File, usize)> = folders
        .into_iter()
        .flat_map(|(name, files)| {
            let label = labels.get(name.as_str()).copied().unwrap_or_default();
            files.into_iter().map(move |file| (file, label))
        })
        .collect();
    // The sort is stable, so the files of a class stay as they were.
    files.sort_by_key(|(_, label)| *label);
    files
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

/// Classes alone, or below a folder of test images that has no training images beside it.
fn without_train(files: Vec<File>, root: &str, purpose: Purpose) -> Result<Layout> {
    let level = files.iter().find_map(|file| folder_named(file, TEST));
    let names: Vec<&str> = TEST
        .iter()
        .copied()
        .filter(|name| level.is_some_and(|depth| files.iter().any(|file| is_folder(file, depth, name))))
        .collect();
    let (depth, files) = match (level, names.as_slice()) {
        (Some(depth), [name, others @ ..]) => {
            ensure!(
                others.is_empty() || purpose == Purpose::Testing,
                "{root} has {name} and {} but no training images; put them into train/<class>/",
                others.join(" and ")
            );
            (depth + 1, files.into_iter().filter(|file| is_folder(file, depth, name)).collect())
        }
        _ => (shared_folders(&files), files),
    };
    let mut folders = Folders::new();
    for file in files {
        add(&mut folders, file, depth, root)?;
    }
    ensure!(
        folders.len() >= 2,
        "{root} holds {} class folders; sort the images into at least two, as train/<class>/… and test/<class>/…",
        folders.len()
    );
    let classes = in_order(&folders);
    if purpose == Purpose::Testing {
        let files = labelled(folders, &classes);
        return Ok(Layout { classes, train: files.clone(), test: files, cut: Cut::Everything });
    }
    let (mut train, mut test) = (Vec::new(), Vec::new());
    let mut seen = vec![0usize; classes.len()];
    for (file, label) in labelled(folders, &classes) {
        seen[label] += 1;
        if seen[label].is_multiple_of(HELD_OUT) { test.push((file, label)) } else { train.push((file, label)) }
    }
    Ok(Layout { classes, train, test, cut: Cut::HeldOut })
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

/// Files beside the class folders (a README, a class list) are none of our business; files inside must be images,
/// by their names: nothing is opened before it is needed.
fn add(classes: &mut BTreeMap<String, Vec<File>>, file: File, depth: usize, root: &str) -> Result<()> {
    if file.path.len() < depth + 2 {
        return Ok(());
    }
    let name = file.name();
    // Tiny-ImageNet keeps a list of boxes inside each class folder.
    if name.ends_with("_boxes.txt") {
        return Ok(());
    }
    ensure!(
        file.is_said_to_be_image(),
        "{name} in {root} is not a JPEG, PNG, WebP or BMP image; remove it or convert it"
    );
    classes.entry(file.path[depth].clone()).or_default().push(file);
    Ok(())
}

fn lower(part: &str) -> String {
    part.to_lowercase()
}

fn folder_named(file: &File, names: &[&str]) -> Option<usize> {
    let folders = &file.path[..file.path.len().saturating_sub(2)];
    folders.iter().position(|part| names.contains(&lower(part).as_str()))
}

fn is_folder(file: &File, depth: usize, name: &str) -> bool {
    file.path.len() > depth + 2 && file.path[depth].eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

    fn layout(paths: &[&str]) -> Result<Layout> {
        layout_for(Purpose::Training, paths)
    }

    fn layout_for(purpose: Purpose, paths: &[&str]) -> Result<Layout> {
        let file = |path: &&str| File::in_memory(path.split('/').map(str::to_owned).collect(), PNG.to_vec().into());
        split(paths.iter().map(file).collect(), Path::new("set"), purpose)
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
    fn for_testing_nothing_is_held_out() {
        let few = layout_for(Purpose::Testing, &["val/x/1.png", "val/y/2.png", "val/y/3.png"]).unwrap();
        assert_eq!((few.test.len(), few.cut), (3, Cut::Everything));
        let both = ["set/val/x/1.png", "set/val/y/2.png", "set/test/x/1.png", "set/test/y/2.png", "set/test/y/3.png"];
        assert_eq!(layout_for(Purpose::Testing, &both).unwrap().test.len(), 3);
        assert!(layout(&both).unwrap_err().to_string().contains("train/<class>/"));
    }

    #[test]
    fn numbered_folders_are_labelled_by_their_number() {
        let paths: Vec<String> =
            (0..12).flat_map(|k| [format!("train/{k}/1.png"), format!("test/{k}/1.png")]).collect();
        let layout = layout(&paths.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        assert_eq!(layout.classes, (0..12).map(|k| k.to_string()).collect::<Vec<_>>());
        for (file, label) in layout.train.iter().chain(&layout.test) {
            assert_eq!(file.path[1], label.to_string());
        }
    }

    #[test]
    fn test_images_that_are_not_sorted_are_named() {
        let refusal = layout(&["train/a/1.png", "train/b/1.png", "val/7.png"]).unwrap_err().to_string();
        assert!(refusal.contains("val/7.png") && refusal.contains("class folder"), "{refusal}");
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
