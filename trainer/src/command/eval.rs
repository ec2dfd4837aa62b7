//! `vitro eval RUN_OR_BUNDLE`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use vitro::corruption::{self, Corruption, Severity, Variant};

use super::train::processors;
use crate::data::{self, Set};
use crate::device::Choice;
use crate::disk;
use crate::eval::report;
use crate::eval::subject::{self, Subject};
use crate::eval::table::{self, Plan};
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
    /// Constants of the corruptions: imagenet, tiny, cifar, imagecorruptions [default: by image size].
    #[arg(long)]
    variant: Option<Variant>,
    /// Seed of the corruptions.
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

/// All corruptions, or those asked for, in the registry's order.
pub(super) fn corruptions(only: &[String]) -> Result<Vec<&'static Corruption>> {
    let asked = only.iter().map(|name| corruption::find(name)).collect::<Result<Vec<_>, _>>()?;
    let wanted = |corruption: &&Corruption| asked.is_empty() || asked.iter().any(|asked| asked.name == corruption.name);
    Ok(corruption::ALL.iter().filter(wanted).collect())
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
