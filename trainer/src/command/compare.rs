//! `vitro compare RUN…`: evaluations side by side, as a table and as a report to open in a browser.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::eval::severities;
use crate::device::Choice;
use crate::disk;
use crate::eval::comparison;
use crate::eval::paired;
use crate::eval::protocols;
use crate::eval::results::Evaluation;
use crate::job::processors;
use crate::report::exhibit::{self, Plan};
use crate::report::{self as html, Entry, curves, entry};

/// Images that a report may hold: more would make a file that no browser likes.
const MOST_IMAGES: usize = 24;

/// Flags of `vitro compare`. Evaluations of the same name count as trainings of one model with several seeds.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// Evaluated run folders, bundles with results, or JSON files of `vitro eval --out`; the first one is the baseline.
    #[arg(required = true)]
    runs: Vec<PathBuf>,
    /// Prints JSON instead of a Markdown table.
    #[arg(long)]
    json: bool,
    /// Also writes what is printed to this file.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also writes the differences to the first model, with their intervals, to this JSON file.
    #[arg(long, value_name = "FILE")]
    differences: Option<PathBuf>,
    /// Also draws accuracy over severity, the mean of the benchmark, into this SVG file.
    #[arg(long, value_name = "FILE")]
    curves: Option<PathBuf>,
    /// Also writes a report: charts, sample images and attention in one HTML file that needs no network.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Test images in the report, each of a different class; 0: none.
    #[arg(long, value_name = "N", default_value_t = 4, requires = "html")]
    images: usize,
    /// Severities of the sample images [default: the middle one of those that were measured].
    #[arg(long, value_delimiter = ',', value_name = "1,…,5", requires = "html")]
    severity: Vec<u8>,
    /// Device that the models of the report run on.
    #[arg(long, value_enum, default_value_t, requires = "html")]
    device: Choice,
}

/// Compares.
pub fn run(arguments: CompareArguments) -> Result<()> {
    let entries = entry::read(&arguments.runs)?;
    let evaluations: Vec<Evaluation> = entries.iter().map(|entry| entry.evaluation.clone()).collect();
    let text = if arguments.json {
        serde_json::to_string_pretty(&evaluations)? + "\n"
    } else {
        comparison::comparison(&evaluations)
    };
    let remarks = protocols::remarks(&evaluations);
    let text = if arguments.json {
        text
    } else {
        text + &remarks.iter().map(|remark| format!("{remark}\n")).collect::<String>()
    };
    if arguments.json {
        remarks.iter().for_each(|remark| eprintln!("{remark}"));
    }
    if let Some(path) = &arguments.html {
        write_report(path, &entries, &arguments)?;
    }
    if let Some(path) = &arguments.curves {
        let drawn = curves::alone(&entries);
        let drawn =
            drawn.context("there are no curves without corruptions at two severities; run `vitro eval` for them")?;
        disk::replace_with(path, drawn.as_bytes())?;
    }
    if let Some(path) = &arguments.differences {
        let paired = paired::against_the_first(&evaluations);
        disk::replace_with(path, &serde_json::to_vec_pretty(&paired)?)?;
    }
    if let Some(out) = &arguments.out {
        disk::replace_with(out, text.as_bytes())?;
    }
    print!("{text}");
    Ok(())
}

fn write_report(path: &Path, entries: &[Entry], arguments: &CompareArguments) -> Result<()> {
    let images = arguments.images;
    ensure!(images <= MOST_IMAGES, "--images {images} is too many for one page; take 0 to {MOST_IMAGES}");
    // The models may take a while; what cannot be written is refused before.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    ensure!(folder.is_dir(), "there is no folder {}; create it, or choose another --html", folder.display());
    ensure!(!path.is_dir(), "{} is a folder; name a file with --html", path.display());
    let plan = Plan {
        images,
        // None asked for means the middle one, not all.
        severities: if arguments.severity.is_empty() { Vec::new() } else { severities(&arguments.severity)? },
    };
    let (processor, _) = processors(&arguments.device.into(), 1)?;
    let exhibits = exhibit::make(entries, &plan, &processor)?;
    let page = html::write(entries, &exhibits);
    disk::replace_with(path, page.as_bytes())?;
    eprintln!("wrote {} ({} kB)", path.display(), page.len().div_ceil(1000));
    Ok(())
}
