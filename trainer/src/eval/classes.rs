//! Which classes a model chooses among, and whether class folders are those classes.
//!
//! A model's classes have names; folders of ImageNet have WordNet ids; an imported checkpoint may know only numbers. The label
//! of a folder is never guessed: the names are equal, or both sides are the thousand of ImageNet, or the model has no names.
//! [`Subset`] leaves a model some of its classes, as ImageNet-A and ImageNet-R ask for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};

use super::imagenet;
use crate::data::folder::Folder;
use crate::data::layout::{self, Split};
use crate::data::{File, Set, archive_stem, files, names::class_name, names::sort_classes};
use crate::disk;

/// The label of each of `folders`, which are sorted, among `classes`.
///
/// # Errors
/// When they are not the same classes.
pub fn labels(folders: &[String], classes: &[String]) -> Result<Vec<usize>> {
    let place = |folder: &String| classes.iter().position(|class| class_name(class) == class_name(folder));
    if folders.len() == classes.len() {
        match folders.iter().map(place).collect::<Option<Vec<usize>>>() {
            Some(labels) => return Ok(labels),
            None if nameless(classes) || is_imagenet(folders) => return Ok((0..folders.len()).collect()),
            None => {}
        }
    }
    let foreign = folders.iter().find(|folder| place(folder).is_none());
    let foreign = foreign.map_or(String::new(), |folder| format!("; `{folder}` is none of the model's"));
    bail!(
        "the images have other classes than the model ({} and {}, first {:?} and {:?}{foreign}); choose matching images",
        folders.len(),
        classes.len(),
        folders.first().map_or("", String::as_str),
        classes.first().map_or("", String::as_str),
    )
}

/// Whether the names say nothing: an imported checkpoint's `class 0`, `class 1`, ….
fn nameless(classes: &[String]) -> bool {
    classes.iter().enumerate().all(|(index, class)| *class == format!("class {index}"))
}

/// Whether these are ImageNet's thousand class folders.
pub fn is_imagenet(folders: &[String]) -> bool {
    let all = imagenet::folders();
    folders.len() == all.len() && folders.iter().zip(&all).all(|(ours, all)| class_name(ours) == class_name(all))
}

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
        let imagenet = self.folders.is_none() || classes == 1000;
        let largest = self.columns.iter().max().copied().unwrap_or_default();
        ensure!(
            imagenet && largest < classes,
            "--classes {} needs a model of {} classes, this one has {classes}",
            self.name,
            if self.folders.is_some() { 1000 } else { largest + 1 }
        );
        Ok(())
    }

    /// All images in the class folders at `path`, or those of its test split; the k-th folder in sorted order is label k.
    ///
    /// # Errors
    /// When there are other folders than classes, or unreadable ones.
    pub fn open(&self, path: &Path) -> Result<Set> {
        ensure!(path.exists(), "there is nothing at {}; name the folder of the class folders", path.display());
        let mut by_class: BTreeMap<String, Vec<File>> = BTreeMap::new();
        for (below, file) in layout::part(files::list(path)?, Split::Test) {
            if let Some(class) = class_of(&below) {
                by_class.entry(class).or_default().push(file);
            }
        }
        let mut classes: Vec<String> = by_class.keys().cloned().collect();
        sort_classes(&mut classes);
        let (found, wanted) = (classes.len(), self.columns.len());
        let (shown, name) = (path.display(), &self.name);
        ensure!(found == wanted, "{shown} holds {found} class folders, but {name} has {wanted} classes");
        let known = self.folders.iter().flatten();
        if let Some((found, wanted)) = classes.iter().zip(known).find(|(found, wanted)| found != wanted) {
            bail!("{shown} has a folder {found} where {name} has {wanted}; check which set it is");
        }
        let labelled = classes.iter().map(|class| by_class.remove(class).unwrap_or_default()).enumerate();
        let images = labelled.flat_map(|(label, files)| files.into_iter().map(move |file| (file, label))).collect();
        let images = Arc::new(Folder::new(images)?);
        let title = archive_stem(&std::path::absolute(path)?);
        Ok(Set { title, classes, train: images.clone(), test: images, train_data: String::new() })
    }
}

/// The class folder of an image; other files are none of our business.
fn class_of(below: &Path) -> Option<String> {
    let ending = below.extension()?.to_string_lossy().to_lowercase();
    let mut parts = below.components();
    let class = parts.next()?.as_os_str().to_string_lossy().into_owned();
    (layout::IMAGES.contains(&ending.as_str()) && parts.next().is_some()).then_some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn folders_are_labelled_by_the_models_names() {
        assert_eq!(labels(&strings(&["a", "b"]), &strings(&["b", "a"])).unwrap(), [1, 0]);
        assert_eq!(labels(&strings(&["n01440764", "n03028079"]), &strings(&["tench", "church"])).unwrap(), [0, 1]);
        assert_eq!(labels(&strings(&["x", "y"]), &strings(&["class 0", "class 1"])).unwrap(), [0, 1]);
        let english: Vec<String> = (0..1000).map(|index| format!("thing {index}")).collect();
        assert_eq!(labels(&imagenet::folders(), &english).unwrap()[999], 999);
    }

    #[test]
    fn other_classes_are_refused_by_name() {
        let refusal = labels(&strings(&["a", "c"]), &strings(&["a", "b"])).unwrap_err().to_string();
        assert!(refusal.contains("`c`"), "{refusal}");
        assert!(labels(&strings(&["a"]), &strings(&["a", "b"])).is_err());
        assert!(labels(&strings(&["x", "y"]), &strings(&["class 0", "class 1", "class 2"])).is_err());
    }

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
