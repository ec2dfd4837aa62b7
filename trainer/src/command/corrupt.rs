//! `vitro corrupt INPUT -o DIR`: corrupted copies in the layouts of ImageNet-C and CIFAR-10-C, sequences in those of ImageNet-P and
//! CIFAR-10-P.
//!
//! The same input, seed and options give the same bytes on every machine: an image's random numbers come from the seed
//! and its own path.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use vitro::corruption::{self, Variant};
use vitro::perturbation::{self, Difficulty, Perturbation};

use super::chosen;
use super::eval::severities;
use crate::copies::cell::{Cell, Making};
use crate::copies::preparation::Preparation;
use crate::copies::sink::{Form, Format, Sink};
use crate::copies::source::Source;
use crate::copies::{Job, fingerprint};
use crate::data::{corruptible, photographs};
use crate::progress::duration;
use crate::unfinished::{Replace, Unfinished};

/// Quality of the published JPEG sets.
const PUBLISHED_QUALITY: u8 = 85;

/// File format of the copies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FileFormat {
    /// The exact pixels.
    #[default]
    Png,
    /// Small files, as ImageNet-C has them.
    Jpeg,
}

/// Which images of a dataset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The images in `test` or `val`; all images if there are no such folders.
    #[default]
    Test,
    /// Those of `train`.
    Train,
    /// All images, with their paths.
    All,
}

/// Published preparations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Prepare {
    /// Shorter side to 256 pixels, bilinear, then the centre of 224.
    Imagenet,
    /// Central 87.5 % of each side, squashed to 299 pixels, bilinear.
    Inception,
}

/// How the copies are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Layout {
    /// A file per copy, `corruption/severity/class/file`, as in ImageNet-C.
    #[default]
    Tree,
    /// `<corruption>.npy` with all five severities, and `labels.npy`, as in CIFAR-10-C; images sorted by path.
    Npy,
}

/// Flags of `vitro corrupt`.
#[derive(Debug, Args)]
pub struct CorruptArguments {
    /// An image, a folder, or an archive of one.
    input: PathBuf,
    /// Folder to write. If interrupted, it stays as DIR.unfinished until the same command continues it.
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// Corruptions by name; with --sequences, perturbations by name [default: those of --set, all perturbations].
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    only: Vec<String>,
    /// Published sets of corruptions [default: common,extra]. `bar` is ImageNet-C-bar and CIFAR-10-C-bar, or one of the two
    /// with --variant imagenet or cifar.
    #[arg(long, value_delimiter = ',', value_name = "SET,…", value_parser = chosen::sets(), conflicts_with_all = ["only", "sequences"])]
    set: Vec<String>,
    /// Severities [default: 1 to 5].
    #[arg(long, value_delimiter = ',', value_name = "1,…,5")]
    severity: Vec<u8>,
    /// Constants: imagenet, tiny, cifar, inception, imagecorruptions [default: by the image's shorter side].
    #[arg(long)]
    variant: Option<Variant>,
    /// Resizes the shorter side to this many pixels first, bicubic, and crops the centre [default: keep the size].
    #[arg(long, value_name = "PIXELS")]
    size: Option<usize>,
    /// Prepares images as a published set does.
    #[arg(long, value_enum, conflicts_with = "size")]
    prepare: Option<Prepare>,
    /// Part of the dataset to corrupt.
    #[arg(long, value_enum, default_value_t)]
    part: Part,
    /// How the copies are stored.
    #[arg(long, value_enum, default_value_t)]
    layout: Layout,
    /// File format.
    #[arg(long, value_enum, default_value_t)]
    format: FileFormat,
    /// JPEG quality.
    #[arg(long, default_value_t = PUBLISHED_QUALITY, value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// JPEG files of quality 85, 4:2:0, with optimised codes and the names of the originals, as the published sets have them:
    /// --format jpeg --quality 85.
    #[arg(long, conflicts_with_all = ["format", "quality"])]
    save_jpeg85: bool,
    /// Folder of the original photographs of frost, frost1.png to frost5.jpg [default: frost is drawn].
    #[arg(long, value_name = "DIR")]
    frost_dir: Option<PathBuf>,
    /// Writes the sequences of ImageNet-P or CIFAR-10-P instead, `perturbation/class/file/frame_00`; those of CIFAR-10-P with
    /// variant cifar or tiny.
    #[arg(long, conflicts_with_all = ["severity", "frost_dir"])]
    sequences: bool,
    /// Strength of the noise in sequences, 1 to 3; 2 and 3 are named gaussian_noise_2 and so on.
    #[arg(long, default_value_t = 1, requires = "sequences", value_parser = clap::value_parser!(u8).range(1..=3))]
    difficulty: u8,
    /// Seed.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Replaces DIR once the new copies are complete; starts an unfinished DIR over.
    #[arg(long)]
    force: bool,
}

