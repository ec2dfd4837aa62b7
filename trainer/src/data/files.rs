//! The files under a folder or inside an archive, in sorted order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};

use super::archive;
use crate::disk;

/// One file: its path inside the data set, and where its bytes are.
#[derive(Clone, Debug)]
pub struct File {
    /// Parts of the path below the root, the file's own name last.
    pub path: Vec<String>,
    bytes: Bytes,
}

#[derive(Clone, Debug)]
enum Bytes {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

impl File {
    /// A file of an archive, already read.
    pub(super) fn in_memory(path: Vec<String>, bytes: Vec<u8>) -> Self {
        Self { path, bytes: Bytes::Memory(bytes.into()) }
    }

    /// One file by itself.
    pub(super) fn on_disk(path: &Path) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { path: vec![name], bytes: Bytes::Disk(path.to_owned()) }
    }

    /// The content.
    pub fn read(&self) -> Result<Arc<[u8]>> {
        match &self.bytes {
            Bytes::Disk(path) => Ok(disk::read(path)?.into()),
            Bytes::Memory(bytes) => Ok(bytes.clone()),
        }
    }

    /// The first bytes, enough to tell an image from something else.
    pub fn start(&self) -> Result<Vec<u8>> {
        use std::io::Read;
        match &self.bytes {
            Bytes::Disk(path) => {
                let mut start = Vec::with_capacity(16);
                let file = std::fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
                file.take(16).read_to_end(&mut start)?;
                Ok(start)
            }
            Bytes::Memory(bytes) => Ok(bytes[..bytes.len().min(16)].to_vec()),
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
        }
    }

    /// The path as people write it.
    pub fn name(&self) -> String {
        self.path.join("/")
    }
}

/// Lists the files of a folder or archive, sorted by path; system clutter is left out.
pub fn list(path: &Path) -> Result<Vec<File>> {
    let mut files = if path.is_dir() {
        let mut files = Vec::new();
        walk(path, &mut Vec::new(), &mut files)?;
        files
    } else {
        archive::read(path)?
    };
    files.retain(|file| !file.path.iter().any(|part| is_clutter(part)));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn walk(folder: &Path, parts: &mut Vec<String>, files: &mut Vec<File>) -> Result<()> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        parts.push(entry.file_name().to_string_lossy().into_owned());
        let path = entry.path();
        if path.is_dir() {
            walk(&path, parts, files)?;
        } else {
            files.push(File { path: parts.clone(), bytes: Bytes::Disk(path) });
        }
        parts.pop();
    }
    Ok(())
}

/// Files that operating systems and archivers leave behind.
fn is_clutter(part: &str) -> bool {
    part.starts_with('.') || part == "__MACOSX" || part.eq_ignore_ascii_case("thumbs.db") || part == "desktop.ini"
}
