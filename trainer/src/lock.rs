//! A file that one process holds at a time: the mark of a folder that is being written.
//!
//! The lock is the operating system's. It ends with the process that holds it, however that ends, so a file that a dead
//! process left behind is in nobody's way.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Opens `path` for appending, made if it is missing, and locks it; `None` while another process holds it.
pub fn hold(path: &Path) -> Result<Option<File>> {
    open(path).with_context(|| format!("cannot write {}", path.display()))
}

/// [`hold`], of an empty file that is still at `path` once it is locked.
pub fn claim(path: &Path) -> io::Result<Option<File>> {
    loop {
        let Some(file) = open(path)? else { return Ok(None) };
        // Whoever held it may have renamed or removed the file after we opened it; then this one is none of ours.
        if is_at(path, &file) {
            file.set_len(0)?;
            return Ok(Some(file));
        }
    }
}

fn open(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        // Some network drives know no locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(Some(file)),
    }
}

/// A file that is there for its lock alone, and gone once the lock is dropped.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock at `path`; `None` while another process holds it.
    pub fn take(path: &Path) -> Result<Option<Self>> {
        let claimed = claim(path).with_context(|| format!("cannot write {}", path.display()))?;
        let Some(mut file) = claimed else { return Ok(None) };
        // Only a help for people, so a full disk is no reason to stop.
        let _ = write!(file, "{}", std::process::id());
        Ok(Some(Self { path: path.to_owned(), file }))
    }

    /// The process that holds the lock at `path`, where that can be read.
    pub fn holder(path: &Path) -> Option<u32> {
        fs::read_to_string(path).ok()?.trim().parse().ok()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // The folder may have gone meanwhile, and another process may have made it anew.
        if is_at(&self.path, &self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether `path` still names `file`.
#[cfg(unix)]
fn is_at(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(named), Ok(open)) = (fs::metadata(path), file.metadata()) else { return false };
    (named.dev(), named.ino()) == (open.dev(), open.ino())
}

/// Other systems remove no file that is open.
#[cfg(not(unix))]
fn is_at(_path: &Path, _file: &File) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_has_one_holder_and_vanishes_with_it() {
        let path = std::env::temp_dir().join(format!("vitro-lock-{}", std::process::id()));
        // What a killed process leaves behind: a file with a number, locked by nobody.
        fs::write(&path, "999999999").unwrap();
        let held = Lock::take(&path).unwrap();
        assert!(held.is_some() && Lock::take(&path).unwrap().is_none());
        assert_eq!(Lock::holder(&path), Some(std::process::id()));
        drop(held);
        assert!(!path.exists());
        assert!(Lock::take(&path).unwrap().is_some());
    }
}
