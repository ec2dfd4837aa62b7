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

/// Bytes that may still be written below `path`, which need not exist yet; unknown on systems other than Unix.
pub fn free(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|above| above.exists() || above.as_os_str().is_empty())?;
    let there = if there.as_os_str().is_empty() { Path::new(".") } else { there };
    #[cfg(unix)]
    {
        let about = rustix::fs::statvfs(there).ok()?;
        Some(about.f_bavail.saturating_mul(about.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = there;
        None
    }
}

fn unfinished(path: &Path) -> PathBuf {
    beside(path, ".unfinished")
}

/// `path` with `ending` after its name.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn the_space_of_a_folder_that_is_still_to_come_is_known() {
        let here = free(Path::new(".")).unwrap();
        assert!(here > 0);
        assert!(free(Path::new("no/such/folder")).is_some() && free(Path::new("/no/such")).is_some());
    }
}
