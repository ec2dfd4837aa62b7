//! The images that copies are made of: sized by their headers, checked whole before anything is written, and kept decoded as
//! long as memory is no matter.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use vitro::image::Rgb8;

use super::preparation::Preparation;
use crate::data::File;
use crate::progress::bar::Bar;

/// Bytes of decoded images that are kept, so that a small dataset is decoded once only.
const KEPT: usize = 256 << 20;

/// Images by index.
pub struct Source {
    files: Vec<(PathBuf, File)>,
    preparation: Option<Preparation>,
    sizes: Vec<(usize, usize)>,
    kept: Vec<Option<Rgb8>>,
}

impl Source {
    /// Reads the size of each image; `preparation` makes all of them square.
    ///
    /// # Errors
    /// When a file is no image.
    pub fn new(files: Vec<(PathBuf, File)>, preparation: Option<Preparation>) -> Result<Self> {
        let measure = |(path, file): &(PathBuf, File)| {
            let found = file.dimensions().with_context(|| format!("{}", path.display()))?;
            Ok(preparation.as_ref().map_or(found, |preparation| (preparation.side(), preparation.side())))
        };
        let sizes = files.par_iter().map(measure).collect::<Result<_>>()?;
        Ok(Self { files, preparation, sizes, kept: Vec::new() })
    }

    /// Decodes every image, so that a damaged one is found before the work begins, and keeps what fits.
    ///
    /// # Errors
    /// When an image cannot be decoded.
    pub fn check(&mut self) -> Result<()> {
        let (room, bar) = (AtomicUsize::new(KEPT), Bar::new(self.len(), 0));
        let check = |index| {
            let image = self.image(index)?;
            bar.add(1);
            let bytes = image.bytes().len();
            let fits = room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(bytes)).is_ok();
            Ok(fits.then_some(image))
        };
        self.kept = (0..self.len()).into_par_iter().map(check).collect::<Result<_>>()?;
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Width and height of each.
    pub fn sizes(&self) -> impl Iterator<Item = (usize, usize)> {
        self.sizes.iter().copied()
    }

    /// Width and height of the one with the most pixels.
    pub fn largest(&self) -> (usize, usize) {
        self.sizes().max_by_key(|(width, height)| width * height).unwrap_or((1, 1))
    }

    /// The size of all of them.
    ///
    /// # Errors
    /// When they have several; the message shows two.
    pub fn one_size(&self) -> Result<(usize, usize)> {
        let first = self.largest();
        if let Some(other) = self.sizes.iter().position(|size| *size != first) {
            let (width, height) = self.sizes[other];
            bail!(
                "{} has {width}×{height} pixels and another image {}×{}; arrays need one size for all: choose --size",
                self.path(other).display(),
                first.0,
                first.1
            );
        }
        Ok(first)
    }

    /// The path that copies of image `index` get below their folder.
    pub fn path(&self, index: usize) -> &Path {
        &self.files[index].0
    }

    /// The path as it is written on every system.
    pub fn name(&self, index: usize) -> String {
        name_of(self.path(index))
    }

    /// Image `index`, as it is to be corrupted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn image(&self, index: usize) -> Result<Rgb8> {
        if let Some(Some(kept)) = self.kept.get(index) {
            return Ok(kept.clone());
        }
        let (path, file) = &self.files[index];
        let image = file.image().with_context(|| format!("{}", path.display()))?;
        Ok(match &self.preparation {
            Some(preparation) => preparation.prepare(&image),
            None => image,
        })
    }
}

/// A path with `/` between its parts.
pub(super) fn name_of(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
