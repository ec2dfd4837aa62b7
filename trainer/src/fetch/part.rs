//! What has come of a file so far: `NAME.part`, and beside it `NAME.part.from`, the mark by which its host knows the file.
//!
//! One process writes it at a time. Its hash grows with it, so that the whole file need not be read again at the end.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{disk, lock};

/// Read at once.
pub(super) const CHUNK: usize = 1 << 16;

/// A file in the making.
pub(super) struct Part {
    pub(super) path: PathBuf,
    mark_file: PathBuf,
    file: File,
    /// Bytes that are there.
    pub(super) length: u64,
    /// What the host called the file that they are of.
    pub(super) mark: Option<String>,
    hash: Sha256,
}

impl Part {
    /// That of `target`. What an earlier process left counts if it can be told that it is of the same file: by the mark that
    /// the host gave it, or in the end by the hash, where one `is_published`.
    pub(super) fn open(target: &Path, is_published: bool) -> Result<Self> {
        let path = disk::beside(target, ".part");
        let mark_file = disk::beside(&path, ".from");
        let file = lock::hold(&path)?;
        let file =
            file.with_context(|| format!("{} is being written by another vitro; wait for it", path.display()))?;
        let mark = fs::read_to_string(&mark_file).ok().filter(|mark| !mark.is_empty() && !mark.contains(['\r', '\n']));
        let mut part = Self { path, mark_file, file, length: 0, mark, hash: Sha256::new() };
        if part.mark.is_some() || is_published {
            part.take_up().with_context(|| format!("cannot read {}; remove it", part.path.display()))?;
        } else {
            part.begin(None)?;
        }
        Ok(part)
    }

    fn take_up(&mut self) -> Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut buffer = vec![0; CHUNK];
        loop {
            let read = self.file.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            self.hash.update(&buffer[..read]);
            self.length += read as u64;
        }
    }

    /// Drops what is there, for a file with this mark.
    pub(super) fn begin(&mut self, mark: Option<String>) -> Result<()> {
        self.file.set_len(0).with_context(|| self.cannot())?;
        (self.length, self.hash) = (0, Sha256::new());
        let written = match &mark {
            Some(mark) => fs::write(&self.mark_file, mark),
            None if self.mark_file.exists() => fs::remove_file(&self.mark_file),
            None => Ok(()),
        };
        written.with_context(|| self.cannot())?;
        self.mark = mark;
        Ok(())
    }

    /// Adds what came.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).with_context(|| self.cannot())?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// The SHA-256 of what is there.
    pub(super) fn sha256(&self) -> String {
        hexadecimal(self.hash.clone())
    }

    /// Gives the file its name.
    pub(super) fn finish(self, target: &Path) -> Result<()> {
        // The rename must not reach the disk before the bytes do.
        self.file.sync_all().with_context(|| self.cannot())?;
        let Self { path, mark_file, file, .. } = self;
        drop(file);
        fs::rename(&path, target)
            .with_context(|| format!("cannot rename {} to {}", path.display(), target.display()))?;
        let _ = fs::remove_file(mark_file);
        Ok(())
    }

    /// Leaves nothing behind.
    pub(super) fn remove(self) {
        let Self { path, mark_file, file, .. } = self;
        drop(file);
        let _ = fs::remove_file(path);
        let _ = fs::remove_file(mark_file);
    }

    fn cannot(&self) -> String {
        format!("cannot write {}; free some space or choose another folder", self.path.display())
    }
}

/// The SHA-256 of a file.
pub(super) fn sha256_of(path: &Path) -> Result<String> {
    let cannot = || format!("cannot read {}", path.display());
    let mut file = File::open(path).with_context(cannot)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        let read = file.read(&mut buffer).with_context(cannot)?;
        if read == 0 {
            return Ok(hexadecimal(hash));
        }
        hash.update(&buffer[..read]);
    }
}

fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
