//! Writing files so that a reader never sees half of one: a temporary name beside the target, then a rename.
//!
//! The temporary file is locked while it is written, so that of two programs that write the same file one is refused. What a
//! program that was killed left of it is in nobody's way.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::lock;
use crate::rehearsal::{self, Place};

/// Bytes that are read back at once.
const CHUNK: usize = 1 << 20;

/// A file could not be written. Errors carry it as context, so that callers know the disk for the reason.
#[derive(Debug)]
pub struct Unwritten(PathBuf);

impl fmt::Display for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}; free some space or choose another folder", self.0.display())
    }
}

/// Writes `path` through a temporary file. When anything fails, `path` keeps what it held and the temporary file is gone.
///
/// # Errors
/// [`Unwritten`] then, and a refusal while another program writes `path`.
pub fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    put(path, fill, |_, _| Ok(()))
}

/// [`replace`] with all bytes at hand.
pub fn replace_with(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, |file| Ok(file.write_all(bytes)?))
}

/// [`replace_with`] for what cannot be made again: the bytes are read back from the disk, and `path` keeps what it held unless
/// they are the same.
pub fn replace_proven(path: &Path, bytes: &[u8]) -> Result<()> {
    put(path, |file| Ok(file.write_all(bytes)?), |file, at| prove(file, at, bytes))
}

fn put(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<()>,
    prove: impl FnOnce(&File, &Path) -> Result<()>,
) -> Result<()> {
    let unfinished = unfinished(path);
    let failed = || Unwritten(path.to_owned());
    let claimed = lock::claim(&unfinished).with_context(failed)?;
    let file = claimed.with_context(|| format!("another vitro is writing {}; wait for it", path.display()))?;
    let written = (|| {
        let mut file = BufWriter::new(file);
        fill(&mut file)?;
        file.flush()?;
        rehearsal::at(Place::Write(&unfinished))?;
        // The rename must not reach the disk before the bytes do.
        file.get_ref().sync_all()?;
        prove(file.get_ref(), &unfinished)?;
        fs::rename(&unfinished, path)?;
        Ok(())
    })();
    written.map_err(|error: anyhow::Error| {
        let _ = fs::remove_file(&unfinished);
        error.context(failed())
    })
}

/// Refuses the open `file` at `path` if it holds other bytes than were written to it.
fn prove(mut file: &File, path: &Path, bytes: &[u8]) -> Result<()> {
    rehearsal::at(Place::Proof(path))?;
    // They are in memory still, where nothing happens to them; the disk is asked.
    #[cfg(target_os = "linux")]
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    let length = file.metadata()?.len();
    let mut same = length == bytes.len() as u64;
    file.seek(SeekFrom::Start(0))?;
    let mut found = vec![0; CHUNK.min(bytes.len())];
    for chunk in bytes.chunks(CHUNK) {
        same = same && file.read_exact(&mut found[..chunk.len()]).is_ok() && found[..chunk.len()] == *chunk;
    }
    ensure!(same, "what was read back is not what was written, the disk may be failing");
    Ok(())
}

/// Adds `bytes` to the end of `path`, which need not exist, and waits until they are on the disk. When that fails, a part of
/// them may be there.
///
/// # Errors
/// [`Unwritten`] then.
pub fn append(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        rehearsal::at(Place::Write(path))?;
        file.sync_data()
    });
    written.with_context(|| Unwritten(path.to_owned()))
}

/// Removes what a program that was killed left of `path` under its temporary name, unless another is writing it.
pub fn sweep(path: &Path) {
    let unfinished = unfinished(path);
    if unfinished.is_file() && matches!(lock::claim(&unfinished), Ok(Some(_))) {
        // It is in nobody's way, so one that cannot be removed stays.
        let _ = fs::remove_file(&unfinished);
    }
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

    #[test]
    fn of_two_that_write_a_file_one_is_refused_and_the_other_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        replace(&path, |file| {
            let refusal = replace_with(&path, b"theirs").unwrap_err();
            assert!(refusal.to_string().contains("another vitro is writing"), "{refusal}");
            sweep(&path);
            Ok(file.write_all(b"ours")?)
        })
        .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"ours");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_fails_leaves_the_file_and_says_that_it_is_the_disks_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "old").unwrap();
        let failed = replace(&path, |_| anyhow::bail!("no more")).unwrap_err();
        assert!(failed.is::<Unwritten>() && format!("{failed:#}").contains("free some space"), "{failed:#}");
        assert!(append(&folder.path().join("no/such"), b"line").unwrap_err().is::<Unwritten>());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_with_other_bytes_than_were_written_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let bytes: Vec<u8> = (0..CHUNK + 5).map(|at| (at % 251) as u8).collect();
        replace_proven(&path, &bytes).unwrap();
        let proven = |bytes: &[u8]| prove(&File::open(&path).unwrap(), &path, bytes).is_ok();
        assert!(proven(&bytes) && !proven(&bytes[1..]) && !proven(&[&bytes[..], b"more"].concat()));
        for damage in [0, CHUNK, CHUNK + 4] {
            let mut other = bytes.clone();
            other[damage] ^= 1;
            assert!(!proven(&other), "{damage}");
        }
    }

    #[test]
    fn what_a_killed_program_left_is_swept_and_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for _ in 0..2 {
            fs::write(unfinished(&path), "half of a very long fi").unwrap();
            replace_with(&path, b"whole").unwrap();
            assert_eq!(fs::read(&path).unwrap(), b"whole");
        }
        fs::write(unfinished(&path), "half").unwrap();
        sweep(&path);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
