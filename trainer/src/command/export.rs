//! `vitro export RUN -o FILE`: a run's averaged weights as a bundle that the page and the CLI load.

use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use vitro::bundle::{self, Cell, Results};
use vitro::metric::expected_calibration_error;

use crate::disk;
use crate::eval::current::{self, Standing};
use crate::eval::results::{Evaluation, On};
use crate::job::slug;
use crate::subject;

/// How weights are stored.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Stored {
    /// Half the size; logits change by about 5e-4. Arrays that do not fit 16 bits stay in 32.
    #[default]
    F16,
    /// Exact.
    F32,
}

/// Flags of `vitro export`.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// Run folder, or a bundle.
    run: PathBuf,
    /// Bundle to write, NAME.safetensors.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// How weights are stored.
    #[arg(long, value_enum, default_value_t)]
    precision: Stored,
    /// Name of the bundle [default: that of the run].
    #[arg(long)]
    name: Option<String>,
    /// Name for people [default: that of the recipe].
    #[arg(long)]
    title: Option<String>,
    /// JSON file from `vitro eval --out` with the numbers to store [default: the last evaluation of the run].
    #[arg(long, value_name = "JSON")]
    results: Option<PathBuf>,
}

/// Exports.
pub fn run(arguments: ExportArguments) -> Result<()> {
    let subject = subject::open(&arguments.run, &Device::flex())?;
    let mut manifest = subject.manifest;
    let run = arguments.run.display();
    let of_run = subject.folder.as_ref().map(|folder| folder.file("eval.json")).filter(|path| path.is_file());
    let mut missing = "run `vitro eval` first to add them".to_owned();
    if let Some(path) = arguments.results.as_ref().or(of_run.as_ref()) {
        let evaluation = Evaluation::read(path)?;
        ensure!(
            (&evaluation.name, evaluation.params) == (&manifest.name, manifest.params),
            "{} measures {} ({} parameters), this is {} ({} parameters); name the evaluation of this model",
            path.display(),
            evaluation.name,
            evaluation.params,
            manifest.name,
            manifest.params
        );
        let problem = match current::standing(&evaluation, &subject.weights) {
            Standing::Current => None,
            Standing::Stale => Some("measures other weights than these, which were trained further or written anew"),
            Standing::NotRecorded => Some("does not say which weights it measured"),
        };
        match problem {
            None => manifest.results = results(&evaluation),
            // The evaluation was asked for by name.
            Some(problem) if arguments.results.is_some() => {
                bail!("{} {problem}; run `vitro eval {run}` again and name what it writes", path.display())
            }
            Some(problem) => {
                missing = format!("{} {problem}; run `vitro eval {run}` and export again to add them", path.display());
            }
        }
    }
    if let Some(name) = arguments.name {
        manifest.name = name;
    }
    manifest.name = slug(&manifest.name);
    if let Some(title) = arguments.title {
        manifest.title = title;
    }
    let bytes = bundle::write(&manifest, &subject.model, arguments.precision.into())?;
    disk::replace_with(&arguments.out, &bytes)?;
    let measured =
        if manifest.results.is_some() { "with results".to_owned() } else { format!("without results: {missing}") };
    println!("wrote {} ({} kB), {measured}", arguments.out.display(), bytes.len() / 1000);
    say_kept_wide(&bytes)
}

/// Names the arrays of a bundle in 16 bits that are kept in 32.
pub(super) fn say_kept_wide(bundle: &[u8]) -> Result<()> {
    let kept = bundle::kept_wide(bundle)?;
    if let Some(first) = kept.first() {
        let others = if kept.len() > 1 { format!(" and {} more", kept.len() - 1) } else { String::new() };
        println!("{first}{others} kept in 32 bits: 16 bits cannot hold the values");
    }
    Ok(())
}

/// The benchmark's part of an evaluation; nothing without a corrupted cell.
pub fn results(evaluation: &Evaluation) -> Option<Results> {
    let cell = |cell: &crate::eval::results::Cell| Cell {
        corruption: cell.corruption.clone(),
        severity: cell.severity,
        top1: cell.top1,
        top5: cell.top5,
        n: cell.n as u64,
    };
    Some(Results {
        clean_top1: evaluation.clean_top1,
        corruption_error_mean: evaluation.corruption_error_mean?,
        ece: evaluation.score(&expected_calibration_error::METRIC, On::Clean)?,
        n_images: evaluation.n_images as u64,
        corruption_source: evaluation.corruption_source.clone(),
        protocol: evaluation.protocol.clone(),
        per_cell: evaluation.per_cell.iter().filter(|cell| cell.benchmark).map(cell).collect(),
    })
}
