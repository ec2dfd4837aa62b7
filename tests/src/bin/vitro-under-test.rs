//! The `vitro` command, built together with the tests: Cargo tells a test where the programs of its own package are.
//!
//! In this build the variable `VITRO_FAILURE` arranges what goes wrong, in words:
//!
//! * `full FILE N`: the disk is full from the N-th write of FILE on, which is cut short;
//! * `rotten FILE N`: of FILE, at its N-th write, the disk gives back another byte;
//! * `panic N`: the worker that begins with the N-th shard panics.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use vitro_cli::rehearsal::{self, Place};

/// How often the place that matters was reached.
static REACHED: AtomicUsize = AtomicUsize::new(0);
static FULL: AtomicBool = AtomicBool::new(false);

fn main() -> std::process::ExitCode {
    rehearsal::arrange(fail);
    vitro_cli::main(std::env::args_os())
}

fn fail(place: Place<'_>) -> io::Result<()> {
    let Ok(failure) = std::env::var("VITRO_FAILURE") else { return Ok(()) };
    let words: Vec<&str> = failure.split(' ').collect();
    match (words.as_slice(), place) {
        (["full", ..], Place::Write(_)) if FULL.load(Ordering::Relaxed) => Err(ErrorKind::StorageFull.into()),
        (["full", name, number], Place::Write(path)) if is(path, name) && is_time(number) => {
            FULL.store(true, Ordering::Relaxed);
            let file = OpenOptions::new().write(true).open(path)?;
            file.set_len(file.metadata()?.len().saturating_sub(3))?;
            Err(ErrorKind::StorageFull.into())
        }
        (["rotten", name, number], Place::Proof(path)) if is(path, name) && is_time(number) => spoil(path),
        (["panic", number], Place::Shard) if is_time(number) => panic!("shard {number} was arranged to panic"),
        _ => Ok(()),
    }
}

/// Whether `path` is that file, perhaps under its temporary name. A star at the end stands for the rest of a name.
fn is(path: &Path, name: &str) -> bool {
    let found = path.file_name().unwrap_or_default().to_string_lossy();
    let found = found.strip_suffix(".unfinished").unwrap_or(&found);
    name.strip_suffix('*').map_or(found == name, |start| found.starts_with(start))
}

fn is_time(number: &str) -> bool {
    let reached = REACHED.fetch_add(1, Ordering::Relaxed) + 1;
    number.parse() == Ok(reached)
}

/// Changes the last byte.
fn spoil(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    file.seek(SeekFrom::End(-1))?;
    file.write_all(&[last[0] ^ 1])
}
