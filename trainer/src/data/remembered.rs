//! What was found out about large datasets, kept between runs, so that the second start need not list a million files again.
//!
//! It lies in the folder of [`kept`] and may be deleted at any time.
//! Whoever remembers something stores with it how to tell that it is no longer so ([`Stamp`]).

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{disk, kept};

/// Images from which on it is worth it.
const LEAST: usize = 10_000;
/// What changed this shortly ago may change again within the same tick of the file system's clock.
const SETTLED: Duration = Duration::from_secs(3);
/// A line of progress for every so many.
const STEP: usize = 10_000;

/// What tells a file or a folder from a later state of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    size: u64,
    /// Nanoseconds since 1970, of the last change.
    modified: u64,
}

impl Stamp {
    /// That of what is at `path` now.
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        let about = path.metadata()?;
        let since = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        // A folder's size says how its file system stores it.
        let size = if about.is_dir() { 0 } else { about.len() };
        Ok(Self { size, modified: since.as_nanos() as u64 })
    }

    /// Whether another change would show.
    pub(super) fn is_settled(&self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Duration::from_nanos(self.modified) + SETTLED < now
    }
}

/// What was remembered under a name for a place.
pub(super) fn recall<T: DeserializeOwned>(kind: &str, place: &str) -> Option<T> {
    serde_json::from_slice(&std::fs::read(file(kind, place)?).ok()?).ok()
}

/// Remembers what was found out about `count` images. Where that cannot be written, the next start takes longer.
pub(super) fn remember<T: Serialize>(kind: &str, place: &str, count: usize, what: &T) {
    let Some(path) = file(kind, place).filter(|_| count >= LEAST) else { return };
    let written = serde_json::to_vec(what).map_err(anyhow::Error::from).and_then(|bytes| {
        std::fs::create_dir_all(path.parent().unwrap_or(&path))?;
        disk::replace_with(&path, &bytes)
    });
    drop(written);
}

fn file(kind: &str, place: &str) -> Option<PathBuf> {
    let digest = Sha256::digest(place.as_bytes());
    let name: String = digest[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    Some(kept::folder()?.join(format!("{kind}-{name}.json")))
}

/// Tells a person at a terminal that a long list grows.
pub(super) struct Counter {
    what: &'static str,
    count: AtomicUsize,
}

impl Counter {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, count: AtomicUsize::new(0) }
    }

    pub(super) fn add(&self, more: usize) {
        let before = self.count.fetch_add(more, Ordering::Relaxed);
        if before / STEP != (before + more) / STEP && std::io::stderr().is_terminal() {
            // A closed standard error is no reason to stop.
            let _ = write!(std::io::stderr(), "\r{} {} listed ", before + more, self.what);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        if self.count() >= STEP && std::io::stderr().is_terminal() {
            let _ = write!(std::io::stderr(), "\r{:40}\r", "");
        }
    }
}
