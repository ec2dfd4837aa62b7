//! `vitro eval RUN_OR_BUNDLE`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use vitro::attack::{self, Attack, Budget, MOST_STEPS};
use vitro::corruption::{Severity, Variant};
use vitro::measurement::scenes;
use vitro::perturbation::Difficulty;
use vitro::protocol::Split;

use super::chosen;
use super::devices::DeviceArguments;
use crate::data::{self, Purpose, Set, Source, photographs};
use crate::device::Devices;
use crate::disk;
use crate::eval::current;
use crate::eval::journal;
use crate::eval::report;
use crate::eval::results::Evaluation;
use crate::eval::source::Fitting;
use crate::eval::subset::Subset;
use crate::eval::table::{self, Found, Plan, Step};
use crate::job::{Job, processors};
use crate::recipe::Data;
use crate::run::best::Which;
use crate::subject::{self, Subject};

/// Flags of `vitro eval`.
#[derive(Debug, Args)]
pub struct EvalArguments {
    /// Run folder or bundle file.
    subject: PathBuf,
    /// Test data: `scenes`, `scenes-unseen`, a folder or an archive [default: that of the run].
    #[arg(long, value_name = "SOURCE")]
    data: Option<String>,
    /// Images to measure on; a run whose recipe sets `data.validation` has validation images too.
    #[arg(long, value_enum, default_value_t, conflicts_with = "stored", conflicts_with = "classes")]
    split: Part,
    /// Weights of a run whose recipe sets `train.keep`: the last, those of the best epoch, or of an epoch by its number. What is
    /// measured of others than the last is the result of --out alone.
    #[arg(long, default_value_t, value_name = "last|best|EPOCH")]
    weights: Which,
    /// Number of test images, a fixed class-balanced subset; 0: all.
    #[arg(long, default_value_t = 0)]
    limit: usize,
    /// Severities to measure [default: 1 to 5].
    #[arg(long, value_delimiter = ',', value_name = "1,…,5")]
    severity: Vec<u8>,
    /// Corruptions by name [default: those of --set].
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    only: Vec<String>,
    /// Published sets of corruptions [default: common,extra]. `bar` is ImageNet-C-bar and CIFAR-10-C-bar, or one of the two
    /// with --variant imagenet or cifar; no mean counts it.
    #[arg(long, value_delimiter = ',', value_name = "SET,…", value_parser = chosen::sets(), conflicts_with = "only")]
    set: Vec<String>,
    /// Skips corruptions: measures clean images and whatever else is asked for.
    #[arg(long, conflicts_with_all = ["only", "set", "severity", "stored"])]
    clean: bool,
    /// Constants of the corruptions: imagenet, tiny, cifar, inception, imagecorruptions [default: by image size].
    #[arg(long)]
    variant: Option<Variant>,
    /// Folder of the original photographs of frost, frost1.png to frost5.jpg [default: frost is drawn].
    #[arg(long, value_name = "DIR", conflicts_with_all = ["stored", "clean"])]
    frost_dir: Option<PathBuf>,
    /// Reads the corrupted images from this folder: ImageNet-C or Tiny-ImageNet-C (corruption/severity/class/file), or
    /// CIFAR-10-C (corruption.npy and labels.npy).
    #[arg(long, value_name = "DIR", conflicts_with = "variant")]
    stored: Option<PathBuf>,
    /// How stored images become input: not resized, or resized and cropped like any image.
    #[arg(long, value_enum, default_value_t, requires = "stored")]
    c_preproc: Fitting,
    /// Restricts predictions to some classes: imagenet-a, imagenet-r, or a JSON list of logit indices. The k-th class folder
    /// of --data and of --stored is the k-th of them, and every image of --data is a test image. Corruptions are skipped
    /// unless --only, --set or --stored asks for them.
    #[arg(long, value_name = "LIST", requires = "data", conflicts_with = "attack")]
    classes: Option<String>,
    /// Also computes mCE and flip rate relative to this run, or JSON file from `--out`. It must have been evaluated on the same
    /// images and cells.
    #[arg(long, value_name = "RUN_OR_JSON")]
    baseline: Option<PathBuf>,
    /// Also measures how stable predictions are on the sequences of ImageNet-P or CIFAR-P: ten for every image, 16 to 41 frames
    /// each.
    #[arg(long)]
    sequences: bool,
    /// How hard the sequences are, 1 to 3.
    #[arg(long, default_value_t = 1, requires = "sequences")]
    difficulty: u8,
    /// Attacks by name, with their published budgets.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…", value_parser = attack_by_name())]
    attack: Vec<&'static Attack>,
    /// Radius of the attacks instead of the published one, levels of 255; steps scale with it.
    #[arg(long, value_name = "LEVELS", requires = "attack")]
    eps: Option<f64>,
    /// Steps of iterated attacks instead of the published number.
    #[arg(long, requires = "attack")]
    steps: Option<usize>,
    /// Seed of corruptions, attacks and the bootstrap behind the intervals.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    devices: DeviceArguments,
    /// Also writes the result to this JSON file; a run keeps it as eval.json anyway, unless --classes, --split or --weights is given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Also writes one line for each corruption and severity to this CSV file; a run keeps it as cells.csv anyway.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Also writes what was predicted for every image under every condition to this CSV file.
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Which images are measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The test images.
    #[default]
    Test,
    /// Those held out from training to make choices on.
    Validation,
}

