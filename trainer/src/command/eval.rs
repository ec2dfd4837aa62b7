//! `vitro eval RUN_OR_BUNDLE`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use vitro::attack::{self, Attack, Budget, MOST_STEPS};
use vitro::corruption::{self, Corruption, Severity, Variant};

use crate::data::{self, Set};
use crate::device::Choice;
use crate::disk;
use crate::eval::report;
use crate::eval::results::Evaluation;
use crate::eval::subject::{self, Subject};
use crate::eval::table::{self, Plan};
use crate::job::processors;
use crate::recipe::Data;

/// Flags of `vitro eval`.
#[derive(Debug, Args)]
pub struct EvalArguments {
    /// Run folder or bundle file.
    subject: PathBuf,
    /// Test data: `scenes`, a folder or an archive [default: that of the run].
    #[arg(long, value_name = "SOURCE")]
    data: Option<String>,
    /// Test pictures, a fixed class-balanced part; 0: all.
    #[arg(long, default_value_t = 0)]
    limit: usize,
    /// Severities.
    #[arg(long, value_delimiter = ',', value_name = "1,…,5")]
    severity: Vec<u8>,
    /// Corruptions by name [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    only: Vec<String>,
    /// Constants of the corruptions: imagenet, tiny, cifar, inception, imagecorruptions [default: by image size].
    #[arg(long)]
    variant: Option<Variant>,
    /// Attacks by name, with their published budgets: fgsm, fgsm_released, pgd, pgd_l2.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    attack: Vec<String>,
    /// Radius of the attacks instead of the published one, levels of 255; steps scale with it.
    #[arg(long, value_name = "LEVELS", requires = "attack")]
    eps: Option<f64>,
    /// Steps of iterated attacks instead of the published number.
    #[arg(long, requires = "attack")]
    steps: Option<usize>,
    /// Seed of the corruptions and attacks.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where to compute.
    #[arg(long, value_enum, default_value_t)]
    device: Choice,
    /// Also writes the result to this JSON file; a run keeps it as eval.json anyway.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Prints JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Evaluates.
pub fn run(arguments: EvalArguments) -> Result<()> {
    let plan = Plan {
        corruptions: corruptions(&arguments.only)?,
        severities: severities(&arguments.severity)?,
        limit: arguments.limit,
        seed: arguments.seed,
        variant: arguments.variant,
        attacks: attacks(&arguments)?,
    };
    let (processor, workers) = processors(arguments.device, 0)?;
    let subject = subject::open(&arguments.subject, &processor.device)?;
    let set = test_data(&subject, arguments.data.as_deref())?;

    let cells = plan.corruptions.len() * plan.severities.len();
    let mut done = 0;
    let counting = std::io::stderr().is_terminal();
    let evaluation = table::evaluate(&subject, &set, &plan, &processor, &workers, |cell| {
        done += 1;
        if counting {
            eprint!("\r{done}/{cells} {} {}            ", cell.corruption, cell.severity);
            let _ = std::io::stderr().flush();
        }
    })?;
    if counting {
        eprint!("\r{:60}\r", "");
    }

    if let Some(folder) = &subject.folder {
        report::write(folder, &evaluation)?;
    }
    if let Some(out) = &arguments.out {
        disk::replace_with(out, &serde_json::to_vec_pretty(&evaluation)?)?;
    }
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&evaluation)?);
    } else {
        print!("{}", report::markdown(&evaluation));
    }
    Ok(())
}

/// Evaluates a run folder, or a bundle, on its own data by `plan`; a run keeps the result.
pub(super) fn stored(path: &Path, plan: &Plan, device: Choice) -> Result<Evaluation> {
    let (processor, workers) = processors(device, 0)?;
    let subject = subject::open(path, &processor.device)?;
    let set = test_data(&subject, None)?;
    let evaluation = table::evaluate(&subject, &set, plan, &processor, &workers, |_| ())?;
    if let Some(folder) = &subject.folder {
        report::write(folder, &evaluation)?;
    }
    Ok(evaluation)
}

/// All corruptions, or those asked for, in the registry's order.
pub(super) fn corruptions(only: &[String]) -> Result<Vec<&'static Corruption>> {
    let asked = only.iter().map(|name| corruption::find(name)).collect::<Result<Vec<_>, _>>()?;
    let wanted = |corruption: &&Corruption| asked.is_empty() || asked.iter().any(|asked| asked.name == corruption.name);
    Ok(corruption::ALL.iter().filter(wanted).collect())
}

/// The attacks asked for, with their budgets.
fn attacks(arguments: &EvalArguments) -> Result<Vec<(&'static Attack, Budget)>> {
    let attack = |name: &String| {
        let attack = attack::find(name)?;
        let mut budget = attack.defaults;
        if let Some(levels) = arguments.eps {
            anyhow::ensure!(
                levels > 0.0 && levels <= 255.0,
                "--eps {levels} is out of range; take more than 0, up to 255"
            );
            let factor = levels / 255.0 / budget.eps;
            budget.eps *= factor;
            budget.step *= factor;
        }
        if let Some(steps) = arguments.steps {
            anyhow::ensure!(
                (1..=MOST_STEPS).contains(&steps),
                "--steps {steps} is out of range; take 1 to {MOST_STEPS}"
            );
            budget.steps = steps;
        }
        Ok((attack, budget))
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

fn test_data(subject: &Subject, source: Option<&str>) -> Result<Set> {
    let manifest = &subject.manifest;
    let (mut data, base) = match &subject.data {
        Some((data, base)) => (data.clone(), base.clone()),
        // A bundle knows the name of its data; scenes are always at hand, anything else must be pointed to.
        None => {
            let source = source.or((manifest.dataset == "scenes").then_some("scenes"));
            let source = source.with_context(|| format!("name the test data of {} with --data", manifest.dataset))?;
            let data = Data { source: source.into(), image_size: manifest.preprocess.image_size, ..Data::default() };
            (data, PathBuf::from("."))
        }
    };
    let mut title = manifest.dataset.clone();
    if let Some(source) = source.filter(|source| *source != data.source) {
        data.source = source.to_owned();
        title = data::archive_stem(Path::new(source));
    }
    let set = data::open(&data, title, &base)?;
    anyhow::ensure!(
        set.classes == manifest.classes,
        "the data have other classes than the model ({} and {}, first {:?} and {:?}); choose matching data with --data",
        set.classes.len(),
        manifest.classes.len(),
        set.classes.first().map_or("", String::as_str),
        manifest.classes.first().map_or("", String::as_str),
    );
    Ok(set)
}
