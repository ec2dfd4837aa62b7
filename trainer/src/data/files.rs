//! The files under a folder or inside an archive, in sorted order.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use rayon::prelude::*;
use vitro::image::{self, Rgb8};

use super::archive::{self, MEMBER};
use super::clutter::{is_clutter, is_clutter_above_all};
use super::layout::IMAGES;
use super::names::{shown, text};
use super::{listing, shards, source};
use crate::disk;

/// One file: its path inside the dataset, and where its bytes are.
#[derive(Clone, Debug)]
pub struct File {
    /// Parts of the path below the root, the file's own name last.
    pub path: Vec<String>,
    bytes: Bytes,
}

#[derive(Clone, Debug)]
enum Bytes {
    Disk(PathBuf),
    Within(Arc<dyn Container>, usize),
    Memory(Arc<Vec<u8>>),
    Pixels(Pixels),
}

/// A larger file on disk with images in it, each read when it is asked for. Any number of threads may ask.
pub(super) trait Container: fmt::Debug + Send + Sync {
    /// The encoded image with this number.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, index: usize) -> Result<Vec<u8>>;
    /// About how many bytes that are, from what is known without reading.
    fn size(&self, index: usize) -> u64;
}

/// A square image inside a larger file: a plane of red, one of green, one of blue.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// The larger file.
    pub file: Arc<Vec<u8>>,
    /// Where the red plane begins.
    pub at: usize,
    /// Bytes from one value to the next.
    pub step: usize,
    /// Pixels of a row.
    pub side: usize,
}

impl Pixels {
    fn image(&self) -> Rgb8 {
        let plane = self.side * self.side;
        let value = |channel: usize, x: usize, y: usize| {
            self.file.get(self.at + (channel * plane + y * self.side + x) * self.step).copied().unwrap_or_default()
        };
        Rgb8::from_fn(self.side, self.side, |x, y| [0, 1, 2].map(|channel| value(channel, x, y)))
    }
}

impl File {
    /// A file of an archive, already read.
    pub(super) fn in_memory(path: Vec<String>, bytes: Arc<Vec<u8>>) -> Self {
        Self { path, bytes: Bytes::Memory(bytes) }
    }

    /// An image that is only a part of a file.
    pub fn of_pixels(path: Vec<String>, pixels: Pixels) -> Self {
        Self { path, bytes: Bytes::Pixels(pixels) }
    }

    /// An image inside of a larger file.
    pub(super) fn within(path: Vec<String>, container: Arc<dyn Container>, index: usize) -> Self {
        Self { path, bytes: Bytes::Within(container, index) }
    }

    /// A file of the disk under the name `path`.
    pub(super) fn at(path: Vec<String>, place: PathBuf) -> Self {
        Self { path, bytes: Bytes::Disk(place) }
    }

    /// One file by itself.
    pub(super) fn on_disk(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self::at(vec![text(name.as_encoded_bytes())], path.to_owned())
    }

    /// Where it is, if it is a file of its own.
    pub(super) fn place(&self) -> Option<&Path> {
        match &self.bytes {
            Bytes::Disk(path) => Some(path),
            _ => None,
        }
    }

    /// Whether it is said to be an image: by the ending of its name, or by the dataset that it is a part of.
    pub fn is_said_to_be_image(&self) -> bool {
        if matches!(self.bytes, Bytes::Within(..) | Bytes::Pixels(_)) {
            return true;
        }
        let name = self.path.last().map_or("", String::as_str);
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        IMAGES.contains(&ending.as_str())
    }

    /// The content; of an image that is only a part of a file, the image as PNG.
    pub fn read(&self) -> Result<Arc<Vec<u8>>> {
        match &self.bytes {
            Bytes::Disk(path) => {
                check(path)?;
                Ok(disk::read(path)?.into())
            }
            Bytes::Within(container, index) => Ok(container.read(*index)?.into()),
            Bytes::Memory(bytes) => Ok(bytes.clone()),
            Bytes::Pixels(pixels) => Ok(image::encode_png(&pixels.image()).into()),
        }
    }

