//! `vitro import FILE --model NAME -o BUNDLE`: an official checkpoint becomes a bundle.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::Args;
use vitro::bundle::{
    self, Checkpoint, CheckpointError, FORMAT, LoadReport, Manifest, Precision, Provenance, PytorchReader,
};
use vitro::image::Preprocess;
use vitro::model::preset;

use super::export::{Stored, say_kept_wide};
use crate::disk;
use crate::job::slug;
use crate::run::versions;

/// Flags of `vitro import`.
#[derive(Debug, Args)]
pub struct ImportArguments {
    /// Checkpoint: a safetensors or PyTorch file (.pth, .pth.tar). Of a training checkpoint, averaged weights (EMA) are
    /// taken where there are any.
    file: PathBuf,
    /// The model that the weights belong to, a preset by its published name.
    #[arg(long, value_name = "NAME")]
    model: String,
    /// Bundle to write, NAME.safetensors.
    #[arg(short, long, value_name = "BUNDLE")]
    out: PathBuf,
    /// Text file with one class name per line, in the order of the logits [default: class 0, class 1, …].
    #[arg(long, value_name = "FILE")]
    classes: Option<PathBuf>,
    /// Name for people [default: that of the preset].
    #[arg(long)]
    title: Option<String>,
    /// What the weights were trained on.
    #[arg(long, default_value = "ImageNet-1K")]
    dataset: String,
    /// Fraction of the shorter side that the crop keeps.
    #[arg(long, default_value_t = 1.0)]
    crop_pct: f32,
    /// How weights are stored.
    #[arg(long, value_enum, default_value_t)]
    precision: Stored,
    /// Lists every array: loaded, missing, unused, or skipped because it follows from the shape.
    #[arg(long)]
    list: bool,
}

/// Imports.
pub fn run(arguments: ImportArguments) -> Result<()> {
    let preset = preset(&arguments.model)?;
    let name = arguments.file.display();
    let checkpoint = read(&arguments.file).with_context(|| format!("{name}"))?;
    let logits = checkpoint.logits().with_context(|| format!("{name}"))?;
    let logits = logits.with_context(|| format!("{name} has no `head.bias`; is it a classifier of this kind?"))?;
    let classes = class_names(arguments.classes.as_deref(), logits)?;
    let config = preset.config(logits);
    let mut model = config.init(&Device::flex())?;
    let loaded = checkpoint.load_official(&mut model);
    if arguments.list {
        match &loaded {
            Ok(report) => list(report),
            Err(CheckpointError::HalfLoaded(report)) => list(report),
            Err(_) => (),
        }
    }
    let report = loaded.with_context(|| format!("{name} as {}", preset.name))?;
    let switches: &[&str] = if config.tap_scales().is_some() {
        &["tap", "adl"]
    } else if config.token_head() {
        &["stl"]
    } else {
        &[]
    };
    let attention = Some(config.attention()).filter(|kind| !kind.is_softmax());
    let methods =
        config.info().method.into_iter().chain(switches.iter().copied()).chain(attention.map(|kind| kind.name()));
    let methods = methods.map(str::to_owned).collect();
    let manifest = Manifest {
        format: FORMAT,
        name: slug(&arguments.out.file_stem().unwrap_or_default().to_string_lossy()),
        title: arguments.title.unwrap_or_else(|| preset.title.to_owned()),
        methods,
        preprocess: Preprocess { crop_pct: arguments.crop_pct, ..Preprocess::imagenet(config.image_size()) },
        model: config,
        classes,
        dataset: arguments.dataset.clone(),
        train_data: arguments.dataset,
        params: 0,
        weights_sha256: String::new(),
        results: None,
        provenance: Provenance {
            source: format!("imported from {}", arguments.file.file_name().unwrap_or_default().to_string_lossy()),
            versions: versions::line(),
            ..Provenance::default()
        },
    };
    let written = bundle::write(&manifest, &model, arguments.precision.into())?;
    disk::replace_with(&arguments.out, &written)?;
    let out = arguments.out.display();
    let taken = if report.taken_from.is_empty() { String::new() } else { format!(" from {}", report.taken_from) };
    let LoadReport { applied, missing, unused, computed, .. } = &report;
    println!(
        "wrote {out}, {} kB: {} arrays applied{taken}, {} missing, {} unused, {} passed over",
        written.len() / 1000,
        applied.len(),
        missing.len(),
        unused.len(),
        computed.len()
    );
    say_kept_wide(&written)
}

/// One line per array.
fn list(report: &LoadReport) {
    let LoadReport { applied, missing, unused, errors, computed, .. } = report;
    let lists = [("applied", applied), ("missing", missing), ("unused", unused), ("wrong", errors)];
    for (fate, names) in lists.into_iter().chain([("passed over", computed)]) {
        for name in names {
            println!("{fate:<11}  {name}");
        }
    }
}

fn read(file: &Path) -> Result<Checkpoint> {
    let bytes = disk::read(file)?;
    // A PyTorch file is a zip archive or, before 2020, a row of pickles; the very first ones are tar archives. The length
    // that a safetensors file begins with can look like any of them, so what follows it decides.
    let safetensors = bytes.get(8) == Some(&b'{');
    let tar = bytes.get(257..262) == Some(b"ustar");
    if !safetensors && (bytes.starts_with(b"PK") || bytes.starts_with(&[0x80]) || tar) {
        let opened = PytorchReader::new(file).map_err(|error| CheckpointError::Pytorch(error.to_string()))?;
        return Ok(Checkpoint::from_pytorch(opened)?);
    }
    Ok(Checkpoint::from_safetensors(&bytes)?)
}

fn class_names(file: Option<&Path>, logits: usize) -> Result<Vec<String>> {
    let Some(file) = file else { return Ok((0..logits).map(|index| format!("class {index}")).collect()) };
    let names: Vec<String> = disk::read_text(file)?.lines().map(|line| line.trim().to_owned()).collect();
    ensure!(
        names.len() == logits,
        "{} names {} classes, but the weights have {logits}; give one line per class",
        file.display(),
        names.len()
    );
    Ok(names)
}

impl From<Stored> for Precision {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::F16 => Self::F16,
            Stored::F32 => Self::F32,
        }
    }
}
