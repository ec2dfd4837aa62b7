//! `vitro export RUN -o FILE`: a run's averaged weights as a bundle that the page and the CLI load, or for other programs:
//! PyTorch's timm and ONNX.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use burn::tensor::Device;
use clap::{Args, ValueEnum};
use vitro::bundle::{self, Cell, Manifest, Results};
use vitro::metric::expected_calibration_error;

use crate::disk;
use crate::eval::current::{self, Standing};
use crate::eval::results::{Evaluation, On};
use crate::job::slug;
use crate::onnx;
use crate::run::best::Which;
use crate::subject::{self, Subject};
use crate::timm;

/// What is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// A bundle of this program.
    #[default]
    Bundle,
    /// A folder for PyTorch: weights under timm's or the authors' keys, and how to build the network.
    Timm,
    /// An ONNX file: images in 0..1 to logits.
    Onnx,
}

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
    /// What to write: NAME.safetensors, NAME.onnx, or a folder for timm.
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Which program it is for.
    #[arg(long, value_enum, default_value_t, value_name = "TARGET")]
    to: Target,
    /// Weights of a run whose recipe sets `train.keep`: the last, those of the best epoch, or of an epoch by its number.
    #[arg(long, default_value_t, value_name = "last|best|EPOCH")]
    weights: Which,
    /// How the weights of a bundle are stored [default: f16]; others have 32 bits.
    #[arg(long, value_enum)]
    precision: Option<Stored>,
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
    let for_others = arguments.to != Target::Bundle;
    ensure!(
        !for_others || !matches!(arguments.precision, Some(Stored::F16)),
        "--precision f16 is for bundles; leave it out, other files have 32 bits"
    );
    ensure!(
        !for_others || arguments.results.is_none(),
        "--results is for bundles; other files have no place for measured numbers"
    );
    let which = arguments.weights;
    let mut subject = subject::open_with(which, &arguments.run, &Device::flex())?;
    if for_others {
        rename(&mut subject.manifest, arguments.name, arguments.title);
        return write_for_others(arguments.to, &arguments.out, &subject);
    }
    let mut manifest = subject.manifest;
    let run = arguments.run.display();
    // What a run keeps is about its last weights.
    let of_run = subject.folder.as_ref().filter(|_| which == Which::Last);
    let of_run = of_run.map(|folder| folder.file("eval.json")).filter(|path| path.is_file());
    let mut missing = match which {
        Which::Last => "run `vitro eval` first to add them".to_owned(),
        _ => format!("run `vitro eval {run} --weights {which} --out FILE` and name FILE with --results to add them"),
    };
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
    rename(&mut manifest, arguments.name, arguments.title);
    let bytes = bundle::write(&manifest, &subject.model, arguments.precision.unwrap_or_default().into())?;
    disk::replace_with(&arguments.out, &bytes)?;
    let measured =
        if manifest.results.is_some() { "with results".to_owned() } else { format!("without results: {missing}") };
    println!("wrote {} ({} kB), {measured}", arguments.out.display(), bytes.len() / 1000);
    say_kept_wide(&bytes)
}

fn rename(manifest: &mut Manifest, name: Option<String>, title: Option<String>) {
    manifest.name = slug(&name.unwrap_or_else(|| manifest.name.clone()));
    if let Some(title) = title {
        manifest.title = title;
    }
}

fn write_for_others(target: Target, out: &Path, subject: &Subject) -> Result<()> {
    let Subject { manifest, model, .. } = subject;
    let shown = out.display();
    if target == Target::Onnx {
        let bytes = onnx::write(manifest, model)?;
        disk::replace_with(out, &bytes)?;
        println!("wrote {shown} ({} kB): `images` in 0..1 to `logits`, normalised inside", bytes.len() / 1000);
        return Ok(());
    }
    let timm::Written { arrays, known_to_timm } = timm::write(out, manifest, model)?;
    let how = if known_to_timm {
        format!("load it with timm.create_model(\"local-dir:{shown}\", pretrained=True)")
    } else {
        format!("timm has no such {}: the keys are those of the authors' code", model.info().title)
    };
    println!("wrote {shown}: model.safetensors with {arrays} arrays, config.json; {how}");
    Ok(())
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