    /// The image that the file holds.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn image(&self) -> Result<Rgb8> {
        match &self.bytes {
            Bytes::Pixels(pixels) => Ok(pixels.image()),
            _ => Ok(image::decode(&self.read()?)?),
        }
    }

    /// Width and height of [`Self::image`], from its header.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn dimensions(&self) -> Result<(usize, usize)> {
        match &self.bytes {
            Bytes::Pixels(pixels) => Ok((pixels.side, pixels.side)),
            _ => Ok(image::size(&self.read()?)?),
        }
    }

    /// How many bytes there are.
    pub fn size(&self) -> Result<u64> {
        match &self.bytes {
            Bytes::Disk(path) => {
                let about = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
                Ok(about.len())
            }
            Bytes::Within(container, index) => Ok(container.size(*index)),
            Bytes::Memory(bytes) => Ok(bytes.len() as u64),
            Bytes::Pixels(pixels) => Ok((pixels.side * pixels.side * 3) as u64),
        }
    }

    /// The path as people write it.
    pub fn name(&self) -> String {
        shown(&self.path.join("/"))
    }
}

/// Refuses what cannot be read to its end: pipes, devices, links to nothing, and what no image is as large as.
fn check(path: &Path) -> Result<()> {
    let name = shown(&path.to_string_lossy());
    let about = path.metadata().with_context(|| format!("cannot read {name}; remove it if it is a link to nothing"))?;
    ensure!(about.is_file(), "{name} is no file; remove it");
    ensure!(about.len() <= MEMBER, "{name} has more than {}; no image that is read is as large", archive::size(MEMBER));
    Ok(())
}

/// The images of a folder or archive as `train/<class>/…` and `test/<class>/…`, or as they lie, sorted by path; system
/// clutter is left out.
///
/// # Errors
/// When something cannot be read, or the data are damaged.
pub fn list(path: &Path) -> Result<Vec<File>> {
    let found = if path.is_dir() {
        listing::files(path)?
    } else if let Some(paths) = shards::expanded(path)? {
        paths.into_iter().map(shard).collect::<Result<_>>()?
    } else if source::is_alone(path) {
        vec![File::on_disk(path)]
    } else {
        archive::read(path)?
    };
    let files = without_clutter(found).with_context(|| format!("in {}", path.display()))?;
    let mut files = source::arranged(files).with_context(|| format!("in {}", path.display()))?;
    files.par_sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// A folder whose name begins with a dot is clutter, unless everything lies below it.
fn without_clutter(files: Vec<File>) -> Result<Vec<File>> {
    let folders = |file: &File| file.path.len() - 1;
    let first = files.first().map(|file| file.path.clone()).unwrap_or_default();
    let is_shared = |depth: &usize| {
        let part = &first[*depth];
        !is_clutter_above_all(part) && files.iter().all(|file| folders(file) > *depth && file.path[*depth] == *part)
    };
    let above = (0..first.len().saturating_sub(1)).take_while(is_shared).count();
    let some = files.first().cloned();
    let kept: Vec<File> =
        files.into_iter().filter(|file| !file.path[above..].iter().any(|part| is_clutter(part))).collect();
    if let (true, Some(file)) = (kept.is_empty(), some) {
        let hidden = file.path.iter().find(|part| is_clutter(part)).map_or("", String::as_str);
        bail!("all files lie in hidden folders such as {}; rename them", shown(hidden));
    }
    Ok(kept)
}

/// A file of a list in braces, under its own name and that of its folder, which may tell the split.
fn shard(path: PathBuf) -> Result<File> {
    let shown = shown(&path.to_string_lossy());
    ensure!(path.is_file(), "{shown} is missing; check the numbers in braces, or download it again");
    let parts: Vec<String> = path.iter().map(|part| text(part.as_encoded_bytes())).collect();
    Ok(File::at(parts[parts.len().saturating_sub(2)..].to_vec(), path))
}
