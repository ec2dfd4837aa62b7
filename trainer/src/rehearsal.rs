//! Failures on purpose: places where the tests make happen what happens by itself once a year.
//!
//! The tests' own build of the command arranges them. In `vitro` nobody does, and a place costs a look at an empty cell.

use std::io;
use std::path::Path;
use std::sync::OnceLock;

/// Where something can go wrong.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// Bytes were handed to the system for the file at this path, and are not safe yet.
    Write(&'a Path),
    /// The file at this path is complete and about to be read back.
    Proof(&'a Path),
    /// A worker begins with its shard of a training batch.
    Shard,
}

/// What happens there: an error, a panic, or nothing.
pub type Failure = fn(Place<'_>) -> io::Result<()>;

static ARRANGED: OnceLock<Failure> = OnceLock::new();

/// Has `failure` decide at every place from now on. The first arrangement stays.
pub fn arrange(failure: Failure) {
    let _ = ARRANGED.set(failure);
}

/// Lets what is arranged happen.
///
/// # Errors
/// As arranged.
pub fn at(place: Place<'_>) -> io::Result<()> {
    ARRANGED.get().map_or(Ok(()), |failure| failure(place))
}
