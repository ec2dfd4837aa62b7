//! Tiny-ImageNet as it is downloaded: all validation images lie in `val/images/`, and `val/val_annotations.txt` says which
//! class each one is of. The images in `test/images/` have no labels at all, so `val` is what there is to test on.
//!
//! Classes are called by their folders, as in the corrupted copies of the dataset, which have no `words.txt` that would tell
//! other names.
//!
//! A line of the list is the file's name, the class folder, and a box, separated by tabs.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

use super::files::File;
use super::source::{Kind, Origin};

/// The kind.
pub(super) const KIND: Kind = Kind {
    name: "tiny-imagenet",
    words: "Tiny-ImageNet with the labels of val/val_annotations.txt, in a folder or an archive",
    origin: Origin::Files { detect: |files| places(files).is_some(), arrange, alone: None },
};

const LIST: &str = "val_annotations.txt";
const IMAGES: &str = "images";

/// The list, and the folder that it is about: one without class folders.
fn places(files: &[File]) -> Option<(&File, &[String])> {
    let lists = files.iter().filter_map(|file| {
        let (name, folder) = file.path.split_last()?;
        (name == LIST).then_some((file, folder))
    });
    let mut lists = lists.filter(|(_, folder)| files.iter().any(|file| is_loose(file, folder)));
    lists.next()
}

/// Whether a file lies in the folder of images at `folder`, without a class.
fn is_loose(file: &File, folder: &[String]) -> bool {
    let path = &file.path;
    path.len() == folder.len() + 2 && path.starts_with(folder) && path[folder.len()] == IMAGES
}

/// Whether a file is one of those in the folder `test` beside `val`, which nobody may know the classes of.
fn is_without_label(file: &File, val: &[String]) -> bool {
    let Some((_, root)) = val.split_last() else { return false };
    let test: Vec<String> = root.iter().cloned().chain(["test".to_owned()]).collect();
    is_loose(file, &test)
}

fn arrange(files: Vec<File>) -> Result<Vec<File>> {
    let Some((list, folder)) = places(&files) else { return Ok(files) };
    let (mut labels, folder) = (labels(list)?, folder.to_vec());
    let (listed, depth) = (list.name(), folder.len());
    let mut sorted = Vec::with_capacity(files.len());
    for mut file in files.into_iter().filter(|file| !is_without_label(file, &folder)) {
        if is_loose(&file, &folder) {
            let class = labels.remove(file.path[depth + 1].as_str());
            let class = class.with_context(|| format!("{} is not in {listed}; remove it", file.name()))?;
            file.path[depth] = class;
        }
        sorted.push(file);
    }
    if let Some(missing) = labels.keys().min() {
        bail!("{listed} has {missing}, which is missing, and {} others; unpack it again", labels.len() - 1);
    }
    Ok(sorted)
}

/// The class of each image.
fn labels(list: &File) -> Result<HashMap<String, String>> {
    let (bytes, name) = (list.read()?, list.name());
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{name} is no text; unpack it again"))?;
    let mut labels = HashMap::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut fields = line.split_ascii_whitespace();
        let (Some(image), Some(class)) = (fields.next(), fields.next()) else {
            bail!("line {} of {name} has no class; unpack it again", number + 1);
        };
        let is_name = !class.contains(['/', '\\']) && !class.starts_with('.');
        ensure!(is_name, "line {} of {name} names no class folder; unpack it again", number + 1);
        let before = labels.insert(image.to_owned(), class.to_owned());
        ensure!(before.is_none(), "{name} has {} twice; unpack it again", super::names::shown(image));
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &str, paths: &[&str]) -> Vec<File> {
        let file = |path: &str, bytes: &[u8]| {
            File::in_memory(path.split('/').map(str::to_owned).collect(), bytes.to_vec().into())
        };
        let images = paths.iter().map(|path| file(path, b""));
        images.chain([file("t/val/val_annotations.txt", list.as_bytes())]).collect()
    }

    #[test]
    fn an_image_without_a_line_and_a_line_without_an_image_are_refused_by_name() {
        let images = ["t/train/a/images/1.JPEG", "t/val/images/1.JPEG"];
        let refusal = |list: &str| arrange(files(list, &images)).unwrap_err().to_string();
        assert!(refusal("2.JPEG\ta\n").contains("val/images/1.JPEG"));
        assert!(refusal("1.JPEG\ta\n2.JPEG\ta\n").contains("2.JPEG"));
        assert!(refusal("1.JPEG\n").contains("line 1"));
        assert!(refusal("1.JPEG\t../b\n").contains("line 1"));
    }

    #[test]
    fn a_copy_that_somebody_sorted_is_left_as_it_is() {
        assert!(places(&files("1.JPEG\ta\n", &["t/train/a/1.JPEG", "t/val/a/1.JPEG"])).is_none());
        assert!(places(&files("1.JPEG\ta\n", &["t/train/a/1.JPEG", "t/val/a/images/1.JPEG"])).is_none());
    }
}