impl From<Part> for Split {
    fn from(part: Part) -> Self {
        match part {
            Part::Test => Self::Test,
            Part::Validation => Self::Validation,
        }
    }
}

/// Evaluates.
pub fn run(arguments: EvalArguments) -> Result<()> {
    let mut plan = plan(&arguments)?;
    let (processor, workers) = processors(&arguments.devices.open()?, 0)?;
    let subject = subject::open_with(arguments.weights, &arguments.subject, &processor.device)?;
    // What a run keeps is its result; a look at the validation images, at a few classes, or at earlier weights, is none.
    let of_the_run = plan.subset.is_none() && arguments.split == Part::Test && arguments.weights == Which::Last;
    let run = subject.folder.as_ref().filter(|_| of_the_run);
    plan.journal = match (&arguments.out, run) {
        (Some(out), _) => Some(disk::beside(out, ".journal")),
        (None, Some(run)) => Some(run.file("eval.json.journal")),
        (None, None) => None,
    };
    let (set, remark) = match (&plan.subset, arguments.data.as_deref()) {
        (Some(subset), Some(source)) => {
            subset.ensure_fits(subject.manifest.classes.len())?;
            (subset.open(Path::new(source))?, None)
        }
        (_, source) => test_data(&subject, source)?,
    };
    if let Some(remark) = &remark {
        eprintln!("{}", data::names::shown(remark));
    }

    let set = match arguments.split {
        Part::Test => set,
        Part::Validation => set.measured_on_validation()?,
    };
    let counting = std::io::stderr().is_terminal();
    let found = table::evaluate(&subject, &set, &plan, &processor, &workers, |Step { done, of, what }| {
        if counting {
            eprint!("\r{done}/{of} {what}            ");
            let _ = std::io::stderr().flush();
        }
    })?;
    if counting {
        eprint!("\r{:60}\r", "");
    }
    let Found { mut evaluation, predictions, resumed } = found;
    if resumed > 0 {
        eprintln!("{resumed} conditions were measured before this evaluation was stopped");
    }
    evaluation.remarks.extend(remark);

    if let Some(run) = run {
        report::write(run, &evaluation)?;
    }
    if let Some(file) = &arguments.predictions {
        disk::replace(file, |file| predictions.csv(&evaluation, file))?;
    }
    if let Some(out) = &arguments.out {
        disk::replace_with(out, &serde_json::to_vec_pretty(&evaluation)?)?;
    }
    if let Some(csv) = &arguments.csv {
        disk::replace_with(csv, &report::csv(&evaluation)?)?;
    }
    if let Some(journal) = &plan.journal {
        journal::remove(journal)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&evaluation)?);
    } else {
        print!("{}", report::markdown(&evaluation));
    }
    Ok(())
}

fn plan(arguments: &EvalArguments) -> Result<Plan> {
    let asked = arguments.classes.is_none()
        || !arguments.only.is_empty()
        || !arguments.set.is_empty()
        || arguments.stored.is_some();
    let corrupted = asked && !arguments.clean;
    let corruptions =
        if corrupted { chosen::corruptions(&arguments.only, &arguments.set, arguments.variant)? } else { Vec::new() };
    Ok(Plan {
        photographs: match &arguments.frost_dir {
            Some(folder) => {
                photographs::read(folder, corruptions.iter().any(|corruption| corruption.uses_photographs()))?
            }
            None => Vec::new(),
        },
        corruptions,
        severities: severities(&arguments.severity)?,
        limit: arguments.limit,
        split: arguments.split.into(),
        seed: arguments.seed,
        variant: arguments.variant,
        attacks: attacks(arguments)?,
        stored: arguments.stored.clone(),
        fitting: arguments.c_preproc,
        subset: arguments.classes.as_deref().map(Subset::read).transpose()?,
        baseline: arguments.baseline.as_deref().map(current::read).transpose()?,
        sequences: arguments.sequences.then(|| Difficulty::try_from(arguments.difficulty)).transpose()?,
        journal: None,
    })
}

