//! Images from files, sorted into class folders: the kind that takes whatever the others leave.

use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use rayon::prelude::*;
use vitro::image::Rgb8;
use vitro::measurement::reduced;

use super::cache::{Cache, Room};
use super::source::{Kind, Origin};
use super::{File, Images, Sample};

/// The kind.
pub(super) const KIND: Kind = Kind {
    name: "folders",
    words: "class folders, alone or in train/ and test/, in a folder or an archive (.tar.zst, .tar.gz, .tar.bz2, .tar, .zip)",
    origin: Origin::Files { detect: |_| true, arrange: Ok, alone: None },
};

/// Labelled files of one split.
pub struct Folder {
    files: Vec<(File, usize)>,
    cache: Cache,
    /// Bytes of each file, where they could be told.
    sizes: OnceLock<Vec<Option<u64>>>,
}

impl Folder {
    /// Takes the files as they are; decoded images are kept as long as there is `room`.
    pub fn new(files: Vec<(File, usize)>, room: &Room) -> Self {
        let cache = Cache::new(files.len(), room);
        Self { files, cache, sizes: OnceLock::new() }
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

    /// Who asks for one size asks for all of them, so that a million files are not looked at one by one.
    fn size(&self, index: usize) -> Result<u64> {
        if self.sizes.get().is_none() {
            // Not inside of the cell: a thread that waits for others may be given work that asks for a size.
            let found = self.files.par_iter().map(|(file, _)| file.size().ok()).collect();
            self.sizes.get_or_init(|| found);
        }
        match self.sizes.get().and_then(|sizes| sizes[index]) {
            Some(size) => Ok(size),
            None => self.files[index].0.size(),
        }
    }

    fn name(&self, index: usize) -> String {
        self.files[index].0.name()
    }
}

/// Large images are [reduced], so that photographs do not fill the memory.
fn load(file: &File) -> Result<Rgb8> {
    Ok(reduced(file.image().with_context(|| format!("in {}", file.name()))?))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use vitro::image::encode_png;

    use super::*;
    use crate::data::files::Container;

    /// Images of which each is as large as its number, and how often anything was asked of them.
    #[derive(Debug, Default)]
    struct Counted {
        reads: AtomicUsize,
        sizes: AtomicUsize,
    }

    impl Container for Counted {
        fn read(&self, index: usize) -> Result<Vec<u8>> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            Ok(encode_png(&Rgb8::from_fn(index + 1, 1, |_, _| [7; 3])))
        }
        fn size(&self, index: usize) -> u64 {
            self.sizes.fetch_add(1, Ordering::Relaxed);
            index as u64
        }
    }

    #[test]
    fn sizes_are_looked_at_once_and_nothing_is_read_before_it_is_needed() {
        let container = Arc::new(Counted::default());
        let file = |index: usize| (File::within(vec![format!("{index}.png")], container.clone(), index), index % 2);
        let folder = Folder::new((0..100).map(file).collect(), &Room::default());
        let asked = || (container.reads.load(Ordering::Relaxed), container.sizes.load(Ordering::Relaxed));
        assert!((0..100).all(|index| folder.label(index).unwrap() == index % 2));
        assert_eq!(asked(), (0, 0));
        for _ in 0..2 {
            assert!((0..100).all(|index| folder.size(index).unwrap() == index as u64));
        }
        assert_eq!(asked(), (0, 100));
        for _ in 0..2 {
            assert_eq!(folder.sample(41).unwrap().image.width(), 42);
        }
        assert_eq!(asked(), (1, 100));
    }
}
