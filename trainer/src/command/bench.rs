//! `vitro bench`: how long this machine takes for forward passes, training steps, corruptions and large datasets, and how much
//! memory.
//!
//! This process measures no network. It starts itself anew for each row and collects what the rows print.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::path::PathBuf;
use vitro::corruption::Severity;
use vitro::scene::CLASSES;

use super::devices::DeviceArguments;
use crate::bench::machine::{Build, Machine};
use crate::bench::network::{self, Plan};
use crate::bench::row::{Input, NOTES, Report, Row, Subject, Work};
use crate::bench::scaling::scaling;
use crate::bench::stopwatch::Budget;
use crate::bench::table;
use crate::bench::{corruptions, data};
use crate::device;
use crate::job::processors;
use crate::recipe::Precision;
use crate::workers::Workers;

/// What is measured when nobody says: plain and with the methods, small and as published.
const MODELS: [&str; 7] = [
    "vit_nano_p8_64",
    "vit_small_p8_64",
    "deit_tiny_patch16_224",
    "fan_nano_p8_64",
    "tap_fan_nano_p8_64+adl",
    "fan_tiny_12_p16_224",
    "tap_fan_tiny_12_p16_224+adl",
];

/// What still fits a machine; more would end in an allocation that fails.
const MOST_IMAGES: usize = 4096;
const MOST_CLASSES: usize = 100_000;
const MOST_WORKERS: usize = 1024;

/// Flags of `vitro bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// Models, by preset name; `+adl` behind one adds the attention diversification loss to its training.
    #[arg(default_values = MODELS, value_name = "PRESET")]
    models: Vec<String>,
    /// Batch sizes; a batch of one is not trained on.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 32], value_name = "N,…")]
    batch: Vec<usize>,
    /// Work to time.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Work::Forward, Work::Train], value_name = "WORK,…")]
    work: Vec<Work>,
    /// Images that training steps learn from.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Input::Noise, Input::Scenes], value_name = "INPUT,…")]
    input: Vec<Input>,
    /// CPU workers; 0: one per core.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 0], value_name = "N,…")]
    workers: Vec<usize>,
    /// Timed calls of each, at most.
    #[arg(long, default_value_t = 10)]
    runs: usize,
    /// Stop timing a row after this many seconds, once it has three calls.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Number of classes [default: 1000 for presets of 224 pixels, 24 for others, as many as scenes have].
    #[arg(long)]
    classes: Option<usize>,
    /// What passes and steps multiply in, as train.precision of a recipe.
    #[arg(long, value_enum, default_value_t = Precision::F32)]
    precision: Precision,
    #[command(flatten)]
    devices: DeviceArguments,
    /// Prints JSON: the rows with the machine, the build and what the numbers mean.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints comma-separated values.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    corruptions: CorruptionArguments,
    #[command(flatten)]
    data: DataArguments,
    /// Measures the one row that the other flags leave, in this process, and prints it as JSON.
    #[arg(long, hide = true)]
    row: bool,
}