/// Corrupts.
pub fn run(arguments: CorruptArguments) -> Result<()> {
    let out = &arguments.out;
    ensure!(arguments.size != Some(0), "--size is 0; take at least 1 pixel");
    let cells = cells(&arguments)?;
    let form = form(&arguments)?;
    ensure!(
        !lies_inside(out, &arguments.input),
        "{} lies inside the images that it is made of; choose a folder elsewhere",
        out.display()
    );
    let part = match arguments.part {
        Part::Test => corruptible::Part::Test,
        Part::Train => corruptible::Part::Train,
        Part::All => corruptible::Part::All,
    };
    let images = corruptible::list(&arguments.input, part)?;
    let count = images.files.len();
    let input = fingerprint(&images.files)?;
    let preparation = match arguments.prepare {
        Some(Prepare::Imagenet) => Some(Preparation::ImageNet),
        Some(Prepare::Inception) => Some(Preparation::Inception),
        None => arguments.size.map(Preparation::Square),
    };
    let source = Source::new(images.files, preparation)?;
    if form == Form::Arrays {
        source.one_size()?;
    }
    let making = making(&arguments, &cells, &source)?;
    let plan = plan(&arguments, &cells, form, &making, input);
    let mut job = Job { source, cells, making };

    let replace = if arguments.force { Replace::Only(is_ours) } else { Replace::Never };
    job.check_space(out, form, Unfinished::look(out, &plan, replace)?)?;
    job.source.check()?;
    let mut unfinished = Unfinished::open(out, &plan, replace)?;
    let labels = images.labels.as_deref();
    let sink = Sink::open(form, unfinished.folder(), &job.cells, &job.source, labels, &job.making)?;
    let made = job.run(&sink, &mut unfinished);
    let made = made.map_err(|error| match unfinished.done().len() {
        0 => error,
        _ => error.context(format!(
            "{} keeps what is done, and the same command goes on with it",
            unfinished.folder().display()
        )),
    })?;
    drop(sink);
    unfinished.finish()?;

    let of_each = if arguments.sequences {
        format!("{} perturbations", job.cells.len())
    } else {
        let severities = severities(&arguments.severity)?.len();
        format!("{} corruptions × {severities} severities", job.cells.len() / severities)
    };
    println!("wrote {count} images × {of_each} to {}", out.display());
    let (speed, seconds) = made.speed;
    let earlier = if made.before > 0 { format!(", {} images were done before", made.before) } else { String::new() };
    println!("{speed:.0} copies/s in {}{earlier}", duration(seconds));
    if form == Form::Arrays && labels.is_none() {
        println!("no labels.npy: the images are not in class folders below the split");
    }
    Ok(())
}