/// Evaluates a run folder, or a bundle, on its own data by `plan`; a run keeps the result. A bundle does not know where its data
/// are: it takes those of `beside`.
pub(super) fn stored(path: &Path, beside: &Job, plan: &Plan, devices: &Devices) -> Result<Evaluation> {
    let (processor, workers) = processors(devices, 0)?;
    let mut subject = subject::open(path, &processor.device)?;
    subject.data.get_or_insert_with(|| beside.data());
    let (set, remark) = test_data(&subject, None)?;
    let mut evaluation = table::evaluate(&subject, &set, plan, &processor, &workers, |_| ())?.evaluation;
    evaluation.remarks.extend(remark);
    if let Some(folder) = &subject.folder {
        report::write(folder, &evaluation)?;
    }
    Ok(evaluation)
}

/// The registry's names, each with its title and budget in the help.
fn attack_by_name() -> impl TypedValueParser<Value = &'static Attack> {
    let value =
        |attack: &Attack| PossibleValue::new(attack.name).help(format!("{}, {}", attack.title, attack.defaults));
    PossibleValuesParser::new(attack::ALL.iter().map(value)).try_map(|name| attack::find(&name))
}

/// The attacks asked for, with their budgets.
fn attacks(arguments: &EvalArguments) -> Result<Vec<(&'static Attack, Budget)>> {
    let attack = |attack: &&'static Attack| {
        let mut budget = attack.defaults;
        if let Some(levels) = arguments.eps {
            anyhow::ensure!(
                levels > 0.0 && levels <= 255.0,
                "--eps {levels} is out of range; take more than 0, up to 255"
            );
            budget = budget.at(levels / 255.0);
        }
        if let Some(steps) = arguments.steps {
            anyhow::ensure!(
                (1..=MOST_STEPS).contains(&steps),
                "--steps {steps} is out of range; take 1 to {MOST_STEPS}"
            );
            budget.steps = steps;
        }
        Ok((*attack, budget))
    };
    arguments.attack.iter().map(attack).collect()
}

/// All severities, or those asked for, ascending.
pub(super) fn severities(asked: &[u8]) -> Result<Vec<Severity>> {
    if asked.is_empty() {
        return Ok(Severity::ALL.to_vec());
    }
    let mut severities = asked.iter().map(|number| Severity::try_from(*number)).collect::<Result<Vec<_>, _>>()?;
    severities.sort_unstable();
    severities.dedup();
    Ok(severities)
}

/// The data that `source` names, or else those of the subject, with a remark where no folder says which are for testing.
fn test_data(subject: &Subject, source: Option<&str>) -> Result<(Set, Option<String>)> {
    let manifest = &subject.manifest;
    let here = PathBuf::from(".");
    let asked = source.map(Source::from);
    let image_size = manifest.preprocess.image_size;
    let of_their_own = |source: Source| Data { source, image_size, seed: scenes::SEED, ..Data::default() };
    let (data, base, purpose, title) = match (&subject.data, asked) {
        (Some((data, base)), None) => (data.clone(), base.clone(), Purpose::Training, manifest.dataset.clone()),
        (Some((data, base)), Some(asked)) if asked.is_same(&here, &data.source, base) => {
            (data.clone(), base.clone(), Purpose::Training, manifest.dataset.clone())
        }
        (Some((data, base)), Some(asked)) => {
            // How many images a run tested on says nothing of other folders; of images that are made, it says how many.
            let test_size = if matches!(asked, Source::Made(_)) { data.test_size } else { 0 };
            let title = asked.title();
            (Data { test_size, seed: data.seed, ..of_their_own(asked) }, base.clone(), Purpose::Testing, title)
        }
        // A bundle knows the name of its data alone. By that name it may have been trained on them.
        (None, Some(asked)) => {
            let title = asked.title();
            let purpose = if title == manifest.dataset { Purpose::Training } else { Purpose::Testing };
            (of_their_own(asked), here, purpose, title)
        }
        (None, None) => {
            let made = Source::made(&manifest.dataset);
            let made = made.with_context(|| format!("name the test data of {} with --data", manifest.dataset))?;
            (of_their_own(made), here, Purpose::Training, manifest.dataset.clone())
        }
    };
    let (set, remark) = data::open_for(purpose, &data, title, &base)?;
    Ok((set, remark))
}