#[derive(Debug, Args)]
struct CorruptionArguments {
    /// Times the corruptions instead of models, one thread.
    #[arg(long, conflicts_with = "csv")]
    corruptions: bool,
    /// Folder of photographs to corrupt; without it, rendered scenes.
    #[arg(long, requires = "corruptions", value_name = "FOLDER")]
    photographs: Option<PathBuf>,
    /// Images, at most.
    #[arg(long, requires = "corruptions", default_value_t = 12)]
    images: usize,
    /// Side of an image; below 64 pixels the corruptions are those of the CIFAR benchmarks.
    #[arg(long, requires = "corruptions", default_value_t = 224)]
    side: usize,
    /// Severity, 1 to 5.
    #[arg(long, requires = "corruptions", default_value_t = 3)]
    severity: u8,
    /// Writes the images into this folder as PNG files, for measuring another program on them.
    #[arg(long, requires = "corruptions", value_name = "FOLDER")]
    keep_images: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct DataArguments {
    /// Times the start of trainings on a large folder, and an epoch over shards with its memory. Makes both datasets first.
    #[arg(long, conflicts_with_all = ["corruptions", "csv"])]
    data: bool,
    /// Files of the folder.
    #[arg(long, requires = "data", default_value_t = 100_000, value_name = "N")]
    folder_files: usize,
    /// Training images in the shards.
    #[arg(long, requires = "data", default_value_t = 50_000, value_name = "N")]
    shard_images: usize,
    /// Side of the images in the shards.
    #[arg(long, requires = "data", default_value_t = 256, value_name = "PIXELS")]
    shard_side: usize,
    /// Where the datasets are made, and removed afterwards [default: the system's folder for such things].
    #[arg(long, requires = "data", value_name = "FOLDER")]
    place: Option<PathBuf>,
}

/// Times.
pub fn run(arguments: BenchArguments) -> Result<()> {
    check(&arguments)?;
    if arguments.corruptions.corruptions {
        return time_corruptions(&arguments);
    }
    if arguments.data.data {
        return time_data(&arguments);
    }
    if arguments.row {
        return measure_row(&arguments);
    }
    let rows = rows(&arguments)?;
    let mut report = Report {
        machine: Machine::this(),
        build: Build::this(),
        device: arguments.devices.described()?,
        precision: arguments.precision,
        notes: NOTES.iter().map(|&note| note.to_owned()).collect(),
        rows: Vec::new(),
        scaling: Vec::new(),
    };
    // Who reads the output by program still sees on the terminal how far it is.
    let is_data = arguments.json || arguments.csv;
    let show = |text: &str| if is_data { eprintln!("{text}") } else { println!("{text}") };
    show(&table::heading(&report));
    show(&table::columns());
    for row in &rows {
        let row = in_a_process_of_its_own(row, &arguments)?;
        show(&table::line(&row));
        report.rows.push(row);
    }
    report.scaling = scaling(&report.rows);
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else if arguments.csv {
        print!("{}", table::csv(&report.rows));
    } else {
        print!("{}", table::footer(&report));
    }
    Ok(())
}

fn check(arguments: &BenchArguments) -> Result<()> {
    ensure!(arguments.runs > 0, "--runs is 0; take at least 1");
    let seconds = arguments.seconds;
    ensure!(seconds.is_finite() && seconds >= 0.0, "--seconds is {seconds}; take 0 or more");
    for &count in &arguments.batch {
        ensure!((1..=MOST_IMAGES).contains(&count), "--batch has {count}; take 1 to {MOST_IMAGES} images");
    }
    for &count in &arguments.workers {
        ensure!(count <= MOST_WORKERS, "--workers has {count}; take at most {MOST_WORKERS}");
    }
    let (least, way_out) = match arguments.input.contains(&Input::Scenes) {
        true => (CLASSES.len(), ", or fewer with --input noise"),
        false => (1, ""),
    };
    if let Some(classes) = arguments.classes {
        ensure!(
            (least..=MOST_CLASSES).contains(&classes),
            "--classes is {classes}; take {least} to {MOST_CLASSES}{way_out}"
        );
    }
    let CorruptionArguments { images, side, .. } = &arguments.corruptions;
    ensure!(*images > 0, "--images is 0; take at least 1");
    ensure!((8..=4096).contains(side), "--side is {side}; take 8 to 4096 pixels");
    let DataArguments { folder_files, shard_images, shard_side, .. } = &arguments.data;
    ensure!(*folder_files >= 400, "--folder-files is {folder_files}; take at least 400");
    ensure!(*shard_images >= 100, "--shard-images is {shard_images}; take at least 100");
    ensure!((32..=4096).contains(shard_side), "--shard-side is {shard_side}; take 32 to 4096 pixels");
    Ok(())
}

/// One row, as the command line says it.
struct Asked {
    subject: Subject,
    work: Work,
    batch: usize,
    input: Input,
    workers: usize,
}

/// The rows that the flags ask for, model by model.
fn rows(arguments: &BenchArguments) -> Result<Vec<Asked>> {
    let mut rows = Vec::new();
    let workers = worker_counts(arguments)?;
    for name in &arguments.models {
        let subject: Subject = name.parse()?;
        for &batch in &arguments.batch {
            for &work in &arguments.work {
                let inputs: &[Input] = match work {
                    Work::Forward => &[Input::Noise],
                    Work::Train if batch == 1 => &[],
                    Work::Train => &arguments.input,
                };
                for &input in inputs {
                    rows.extend(workers.iter().map(|&workers| Asked { subject, work, batch, input, workers }));
                }
            }
        }
    }
    ensure!(!rows.is_empty(), "these flags leave nothing to measure; a training step needs --batch 2 or more");
    Ok(rows)
}

/// How many workers, each number once and ascending; a card has no use for them, and a list of devices has its own.
fn worker_counts(arguments: &BenchArguments) -> Result<Vec<usize>> {
    if arguments.devices.are_several() || !device::choose(arguments.devices.device)?.is_cpu {
        return Ok(vec![0]);
    }
    let of = |&count: &usize| if count == 0 { Workers::cores() } else { count };
    let mut counts: Vec<usize> = arguments.workers.iter().map(of).collect();
    counts.sort_unstable();
    counts.dedup();
    Ok(counts)
}

fn in_a_process_of_its_own(row: &Asked, arguments: &BenchArguments) -> Result<Row> {
    let program = std::env::current_exe().context("cannot find this program to start it for a row")?;
    let mut command = Command::new(program);
    command.args(["bench", "--row", &row.subject.to_string()]);
    command.args(["--work", &row.work.to_string(), "--input", &row.input.to_string()]);
    command.args(["--batch", &row.batch.to_string(), "--workers", &row.workers.to_string()]);
    command.args(["--runs", &arguments.runs.to_string(), "--seconds", &arguments.seconds.to_string()]);
    command.args(["--precision", &arguments.precision.to_string()]);
    command.args(arguments.devices.again());
    if let Some(classes) = arguments.classes {
        command.args(["--classes", &classes.to_string()]);
    }
    let output = command.output().context("cannot start this program for a row")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let reason = said.trim().lines().last().unwrap_or("it said nothing").trim_start_matches("vitro: ");
        bail!("{} {} of {} ended early ({}): {reason}", row.subject, row.work, row.batch, output.status);
    }
    serde_json::from_slice(&output.stdout).context("a row printed something else than its numbers")
}

