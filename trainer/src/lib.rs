//! The `vitro` command: train, evaluate, compare, explain, export, import, corrupt, and look at data.
//!
//! [`command`] holds one file per subcommand and nothing but wiring. Behind it: [`recipe`] says what to train, [`data`]
//! brings images from disk or from the scene renderer, [`train`] is the loop, [`run`] the folder that it writes, [`subject`] a trained model from a run or a bundle,
//! [`eval`] the corruption table, [`report`] the page of a comparison, [`copies`] the corrupted datasets, [`fetch`] files from elsewhere, [`bench`] the times of this machine, [`progress`]
//! what a person sees meanwhile. Everything that is not about disks, threads or terminals lives in the `vitro` crate.
//!
//! A panic ends in a sentence like any other failure ([`fault`]); [`rehearsal`] lets the tests arrange failures.
//!
//! A refusal is one sentence on standard error that says what to do, and exit code 2; nothing half-written stays behind under
//! its final name.

pub mod adamw;
pub mod allocator;
pub mod argmax;
pub mod bench;
pub mod command;
pub mod copies;
pub mod data;
pub mod device;
pub mod disk;
pub mod eval;
pub mod fault;
pub mod fetch;
pub mod job;
pub mod kept;
pub mod lock;
pub mod nearest;
pub mod npy;
pub mod onnx;
pub mod places;
pub mod probes;
pub mod progress;
pub mod recipe;
pub mod rehearsal;
#[cfg(feature = "remote")]
pub mod remote;
pub mod report;
pub mod run;
pub mod subject;
pub mod timm;
pub mod train;
pub mod unfinished;
pub mod weights;
pub mod workers;
pub mod zoo;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

/// Runs the command line `arguments` (the program's name first) and says how it ended.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match command::Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(answer) => {
            // Help and version arrive here as well; printing can only fail when nobody listens.
            let _ = answer.print();
            return ExitCode::from(answer.exit_code() as u8);
        }
    };
    if arguments.computes() {
        allocator::keep_memory();
    }
    fault::note_panics();
    match fault::caught(|| command::run(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("vitro: {}", one_line(&format!("{error:#}")));
            ExitCode::from(2)
        }
    }
}

/// Errors of other crates may span lines, and names may hold anything; a refusal is one sentence.
fn one_line(text: &str) -> String {
    let line = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    data::names::shown(&line)
}