fn cells(arguments: &CorruptArguments) -> Result<Vec<Cell>> {
    if arguments.sequences {
        let difficulty = Difficulty::try_from(arguments.difficulty)?;
        let perturbations = perturbations(&arguments.only)?;
        return Ok(perturbations.into_iter().map(|row| Cell::Sequence(row, difficulty)).collect());
    }
    let severities = severities(&arguments.severity)?;
    ensure!(
        arguments.layout == Layout::Tree || severities.len() == 5,
        "--layout npy keeps all five severities in one file; leave --severity out, or write a tree"
    );
    let corruptions = chosen::corruptions(&arguments.only, &arguments.set, arguments.variant)?;
    Ok(corruptions.into_iter().flat_map(|row| severities.iter().map(|s| Cell::Corrupted(row, *s))).collect())
}

/// All perturbations, or those asked for, in the registry's order.
fn perturbations(only: &[String]) -> Result<Vec<&'static Perturbation>> {
    let asked = only.iter().map(|name| perturbation::find(name)).collect::<Result<Vec<_>, _>>()?;
    let wanted = |row: &&Perturbation| asked.is_empty() || asked.iter().any(|asked| asked.name == row.name);
    Ok(perturbation::ALL.iter().filter(wanted).collect())
}

fn form(arguments: &CorruptArguments) -> Result<Form> {
    let jpeg = arguments.save_jpeg85 || arguments.format == FileFormat::Jpeg;
    if arguments.layout == Layout::Npy {
        ensure!(!jpeg, "--layout npy holds exact pixels; leave the JPEG options out, or write a tree");
        return Ok(Form::Arrays);
    }
    Ok(Form::Tree(if jpeg { Format::Jpeg(arguments.quality) } else { Format::Png }))
}

fn making(arguments: &CorruptArguments, cells: &[Cell], source: &Source) -> Result<Making> {
    let mut making = Making { variant: arguments.variant, photographs: Vec::new(), seed: arguments.seed };
    if let Some(folder) = &arguments.frost_dir {
        making.photographs = photographs::read(folder, cells.iter().any(Cell::uses_photographs))?;
        for (width, height) in source.sizes() {
            photographs::cover(&making.photographs, width, height, making.variant(width, height))
                .with_context(|| format!("in {}", folder.display()))?;
        }
    }
    Ok(making)
}

/// What decides about the bytes, by the names of the options.
fn plan(
    arguments: &CorruptArguments,
    cells: &[Cell],
    form: Form,
    making: &Making,
    input: String,
) -> Map<String, Value> {
    let mut plan = Map::new();
    let mut add = |name: &str, value: Value| plan.insert(name.to_owned(), value);
    let cells: Vec<String> = cells.iter().map(|cell| cell.folder().to_string_lossy().replace('\\', "/")).collect();
    add("list of images", input.into());
    add("list of corruptions and severities", cells.into());
    add("--variant", json!(making.variant.map(Variant::name)));
    add("--size", json!(arguments.size));
    add("--prepare", arguments.prepare.map(|prepare| format!("{prepare:?}")).into());
    add("--layout or format", format!("{form:?}").into());
    add("--seed", making.seed.into());
    add("--sequences", arguments.sequences.into());
    let seen = |image: &vitro::image::Rgb8| {
        let sum: u64 = image.bytes().iter().map(|byte| u64::from(*byte)).sum();
        json!([image.width(), image.height(), sum])
    };
    add("--frost-dir", making.photographs.iter().map(seen).collect());
    add("version of vitro", env!("CARGO_PKG_VERSION").into());
    plan
}

/// Whether `out` is the folder of the images or would be listed among them.
fn lies_inside(out: &Path, input: &Path) -> bool {
    let Ok(input) = input.canonicalize() else { return false };
    let there = out.ancestors().find_map(|above| {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        above.canonicalize().ok()
    });
    input.is_dir() && there.is_some_and(|there| there.starts_with(&input))
}

/// Whether this command writes entries of this name.
fn is_ours(name: &str) -> bool {
    let name = name.strip_suffix(".npy").unwrap_or(name);
    let sequences = |row: &Perturbation| Difficulty::ALL.iter().any(|difficulty| row.folder(*difficulty) == name);
    name == "labels" || corruption::find(name).is_ok() || perturbation::ALL.iter().any(sequences)
}