/// What a process of its own does.
fn measure_row(arguments: &BenchArguments) -> Result<()> {
    let rows = rows(arguments)?;
    let [Asked { subject, work, batch, input, workers }] = rows[..] else {
        bail!("--row measures one row; the flags leave {}", rows.len())
    };
    let (processor, workers) = processors(&arguments.devices.open()?, workers)?;
    if processor.is_cpu && processor.places.is_empty() {
        // The engine's own threads, which look at single images, are as many as the workers. A process measures one
        // row, so nobody has started them yet.
        rayon::ThreadPoolBuilder::new().num_threads(workers.count()).build_global()?;
    }
    let budget = Budget { runs: arguments.runs, seconds: arguments.seconds };
    let classes = arguments.classes.unwrap_or(if subject.preset.name.ends_with("_224") { 1000 } else { CLASSES.len() });
    let precision = arguments.precision;
    let plan = Plan { subject, classes, work, batch, input, precision, budget };
    println!("{}", serde_json::to_string(&network::measure(&plan, &processor, &workers)?)?);
    Ok(())
}

fn time_corruptions(arguments: &BenchArguments) -> Result<()> {
    let CorruptionArguments { photographs, images, side, severity, keep_images, .. } = &arguments.corruptions;
    let plan = corruptions::Plan {
        photographs: photographs.clone(),
        images: *images,
        side: *side,
        severity: Severity::try_from(*severity)?,
        keep: keep_images.clone(),
    };
    let report = corruptions::measure(&plan)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", table::corruptions(&report));
    }
    Ok(())
}

fn time_data(arguments: &BenchArguments) -> Result<()> {
    let DataArguments { folder_files, shard_images, shard_side, place, .. } = &arguments.data;
    let plan = data::Plan {
        files: *folder_files,
        images: *shard_images,
        side: *shard_side,
        place: std::path::absolute(place.clone().unwrap_or_else(std::env::temp_dir))?,
    };
    let report = data::measure(&plan, |step| eprintln!("{step}"))?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print!("{}", data::table(&report));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        bench: BenchArguments,
    }

    fn asked(line: &str) -> Result<Vec<String>> {
        let arguments = Line::try_parse_from(["bench"].into_iter().chain(line.split_whitespace()))?.bench;
        check(&arguments)?;
        let shown = |row: &Asked| {
            let Asked { subject, work, batch, input, workers } = row;
            format!("{subject} {work} {batch} {input} {workers}")
        };
        Ok(rows(&arguments)?.iter().map(shown).collect())
    }

    #[test]
    fn a_single_image_is_not_trained_on_and_every_other_row_is_there_once() {
        let rows = asked("vit_nano_p8_64 --device cpu --workers 1,2,1").unwrap();
        let expected = [
            "forward 1 noise 1",
            "forward 1 noise 2",
            "forward 32 noise 1",
            "forward 32 noise 2",
            "train 32 noise 1",
            "train 32 noise 2",
            "train 32 scenes 1",
            "train 32 scenes 2",
        ];
        assert_eq!(rows, expected.map(|row| format!("vit_nano_p8_64 {row}")));
    }

    #[test]
    fn flags_that_leave_nothing_are_refused_with_what_to_do() {
        let refusal = |line: &str| asked(line).unwrap_err().to_string();
        assert!(refusal("--device cpu --work train --batch 1").contains("--batch 2 or more"));
        assert!(refusal("--device cpu --classes 3").contains("--input noise"));
        assert!(refusal("--device cpu vit_nano_p8_65").contains("the nearest is"));
    }

    #[test]
    fn the_models_that_are_measured_unasked_exist() {
        for model in MODELS {
            assert_eq!(model.parse::<Subject>().unwrap().to_string(), model);
        }
    }
}
