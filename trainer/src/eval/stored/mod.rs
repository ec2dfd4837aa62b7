//! Corrupted images that are on disk: ImageNet-C, Tiny-ImageNet-C, CIFAR-10-C, and what `vitro corrupt` writes.
//!
//! A folder is either a [`tree`] of image files or a set of numpy [`arrays`]. Only what is there is measured, but what is
//! there must be the same images in every cell: means over cells of different images say nothing. Labels are those of the
//! benchmark; what they are to a model is not known here.

mod arrays;
mod tree;

use std::path::Path;

use anyhow::{Result, ensure};
use vitro::corruption::{Corruption, Severity};
use vitro::image::Rgb8;
use vitro::protocol::Layout;

use crate::data::archive_stem;
use arrays::Arrays;
use tree::Tree;

/// A benchmark on disk.
pub struct Stored {
    /// Name of its folder.
    pub name: String,
    kind: Kind,
}

enum Kind {
    Tree(Tree),
    Arrays(Arrays),
}

impl Stored {
    /// Looks at the folder `path`; of the cells, only `wanted` are looked at.
    ///
    /// # Errors
    /// When there are no such cells, one cell in two places, or cells of different images.
    pub fn open(path: &Path, wanted: impl Fn(&Corruption, Severity) -> bool) -> Result<Self> {
        ensure!(
            path.is_dir(),
            "{} is not a folder; unpack the benchmark and name the folder that holds it",
            path.display()
        );
        let kind = if path.join("labels.npy").is_file() {
            Kind::Arrays(Arrays::open(path, wanted)?)
        } else {
            Kind::Tree(Tree::open(path, wanted)?)
        };
        Ok(Self { name: archive_stem(&std::path::absolute(path)?), kind })
    }

    /// Whether a cell is there.
    pub fn has(&self, corruption: &Corruption, severity: Severity) -> bool {
        match &self.kind {
            Kind::Tree(tree) => tree.has(corruption.name, severity),
            Kind::Arrays(arrays) => arrays.has(corruption.name),
        }
    }

    /// Class folders, in the order of the labels; arrays have numbers only.
    pub fn folders(&self) -> Option<&[String]> {
        match &self.kind {
            Kind::Tree(tree) => Some(tree.folders()),
            Kind::Arrays(_) => None,
        }
    }

    /// Labels of the images, the same in every cell.
    pub fn labels(&self) -> Vec<usize> {
        match &self.kind {
            Kind::Tree(tree) => tree.labels(),
            Kind::Arrays(arrays) => arrays.labels().to_vec(),
        }
    }

    /// How the images are kept.
    pub fn layout(&self) -> Layout {
        match &self.kind {
            Kind::Tree(tree) => tree.layout(),
            Kind::Arrays(_) => Layout::Arrays,
        }
    }

    /// Width and height of the first image, pixels.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn size(&self) -> Result<[usize; 2]> {
        match &self.kind {
            Kind::Tree(tree) => tree.size(),
            Kind::Arrays(arrays) => Ok(arrays.size()),
        }
    }

    /// A name for image `index` that tells a person which one it is.
    pub fn name(&self, index: usize) -> String {
        match &self.kind {
            Kind::Tree(tree) => tree.name(index),
            Kind::Arrays(_) => format!("image {index} of the arrays"),
        }
    }

    /// Image `index` of a cell that is there.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn image(&self, corruption: &Corruption, severity: Severity, index: usize) -> Result<Rgb8> {
        match &self.kind {
            Kind::Tree(tree) => tree.image(corruption.name, severity, index),
            Kind::Arrays(arrays) => arrays.image(corruption.name, severity, index),
        }
    }
}
