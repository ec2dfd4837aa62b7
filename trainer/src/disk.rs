//! Writing files so that a reader never sees half of one: a temporary name beside the target, then a rename.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Writes `path` through a temporary file. When anything fails, `path` keeps what it held and the temporary file is gone.
pub fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    let unfinished = unfinished(path);
    let written = (|| {
        let mut file = BufWriter::new(File::create(&unfinished)?);
        fill(&mut file)?;
        file.flush()?;
        // The rename must not reach the disk before the bytes do.
        file.get_ref().sync_all()?;
        fs::rename(&unfinished, path)?;
        Ok(())
    })();
    written.map_err(|error: anyhow::Error| {
        let _ = fs::remove_file(&unfinished);
        error.context(format!("cannot write {}; free some space or choose another folder", path.display()))
    })
}

/// [`replace`] with all bytes at hand.
pub fn replace_with(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, |file| Ok(file.write_all(bytes)?))
}

/// Reads a whole file, or says which one could not be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}; check the path", path.display()))
}

/// [`read`] for text.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}; check the path", path.display()))
}

/// A folder that appears under its name only when [`Unfinished::finish`] is called, and vanishes otherwise.
#[derive(Debug)]
pub struct Unfinished {
    target: PathBuf,
    folder: PathBuf,
}

impl Unfinished {
    /// Starts a folder that will become `target`, which must not exist yet or be empty.
    pub fn start(target: &Path) -> Result<Self> {
        let occupied = target.is_file() || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some());
        anyhow::ensure!(!occupied, "{} exists already; remove it or choose another name", target.display());
        let folder = unfinished(target);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {}; remove it", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        Ok(Self { target: target.to_owned(), folder })
    }

    /// Where to write meanwhile.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Gives the folder its name.
    pub fn finish(self) -> Result<()> {
        if self.target.is_dir() {
            fs::remove_dir(&self.target)?;
        }
        fs::rename(&self.folder, &self.target)
            .with_context(|| format!("cannot rename {} to {}", self.folder.display(), self.target.display()))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After `finish` there is nothing left under this name.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    path.with_file_name(name)
}
