//! Images from files, sorted into class folders: the kind that takes whatever the others leave.

use std::sync::Arc;

use anyhow::{Context, Result};
use vitro::image::Rgb8;

use super::cache::{Cache, Room};
use super::source::{Kind, Origin};
use super::{File, Images, Sample};

/// The kind.
pub(super) const KIND: Kind = Kind {
    name: "folders",
    words: "class folders, alone or in train/ and test/, in a folder or an archive (.tar.zst, .tar.gz, .tar.bz2, .tar, .zip)",
    origin: Origin::Files { detect: |_| true, arrange: Ok, alone: None },
};

/// Longest side that is kept; larger images are halved until they fit, so that photographs do not fill the memory.
const KEPT_SIDE: usize = 512;

/// Labelled files of one split.
pub struct Folder {
    files: Vec<(File, usize)>,
    cache: Cache,
}

impl Folder {
    /// Takes the files as they are; decoded images are kept as long as there is `room`.
    pub fn new(files: Vec<(File, usize)>, room: &Room) -> Self {
        let cache = Cache::new(files.len(), room);
        Self { files, cache }
    }
}

impl Images for Folder {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn sample(&self, index: usize) -> Result<Arc<Sample>> {
        let (file, label) = &self.files[index];
        self.cache.get(index, || Ok(Sample { image: load(file)?, label: *label }))
    }

    fn label(&self, index: usize) -> Result<usize> {
        Ok(self.files[index].1)
    }

    fn size(&self, index: usize) -> Result<u64> {
        self.files[index].0.size()
    }

    fn name(&self, index: usize) -> String {
        self.files[index].0.name()
    }
}

fn load(file: &File) -> Result<Rgb8> {
    let mut image = file.image().with_context(|| format!("in {}", file.name()))?;
    while image.width().min(image.height()) >= 2 * KEPT_SIDE {
        image = image.resize(image.width() / 2, image.height() / 2, vitro::image::Filter::Box);
    }
    Ok(image)
}
