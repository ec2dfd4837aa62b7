//! Some of a model's classes, or all of them in an order that the person gives: `vitro eval --classes`.
//!
//! ImageNet-A and ImageNet-R have two hundred of ImageNet's classes, Imagenette has ten. Only the listed logits can be chosen,
//! and the k-th class folder, or label k of an array, is the k-th of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use super::{classes, imagenet};
use crate::data::cache::Room;
use crate::data::folder::Folder;
use crate::data::layout::{self, Split};
use crate::data::{File, Set, archive_stem, files};
use crate::disk;

/// Some of a model's classes. Label k of the images means the k-th of `columns`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subset {
    /// `imagenet-a`, `imagenet-r`, or the file that lists them.
    pub name: String,
    /// Which logits stay, in the order of the class folders.
    pub columns: Vec<usize>,
    /// Names that the class folders must have, if they are known.
    folders: Option<Vec<String>>,
}

impl Subset {
    /// `imagenet-a`, `imagenet-r`, or a JSON file with a list of columns.
    ///
    /// # Errors
    /// For a file that is no such list.
    pub fn read(text: &str) -> Result<Self> {
        let named = match text {
            "imagenet-a" => Some(imagenet::IMAGENET_A),
            "imagenet-r" => Some(imagenet::IMAGENET_R),
            _ => None,
        };
        if let Some(columns) = named {
            let all = imagenet::folders();
            let folders = columns.iter().map(|column| all[*column].clone()).collect();
            return Ok(Self { name: text.to_owned(), columns: columns.to_vec(), folders: Some(folders) });
        }
        let path = Path::new(text);
        ensure!(path.is_file(), "there are no classes `{text}`; choose imagenet-a, imagenet-r or a JSON file");
        let unclear = || format!("{text} is not a list of columns; write a JSON list such as [0, 3, 7]");
        let columns: Vec<usize> = serde_json::from_slice(&disk::read(path)?).with_context(unclear)?;
        ensure!(columns.len() >= 2, "{text} lists {} columns; two are the least to choose from", columns.len());
        let twice = columns.iter().enumerate().find(|(index, column)| columns[..*index].contains(column));
        ensure!(twice.is_none(), "{text} lists column {} twice", twice.map_or(0, |(_, column)| *column));
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, columns, folders: None })
    }

    /// Refuses a model that lacks some of the columns.
    ///
    /// # Errors
    /// When it does; the lists of ImageNet need its thousand classes.
    pub fn ensure_fits(&self, classes: usize) -> Result<()> {
        let imagenet = self.folders.is_none() || classes == imagenet::COUNT;
        let largest = self.columns.iter().max().copied().unwrap_or_default();
        ensure!(
            imagenet && largest < classes,
            "--classes {} needs a model of {} classes, this one has {classes}",
            self.name,
            if self.folders.is_some() { imagenet::COUNT } else { largest + 1 }
        );
        Ok(())
    }

    /// Refuses class folders, in their order, that cannot be the classes of the list.
    ///
    /// # Errors
    /// When there are more or fewer, or others than the list knows by name.
    pub fn ensure_are(&self, folders: &[String], place: &Path) -> Result<()> {
        let (found, wanted) = (folders.len(), self.columns.len());
        let (shown, name) = (place.display(), &self.name);
        ensure!(found == wanted, "{shown} holds {found} class folders, but {name} has {wanted} classes");
        let known = self.folders.iter().flatten();
        if let Some((found, wanted)) = folders.iter().zip(known).find(|(found, wanted)| found != wanted) {
            bail!("{shown} has a folder {found} where {name} has {wanted}; check which set it is");
        }
        Ok(())
    }

    /// All images in the class folders at `path`, or those of its test split; the k-th folder is label k.
    ///
    /// # Errors
    /// When there are other folders than classes, or unreadable ones.
    pub fn open(&self, path: &Path) -> Result<Set> {
        ensure!(path.exists(), "there is nothing at {}; name the folder of the class folders", path.display());
        let mut by_class: BTreeMap<String, Vec<File>> = BTreeMap::new();
        for (below, file) in layout::part(files::list(path)?, Split::Test) {
            // Other files are none of our business.
            if let Some(class) = class_of(&below).filter(|_| file.is_said_to_be_image()) {
                by_class.entry(class).or_default().push(file);
            }
        }
        let mut classes: Vec<String> = by_class.keys().cloned().collect();
        classes::sort(&mut classes).with_context(|| format!("in {}", path.display()))?;
        self.ensure_are(&classes, path)?;
        let labelled = classes.iter().enumerate().map(|(label, class)| (label, by_class.remove(class)));
        let images =
            labelled.flat_map(|(label, files)| files.into_iter().flatten().map(move |file| (file, label))).collect();
        let images = Arc::new(Folder::new(images, &Room::default()));
        let title = archive_stem(&std::path::absolute(path)?);
        Ok(Set { title, classes, train: images.clone(), validation: None, test: images, train_data: String::new() })
    }
}

/// The class folder of a file.
fn class_of(below: &Path) -> Option<String> {
    let mut parts = below.components();
    let class = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().is_some().then_some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_imagenet_need_its_thousand_classes() {
        let subset = Subset::read("imagenet-a").unwrap();
        assert_eq!((subset.columns.len(), subset.columns[0]), (200, 6));
        subset.ensure_fits(1000).unwrap();
        let refusal = subset.ensure_fits(989).unwrap_err().to_string();
        assert!(refusal.contains("1000"), "{refusal}");
        assert!(Subset::read("imagenet-b").unwrap_err().to_string().contains("imagenet-r"));
    }
}
