//! `vitro train RECIPE`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use vitro::corruption::{ALL, Set as Published, Severity};

use super::devices::DeviceArguments;
use crate::device::Devices;
use crate::eval::comparison;
use crate::eval::table::Plan;
use crate::job::{Job, Settings, default_folder};
use crate::progress::Stop;
use crate::recipe::{self, keys};
use crate::run::Folder;
use crate::train::End;

/// Flags of `vitro train`.
#[derive(Debug, Args)]
#[command(after_long_help = keys::help())]
pub struct TrainArguments {
    /// Recipe file; with --resume, a run folder works too.
    recipe: PathBuf,
    /// Changes one key of the recipe, e.g. --set epochs=3 or --set train.lr=1e-3. Repeatable. Keys of a recipe that is trained first start with its
    /// role, e.g. --set labeler.train.epochs=1 or --set start.train.epochs=1.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    changes: Vec<String>,
    #[command(flatten)]
    devices: DeviceArguments,
    /// Run folder [default: runs/<data>-<name>].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Name of the run [default: that of the recipe].
    #[arg(long)]
    name: Option<String>,
    /// Continues from the run's last checkpoint. A recipe or --set given with it may change only the length of the training (epochs,
    /// cool-down, patience), how much is kept of it, and the number of workers.
    #[arg(long)]
    resume: bool,
    /// One line per epoch, even on a terminal.
    #[arg(long)]
    plain: bool,
}

/// Test images, and severities, when the arms of a fine-tuning are compared at its end.
const COMPARED: usize = 300;
const SEVERITIES: [u8; 3] = [1, 3, 5];

/// Trains.
pub fn run(arguments: TrainArguments) -> Result<()> {
    let stop = Stop::default();
    stop.on_signals();
    let devices = arguments.devices.open()?;
    let settings = Settings { devices: devices.clone(), plain: arguments.plain, stop };
    let job = if arguments.resume { resume(arguments, &settings)? } else { start(arguments, &settings)? };
    if job.run()? == End::Finished {
        compare(&job, &devices)?;
    }
    Ok(())
}

fn start(arguments: TrainArguments, settings: &Settings) -> Result<Job> {
    ensure!(
        !arguments.recipe.is_dir(),
        "{} is a folder; name a recipe file, or add --resume to go on with a run",
        arguments.recipe.display()
    );
    let (inner, own): (Vec<_>, Vec<_>) = arguments.changes.into_iter().partition(|change| recipe::is_of_a_part(change));
    let mut recipe = recipe::read(&arguments.recipe, &own)?;
    if let Some(name) = arguments.name {
        recipe.name = name;
    }
    let out = arguments.out.unwrap_or_else(|| default_folder(&recipe));
    Job::start(recipe, &arguments.recipe, &out, &inner, settings)
}

fn resume(arguments: TrainArguments, settings: &Settings) -> Result<Job> {
    let TrainArguments { recipe: named, changes, out, name, .. } = arguments;
    let (inner, own): (Vec<_>, Vec<_>) = changes.into_iter().partition(|change| recipe::is_of_a_part(change));
    if let Some((part, change)) = inner.first().and_then(|change| change.trim_start().split_once('.')) {
        bail!(
            "--set {part}.{change} is for a run of its own; go on with that: vitro train RUN/{part} --resume --set {change}"
        );
    }
    let mut asked = if named.is_dir() { None } else { Some(recipe::read(&named, &own)?) };
    let out = match (out, &mut asked) {
        (Some(out), _) => out,
        (None, None) => named,
        (None, Some(asked)) => {
            asked.name = name.clone().unwrap_or_else(|| asked.name.clone());
            default_folder(asked)
        }
    };
    let folder = Folder::open(&out).context("--resume found no run")?;
    let mut asked = asked.map_or_else(|| recipe::read(&folder.file("recipe.toml"), &own), Ok)?;
    // A run keeps its name, whatever the recipe's file is called; only somebody who asks for another is told so.
    asked.name = name.map_or_else(|| folder.recipe().map(|begun| begun.name), Ok)?;
    Job::resume(&out, Some(asked), settings)
}

/// Evaluates the arms of a fine-tuning that has controls, and prints them side by side.
fn compare(job: &Job, devices: &Devices) -> Result<()> {
    let runs = job.comparison();
    if runs.is_empty() {
        return Ok(());
    }
    let plan = Plan {
        corruptions: ALL.iter().filter(|corruption| corruption.set == Published::Common).collect(),
        severities: Severity::ALL.into_iter().filter(|severity| SEVERITIES.contains(&severity.get())).collect(),
        limit: COMPARED,
        ..Plan::default()
    };
    let evaluations =
        runs.iter().map(|run| super::eval::stored(run, job, &plan, devices)).collect::<Result<Vec<_>>>()?;
    println!("\n{}", comparison::comparison(&evaluations));
    Ok(())
}
