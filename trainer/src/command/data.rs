//! `vitro data [SOURCE]`: classes, counts and sizes of a dataset, and a contact sheet. `vitro data get NAME` downloads one.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use serde::Serialize;
use vitro::image::encode_png;

use super::get::{self, GetArguments};
use crate::data::check::{self, Findings};
use crate::data::names::{self, shown};
use crate::data::{self, Images, Set, Source, sheet, source};
use crate::disk;
use crate::recipe::{Data, Recipe};

/// Images that are decoded to tell the sizes.
const LOOKED_AT: usize = 200;

/// Flags of `vitro data`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DataArguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// What to look at; --help lists the kinds.
    #[arg(default_value_t, long_help = source::help())]
    source: Source,
    /// Writes a contact sheet, a row per class, to this PNG file.
    #[arg(long, value_name = "FILE")]
    sheet: Option<PathBuf>,
    /// Images per row of the sheet.
    #[arg(long, default_value_t = 10)]
    columns: usize,
    /// Side of an image on the sheet and of a rendered scene, pixels.
    #[arg(long, default_value_t = 64)]
    size: usize,
    /// Seed of rendered scenes.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Uses the test images for the sheet and sizes, not the training images.
    #[arg(long)]
    test: bool,
    /// Decodes every image on all cores: names those that are damaged, that are in two splits, or that have two labels. Ends with
    /// exit code 2 where there are any.
    #[arg(long, conflicts_with = "sheet")]
    check: bool,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Download a public dataset from its official host.
    Get(GetArguments),
}

#[derive(Debug, Serialize)]
struct Report {
    title: String,
    train: usize,
    test: usize,
    smallest: [usize; 2],
    largest: [usize; 2],
    classes: Vec<ClassReport>,
}

#[derive(Debug, Serialize)]
struct ClassReport {
    name: String,
    train: usize,
    test: usize,
}

/// Reports.
pub fn run(arguments: DataArguments) -> Result<()> {
    if let Some(Part::Get(arguments)) = arguments.part {
        return get::run(&arguments);
    }
    let data = Data { source: arguments.source, image_size: arguments.size, seed: arguments.seed, ..Data::default() };
    let recipe = Recipe { data, ..Recipe::default() };
    let set = data::open(&recipe.data, data::title(&recipe.data), Path::new("."))?;
    if arguments.check {
        return check(&set, arguments.json);
    }
    let shown = if arguments.test { &set.test } else { &set.train };
    if let Some(path) = &arguments.sheet {
        let sheet = sheet::sheet(shown.as_ref(), set.classes.len(), arguments.columns.max(1), arguments.size.max(1))?;
        disk::replace_with(path, &encode_png(&sheet))?;
    }
    let (train, test) = (counts(set.train.as_ref(), set.classes.len())?, counts(set.test.as_ref(), set.classes.len())?);
    let (smallest, largest) = sizes(shown.as_ref())?;
    let classes = set.classes.into_iter().zip(train.into_iter().zip(test));
    let report = Report {
        title: set.title,
        train: set.train.len(),
        test: set.test.len(),
        smallest,
        largest,
        classes: classes.map(|(name, (train, test))| ClassReport { name, train, test }).collect(),
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report, set.train.is_endless());
    }
    Ok(())
}

/// Names at most so many images of each kind; a JSON report names all.
const NAMED: usize = 10;

fn check(set: &Set, json: bool) -> Result<()> {
    let counting = std::io::stderr().is_terminal();
    let of = set.train.len() + set.test.len();
    let findings = check::check(set, |done| {
        if counting && done % 100 == 0 {
            eprint!("\r{done}/{of}   ");
        }
    });
    if counting {
        eprint!("\r{:30}\r", "");
    }
    if json {
        println!("{}", serde_json::to_string_pretty(&findings)?);
    } else {
        told(&findings);
    }
    ensure!(
        !findings.are_bad(),
        "{}: {} damaged, {} in two splits, {} with two labels; remove or replace them",
        set.title,
        findings.damaged.len(),
        findings.shared.len(),
        findings.contradictory.len()
    );
    Ok(())
}

fn told(findings: &Findings) {
    let pairs = |pairs: &[[String; 2]]| -> Vec<String> {
        pairs.iter().map(|[one, other]| format!("{one} and {other}")).collect()
    };
    let kinds = [
        ("damaged", findings.damaged.clone()),
        ("the same image in two splits", pairs(&findings.shared)),
        ("the same image with two labels", pairs(&findings.contradictory)),
    ];
    for (kind, found) in kinds.iter().filter(|(_, found)| !found.is_empty()) {
        println!("{kind}:");
        found.iter().take(NAMED).for_each(|name| println!("  {}", names::shown(name)));
        if found.len() > NAMED {
            println!("  and {} more; --json names all", found.len() - NAMED);
        }
    }
    let repeated = match findings.repeated {
        0 => String::new(),
        repeated => format!(", {repeated} of them repeated within a split"),
    };
    println!("looked at {} images{repeated}", findings.images);
}

fn counts(images: &dyn Images, classes: usize) -> Result<Vec<usize>> {
    let mut counts = vec![0; classes];
    for index in 0..images.len() {
        counts[images.label(index)?] += 1;
    }
    Ok(counts)
}

/// Smallest and largest width and height among images spread over the set.
fn sizes(images: &dyn Images) -> Result<([usize; 2], [usize; 2])> {
    let (mut smallest, mut largest) = ([usize::MAX; 2], [0; 2]);
    let step = images.len().div_ceil(LOOKED_AT).max(1);
    for index in (0..images.len()).step_by(step) {
        let sample = images.sample(index)?;
        for (axis, side) in [sample.image.width(), sample.image.height()].into_iter().enumerate() {
            smallest[axis] = smallest[axis].min(side);
            largest[axis] = largest[axis].max(side);
        }
    }
    Ok((smallest, largest))
}

fn print(report: &Report, endless: bool) {
    let train = if endless { "any number of".to_owned() } else { report.train.to_string() };
    let [[w, h], [width, height]] = [report.smallest, report.largest];
    let size = if [w, h] == [width, height] { format!("{w}×{h}") } else { format!("{w}×{h} to {width}×{height}") };
    println!("{}: {train} training and {} test images, {size} px", shown(&report.title), report.test);
    println!("\n{:<24} {:>8} {:>8}", "class", "train", "test");
    for class in &report.classes {
        let train = if endless { "–".to_owned() } else { class.train.to_string() };
        println!("{:<24} {train:>8} {:>8}", shown(&class.name), class.test);
    }
}
