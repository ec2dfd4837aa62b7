//! `vitro import FILE --model NAME -o BUNDLE`: an official checkpoint becomes a bundle.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use clap::Args;
use vitro::bundle::{
    self, Checkpoint, CheckpointError, FORMAT, LoadReport, Manifest, Precision, Provenance, PytorchReader,
};
use vitro::image::Preprocess;
use vitro::model::{ModelConfig, preset};

use super::export::{Stored, say_kept_wide};
use crate::disk;
use crate::job::slug;
use crate::run::versions;

/// So many classes can a new head have.
const MOST_CLASSES: usize = 100_000;

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
    /// Text file with one class name per line, in the order of the logits, or with --new-head also their number
    /// [default: class 0, class 1, …].
    #[arg(long, value_name = "FILE_OR_N")]
    classes: Option<PathBuf>,
    /// Puts an untrained head for --classes in place of the one in the file, to be trained.
    #[arg(long, requires = "classes")]
    new_head: bool,
    /// Side of the images that the model will take, pixels; learned positions are resampled [default: that of the preset].
    #[arg(long, value_name = "PIXELS")]
    image_size: Option<usize>,
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
    let mut checkpoint = read(&arguments.file).with_context(|| format!("{name}"))?;
    let logits = checkpoint.logits().with_context(|| format!("{name}"))?;
    let logits = logits.with_context(|| format!("{name} has no `head.bias`; is it a classifier of this kind?"))?;
    let classes = if arguments.new_head {
        new_classes(arguments.classes.as_deref())?
    } else {
        class_names(arguments.classes.as_deref(), logits)?
    };
    let config = at_size(preset.config(classes.len()), arguments.image_size)?;
    let device = Device::flex();
    // What is untrained must be the same every time.
    device.seed(0);
    let mut model = config.init(&device)?;
    if arguments.new_head {
        checkpoint.replace_heads(&Checkpoint::published(&model)?);
    }
    let positions = arguments.image_size.and_then(|_| checkpoint.fit_positions(config.patches().isqrt()));
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
            source: format!(
                "imported from {}{}",
                arguments.file.file_name().unwrap_or_default().to_string_lossy(),
                if arguments.new_head { ", with an untrained head" } else { "" }
            ),
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
    if !report.left.is_empty() {
        let part =
            |(name, count): &(String, usize)| format!("{name} ({count} array{})", if *count == 1 { "" } else { "s" });
        println!("left behind: {}", report.left.iter().map(part).collect::<Vec<_>>().join(", "));
    }
    if let Some(side) = positions {
        let new = manifest.model.patches().isqrt();
        println!(
            "positions resampled from {side} × {side} to {new} × {new} patches; train on at this size to do them justice"
        );
    }
    if arguments.new_head {
        println!("the head is untrained: name this bundle as `train.start` of a recipe");
    }
    say_kept_wide(&written)
}

/// `config` for images of side `size`.
fn at_size(config: ModelConfig, size: Option<usize>) -> Result<ModelConfig> {
    let Some(size) = size else { return Ok(config) };
    let mut fields = serde_json::to_value(config)?;
    fields["image_size"] = size.into();
    Ok(serde_json::from_value(fields)?)
}

/// The classes of a new head: numbered, or by name.
fn new_classes(classes: Option<&Path>) -> Result<Vec<String>> {
    let text = classes.unwrap_or(Path::new("")).to_string_lossy();
    if let Ok(count) = text.parse::<usize>() {
        ensure!((1..=MOST_CLASSES).contains(&count), "--classes {count} is out of range; take 1 to {MOST_CLASSES}");
        return Ok((0..count).map(|index| format!("class {index}")).collect());
    }
    let names = read_names(Path::new(&*text))?;
    ensure!(!names.is_empty(), "{text} names no classes; give one line per class");
    Ok(names)
}

fn read_names(file: &Path) -> Result<Vec<String>> {
    Ok(disk::read_text(file)?.lines().map(|line| line.trim().to_owned()).collect())
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
    ensure!(
        file.to_string_lossy().parse::<usize>().is_err(),
        "--classes {} is a number; name a file with one class per line, or add --new-head for an untrained head",
        file.display()
    );
    let names = read_names(file)?;
    ensure!(
        names.len() == logits,
        "{} names {} classes, but the weights have {logits}; give one line per class, or add --new-head for an untrained head",
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
