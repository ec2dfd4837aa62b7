//! `vitro corrupt INPUT -o DIR`: corrupted copies in the layout of ImageNet-C, `corruption/severity/class/file`.
//!
//! The same input, seed and options give the same bytes on every machine: a picture's random numbers come from the seed
//! and its own path.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use rand::Rng;
use rayon::prelude::*;
use vitro::corruption::{Corruption, Severity, Variant, corrupt};
use vitro::image::{Preprocess, Rgb8, decode, encode_jpeg, encode_png};
use vitro::random::{fnv1a, stream};

use super::eval::{corruptions, severities};
use crate::data::corruptible;
use crate::disk::Unfinished;

/// File format of the copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The exact pixels.
    #[default]
    Png,
    /// Small files, as ImageNet-C has them.
    Jpeg,
}

/// Which pictures of a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Those of `test` or `val`; everything if there are no such folders.
    #[default]
    Test,
    /// Those of `train`.
    Train,
    /// Everything, paths kept.
    All,
}

/// Flags of `vitro corrupt`.
#[derive(Debug, Args)]
pub struct CorruptArguments {
    /// A picture, a folder, or an archive of one.
    input: PathBuf,
    /// Folder to write; it must not exist yet.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Corruptions by name [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    only: Vec<String>,
    /// Severities [default: 1 to 5].
    #[arg(long, value_delimiter = ',', value_name = "1,…,5")]
    severity: Vec<u8>,
    /// Constants: imagenet, tiny, cifar, inception, imagecorruptions [default: by the picture's shorter side].
    #[arg(long)]
    variant: Option<Variant>,
    /// Resizes the shorter side and crops the centre to this many pixels first [default: keep the size].
    #[arg(long, value_name = "PIXELS")]
    size: Option<usize>,
    /// Which part of a data set.
    #[arg(long, value_enum, default_value_t)]
    part: Part,
    /// File format.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// JPEG quality.
    #[arg(long, default_value_t = 85, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// Seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// Everything resolved.
struct Run {
    corruptions: Vec<&'static Corruption>,
    severities: Vec<Severity>,
    variant: Option<Variant>,
    resize: Option<Preprocess>,
    format: Format,
    quality: u8,
    seed: u64,
}

/// Corrupts.
pub fn run(arguments: CorruptArguments) -> Result<()> {
    ensure!(arguments.size != Some(0), "--size is 0; take at least 1 pixel");
    let run = Run {
        corruptions: corruptions(&arguments.only)?,
        severities: severities(&arguments.severity)?,
        variant: arguments.variant,
        resize: arguments.size.map(Preprocess::imagenet),
        format: arguments.format,
        quality: arguments.quality,
        seed: arguments.seed,
    };
    let part = match arguments.part {
        Part::Test => corruptible::Part::Test,
        Part::Train => corruptible::Part::Train,
        Part::All => corruptible::Part::All,
    };
    let files = corruptible::list(&arguments.input, part)?;
    let out = Unfinished::start(&arguments.out)?;
    files.par_iter().try_for_each(|(path, file)| {
        let picture = decode(&file.read()?).with_context(|| format!("{}", path.display()))?;
        run.write(&picture, path, out.folder())
    })?;
    out.finish()?;
    println!(
        "wrote {} pictures × {} corruptions × {} severities to {}",
        files.len(),
        run.corruptions.len(),
        run.severities.len(),
        arguments.out.display()
    );
    Ok(())
}

impl Run {
    fn write(&self, picture: &Rgb8, path: &Path, out: &Path) -> Result<()> {
        let resized = self.resize.as_ref().map(|resize| resize.prepare(picture));
        let picture = resized.as_ref().unwrap_or(picture);
        let variant = self.variant.unwrap_or_else(|| Variant::for_side(picture.width().min(picture.height())));
        let name = path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
        let seed = stream(self.seed, fnv1a(&name), "corrupted copy").random();
        for corruption in &self.corruptions {
            for severity in &self.severities {
                let corrupted = corrupt(picture, corruption, *severity, variant, seed);
                let (bytes, ending) = match self.format {
                    Format::Png => (encode_png(&corrupted), "png"),
                    Format::Jpeg => (encode_jpeg(&corrupted, self.quality), "jpg"),
                };
                ensure!(!bytes.is_empty(), "{name} is too large for this format; use --format png or --size");
                let file = out.join(corruption.name).join(severity.to_string()).join(path).with_extension(ending);
                let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, bytes));
                written.with_context(|| format!("cannot write {}; free some space", file.display()))?;
            }
        }
        Ok(())
    }
}
