//! Labelled images: rendered scenes, image folders, archives of image folders, and what [`source`] lists beside them.
//!
//! A [`Set`] is a source cut into training and test images with the same classes. Images are asked for by index, so
//! any worker can fetch any of them at any time; small ones stay in memory once decoded or rendered.

pub mod archive;
pub mod augment;
pub mod batch;
pub mod cache;
pub mod check;
mod cifar;
pub mod clutter;
pub mod corruptible;
pub mod damaged;
pub mod files;
pub mod folder;
pub mod layout;
mod listing;
pub mod names;
mod parquet;
pub mod photographs;
mod remembered;
pub mod scenes;
mod shards;
pub mod sheet;
pub mod source;
mod tiny_imagenet;
mod validation;
mod webdataset;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use vitro::image::Rgb8;
use vitro::measurement::balanced;
use vitro::measurement::classes::class_name;
use vitro::protocol::Split;

pub use archive::{is_archive, stem as archive_stem};
pub use files::File;
pub use source::Source;

use crate::recipe::Data;

/// An image with its label.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The pixels, at the size the source has them.
    pub image: Rgb8,
    /// Index into the set's classes.
    pub label: usize,
}

/// Labelled images, by index.
pub trait Images: Send + Sync {
    /// How many there are; for an endless source, how many make an epoch.
    fn len(&self) -> usize;
    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Whether indices from `len()` on give further images.
    fn is_endless(&self) -> bool {
        false
    }
    /// Image `index` and its label.
    fn sample(&self, index: usize) -> Result<Arc<Sample>>;
    /// Label of image `index`; cheaper than the image where labels come from file names.
    fn label(&self, index: usize) -> Result<usize> {
        Ok(self.sample(index)?.label)
    }
    /// Bytes of the file of image `index`; 0 where there is none.
    fn size(&self, _index: usize) -> Result<u64> {
        Ok(0)
    }
    /// A name for image `index` that tells a person which one it is.
    fn name(&self, index: usize) -> String;
    /// The images that others stood in for so far, by index, with the reasons.
    fn damaged(&self) -> BTreeMap<usize, String> {
        BTreeMap::new()
    }
}

/// A dataset.
#[derive(Clone)]
pub struct Set {
    /// Name for people.
    pub title: String,
    /// Names of the classes, in label order.
    pub classes: Vec<String>,
    /// Training images.
    pub train: Arc<dyn Images>,
    /// Images to make choices on, neither trained on nor tested on, if the recipe holds some out.
    pub validation: Option<Arc<dyn Images>>,
    /// Test images.
    pub test: Arc<dyn Images>,
    /// One line that says what training saw.
    pub train_data: String,
}

impl Set {
    /// The images that are looked at after every epoch: those for validation, or else the test images.
    pub fn watched(&self) -> (Split, &dyn Images) {
        match &self.validation {
            Some(validation) => (Split::Validation, validation.as_ref()),
            None => (Split::Test, self.test.as_ref()),
        }
    }

    /// The same set with its validation images where the test images were, to be measured on them.
    ///
    /// # Errors
    /// When it has none.
    pub fn measured_on_validation(mut self) -> Result<Self> {
        let Some(validation) = self.validation.take() else {
            bail!("{} has no validation images; train with data.validation = 0.1 to hold some out", self.title)
        };
        self.test = validation;
        Ok(self)
    }
}

/// Name of the data for people: the recipe's title, or else where they come from.
pub fn title(data: &Data) -> String {
    if data.title.is_empty() { data.source.title() } else { data.title.clone() }
}

/// What images are wanted for; it matters where no folder says which are for testing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Training, or testing what was trained so: every tenth image is held out.
    Training,
    /// Testing something that never saw them: all of them are test images.
    Testing,
}

/// Opens the data of a recipe. `base` is the folder that a relative path starts from.
///
/// # Errors
/// For paths that do not exist, damaged archives, and folders that are not sorted into classes.
pub fn open(data: &Data, title: String, base: &Path) -> Result<Set> {
    Ok(open_for(Purpose::Training, data, title, base)?.0)
}

/// [`open`] for a purpose, with a remark where no folder says which images are for testing.
///
/// # Errors
/// As [`open`].
pub fn open_for(purpose: Purpose, data: &Data, title: String, base: &Path) -> Result<(Set, Option<String>)> {
    let path = match &data.source {
        Source::Made(kind) => match kind.origin {
            source::Origin::Made(open) => {
                let set = open(data, title);
                ensure!(
                    data.validation == 0.0 || set.validation.is_some(),
                    "data.validation = {} holds out none of the {} images of {}; take a larger fraction, or 0",
                    data.validation,
                    set.train.len(),
                    data.source
                );
                return Ok((set, None));
            }
            source::Origin::Files { .. } => bail!("{} have to be pointed to; name their folder", kind.name),
        },
        Source::Disk(_) => data.source.locate(base)?.unwrap_or_default(),
    };
    let layout = layout::split(files::list(&path)?, &path, purpose)?;
    let all = layout.test.len() + if layout.cut == layout::Cut::HeldOut { layout.train.len() } else { 0 };
    // Cut before the limit, so that a smaller training never sees what a larger one validates on.
    let (train, validation) = validation::cut(layout.train, data.validation);
    let (train, test) = (limit(train, data.train_size), limit(layout.test, data.test_size));
    let shown = names::shown(&path.to_string_lossy());
    ensure!(!train.is_empty(), "{shown} holds no training images; put them into train/<class>/");
    ensure!(!test.is_empty(), "{shown} holds no test images; put them into test/<class>/");
    let remark = match layout.cut {
        layout::Cut::Folders => None,
        layout::Cut::HeldOut => Some(format!("Every tenth image of {title} is a test image, {} of {all}.", test.len())),
        layout::Cut::Everything => {
            Some(format!("All {} images of {title} are test images; none is held out.", test.len()))
        }
    };
    ensure!(
        data.validation == 0.0 || !validation.is_empty(),
        "data.validation = {} holds out none of the {} training images in {shown}; take a larger fraction, or 0",
        data.validation,
        train.len()
    );
    let train_data = match validation.len() {
        0 => format!("{title}, {} images", train.len()),
        held => format!("{title}, {} images, {held} more for validation", train.len()),
    };
    let room = cache::Room::default();
    let images = |files| -> Arc<dyn Images> { Arc::new(folder::Folder::new(files, &room)) };
    let validation = (!validation.is_empty()).then(|| images(validation));
    let classes = layout.classes.iter().map(|folder| class_name(folder).to_owned()).collect();
    Ok((Set { title, classes, train: images(train), validation, test: images(test), train_data }, remark))
}

/// The first `count` files of a class-balanced walk; 0 takes all. The order of the files stays as it was.
fn limit(files: Vec<(File, usize)>, count: usize) -> Vec<(File, usize)> {
    if count == 0 || count >= files.len() {
        return files;
    }
    let labels: Vec<usize> = files.iter().map(|(_, label)| *label).collect();
    let mut keep = vec![false; files.len()];
    balanced(&labels, count).into_iter().for_each(|index| keep[index] = true);
    files.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(file, _)| file).collect()
}
