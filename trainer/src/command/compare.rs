//! `vitro compare RUN…`: evaluations side by side.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::disk;
use crate::eval::report;
use crate::eval::results::Evaluation;

/// Flags of `vitro compare`.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// Evaluated run folders, or JSON files of `vitro eval --out`; the first one is the baseline.
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Prints JSON instead of a Markdown table.
    #[arg(long)]
    json: bool,
    /// Also writes what is printed to this file.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Compares.
pub fn run(arguments: CompareArguments) -> Result<()> {
    let evaluations = arguments.runs.iter().map(|path| read(path)).collect::<Result<Vec<_>>>()?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&evaluations)? + "\n"
    } else {
        report::comparison(&evaluations)
    };
    if let Some(out) = &arguments.out {
        disk::replace_with(out, text.as_bytes())?;
    }
    print!("{text}");
    Ok(())
}

fn read(path: &Path) -> Result<Evaluation> {
    let file = if path.is_dir() { path.join("eval.json") } else { path.to_owned() };
    anyhow::ensure!(file.is_file(), "{} was not evaluated yet; run `vitro eval {0}` first", path.display());
    serde_json::from_slice(&disk::read(&file)?)
        .with_context(|| format!("{} is not an evaluation; run `vitro eval` again", file.display()))
}
