//! The files under a folder or inside an archive, in sorted order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use vitro::image::{self, Rgb8};

use super::archive::{self, FILES, MEMBER};
use super::clutter::{is_clutter, is_clutter_above_all};
use super::names::{shown, text};
use super::source;
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
    Memory(Arc<Vec<u8>>),
    Pixels(Pixels),
}

/// A square image inside a larger file: a plane of red, one of green, one of blue.
#[derive(Clone, Debug)]
pub struct Pixels {
    /// The larger file.
    pub file: Arc<Vec<u8>>,
    /// Where the red plane begins.
    pub at: usize,
    /// Pixels of a row.
    pub side: usize,
}

impl Pixels {
    fn image(&self) -> Rgb8 {
        let plane = self.side * self.side;
        let value = |channel: usize, x: usize, y: usize| {
            self.file.get(self.at + channel * plane + y * self.side + x).copied().unwrap_or_default()
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

    /// One file by itself.
    pub(super) fn on_disk(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self { path: vec![text(name.as_encoded_bytes())], bytes: Bytes::Disk(path.to_owned()) }
    }

    /// The content; of an image that is only a part of a file, the image as PNG.
    pub fn read(&self) -> Result<Arc<Vec<u8>>> {
        match &self.bytes {
            Bytes::Disk(path) => {
                check(path)?;
                Ok(disk::read(path)?.into())
            }
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

    /// The first bytes, enough to tell an image from something else.
    pub fn start(&self) -> Result<Vec<u8>> {
        use std::io::Read;
        match &self.bytes {
            Bytes::Disk(path) => {
                check(path)?;
                let mut start = Vec::with_capacity(16);
                let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
                file.take(16).read_to_end(&mut start)?;
                Ok(start)
            }
            Bytes::Memory(bytes) => Ok(bytes[..bytes.len().min(16)].to_vec()),
            Bytes::Pixels(_) => Ok(b"\x89PNG\r\n\x1a\n".to_vec()),
        }
    }

    /// How many bytes there are.
    pub fn size(&self) -> Result<u64> {
        match &self.bytes {
            Bytes::Disk(path) => {
                let about = path.metadata().with_context(|| format!("cannot read {}", path.display()))?;
                Ok(about.len())
            }
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
        let mut files = Vec::new();
        walk(path, &mut Vec::new(), &mut Vec::new(), &mut files)?;
        files
    } else {
        archive::read(path)?
    };
    let files = without_clutter(found).with_context(|| format!("in {}", path.display()))?;
    let mut files = source::arranged(files).with_context(|| format!("in {}", path.display()))?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
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
    let kept: Vec<File> =
        files.iter().filter(|file| !file.path[above..].iter().any(|part| is_clutter(part))).cloned().collect();
    if let (true, Some(file)) = (kept.is_empty(), files.first()) {
        let hidden = file.path.iter().find(|part| is_clutter(part)).map_or("", String::as_str);
        bail!("all files lie in hidden folders such as {}; rename them", shown(hidden));
    }
    Ok(kept)
}

/// Adds the files below `folder`; `above` are the folders on the way, by their true places.
fn walk(folder: &Path, parts: &mut Vec<String>, above: &mut Vec<PathBuf>, files: &mut Vec<File>) -> Result<()> {
    let cannot = || format!("cannot list {}", shown(&folder.to_string_lossy()));
    let place = folder.canonicalize().with_context(cannot)?;
    ensure!(
        !above.contains(&place),
        "{} is a link to a folder that it lies in; remove the link",
        shown(&folder.to_string_lossy())
    );
    above.push(place);
    for entry in std::fs::read_dir(folder).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let name = text(entry.file_name().as_encoded_bytes());
        if is_clutter_above_all(&name) {
            continue;
        }
        parts.push(name);
        let path = entry.path();
        if path.is_dir() {
            walk(&path, parts, above, files)?;
        } else {
            files.push(File { path: parts.clone(), bytes: Bytes::Disk(path) });
        }
        parts.pop();
        ensure!(
            files.len() <= FILES,
            "there are more than {FILES} files below {}; name a smaller folder",
            folder.display()
        );
    }
    above.pop();
    Ok(())
}
