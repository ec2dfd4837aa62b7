//! `cargo xtask bench compare`: every yardstick in turn with ours, in one run, into `docs/performance.json`, from which
//! `docs/performance.md` is rendered.
//!
//! Each section of that file can be measured anew alone (`--only`), and so can some of its rows (`--rows`), as long as the
//! others were measured under the same conditions.

use super::ours::Vitro;
use super::stored::{self, Conditions, Keyed, Performance, Section};
use super::{data, document, onnxruntime, packages, processor, scaling};
use anyhow::{Result, ensure};
use serde::Serialize;
use std::fmt;
use std::path::{Path, PathBuf};

/// A section of the file.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Networks beside PyTorch.
    Processor,
    /// Networks with one worker and with one per core, on noise and on rendered scenes.
    Scaling,
    /// Corruptions beside the public Python packages.
    Corruptions,
    /// The start of trainings on a large folder, and an epoch over shards with its memory.
    Data,
    /// The page's engines beside onnxruntime-web, in one Chromium.
    Browser,
}

/// What is measured, and how often.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Measure only these parts; all without it, or the networks beside PyTorch where rows are chosen.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PART,…")]
    only: Vec<Part>,
    /// Measure only rows whose name contains one of these, such as `vit_nano`, `train` or `fog`; the others stay.
    #[arg(long, value_delimiter = ',', value_name = "TEXT,…")]
    rows: Vec<String>,
    /// Rounds: ours, theirs, ours, theirs, …
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Counted calls in a round, at most.
    #[arg(long, default_value_t = 10)]
    runs: usize,
    /// Seconds of counted calls after which no further one begins, once there are three.
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// Measure PyTorch after `torch.compile` as well, for information.
    #[arg(long)]
    compiled: bool,
    /// A `vitro` that is built already.
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Corrupt the photographs of this folder instead of rendered scenes.
    #[arg(long, value_name = "FOLDER")]
    photographs: Option<PathBuf>,
    /// Images under each corruption.
    #[arg(long, default_value_t = 12)]
    images: usize,
    /// Files of the large folder.
    #[arg(long, default_value_t = 100_000)]
    files: usize,
    /// Images in shards.
    #[arg(long, default_value_t = 50_000)]
    streamed: usize,
    /// Where the numbers are stored; the text goes beside it.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

/// Which rows.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    rows: Vec<String>,
    pub(super) with_compiled: bool,
}

/// How much.
#[derive(Clone, Copy, Debug)]
pub(super) struct Amount {
    pub(super) rounds: usize,
    pub(super) runs: usize,
    pub(super) seconds: f64,
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, runs, seconds } = self;
        let rounds = if *rounds == 1 { "1 round".to_owned() } else { format!("{rounds} rounds") };
        write!(f, "{rounds} of up to {runs} calls in {seconds} s")
    }
}

impl Choice {
    /// Those whose name contains one of `rows`; all if there is none.
    pub(super) fn of_rows(rows: &[String]) -> Self {
        Self { rows: rows.to_owned(), with_compiled: false }
    }

    /// Whether rows stay that are not chosen.
    pub(super) fn is_partial(&self) -> bool {
        !self.rows.is_empty()
    }

    /// The chosen ones.
    pub(super) fn of<R: Keyed>(&self, rows: Vec<R>) -> Result<Vec<R>> {
        if !self.is_partial() {
            return Ok(rows);
        }
        let keys: Vec<String> = rows.iter().map(Keyed::key).collect();
        // A dash is quicker to type.
        let wanted =
            |key: &str| self.rows.iter().any(|part| key.contains(part) || key.contains(&part.replace('-', "_")));
        let chosen: Vec<R> = rows.into_iter().filter(|row| wanted(&row.key())).collect();
        ensure!(!chosen.is_empty(), "--rows {} matches none of {}", self.rows.join(","), keys.join(", "));
        Ok(chosen)
    }

    /// Puts `fresh` rows into a stored section.
    pub(super) fn merge<R: Keyed>(&self, section: &mut Option<Section<R>>, fresh: Section<R>) {
        *section = Some(stored::merged(section.take(), fresh, self.is_partial()));
    }
}

/// Measures, stores and renders.
///
/// # Errors
/// A yardstick is missing, something does not build or run, or stored rows were measured under other conditions.
pub fn run(args: &Args) -> Result<()> {
    ensure!(args.rounds > 0 && args.runs > 0 && args.images > 0, "--rounds, --runs and --images must be 1 or more");
    ensure!(args.seconds.is_finite() && args.seconds >= 0.0, "--seconds is {}; take 0 or more", args.seconds);
    let parts = match (&args.only[..], &args.rows[..]) {
        ([], []) => vec![Part::Processor, Part::Scaling, Part::Corruptions, Part::Data, Part::Browser],
        ([], _) => vec![Part::Processor],
        (only, _) => only.to_owned(),
    };
    let compare = Compare {
        file: args.store.clone().unwrap_or_else(stored::default_file),
        choice: Choice { with_compiled: args.compiled, ..Choice::of_rows(&args.rows) },
        amount: Amount { rounds: args.rounds, runs: args.runs, seconds: args.seconds },
        browser: onnxruntime::Args::of_compare(args.rounds, args.rows.clone(), args.store.clone()),
        images: packages::Images { photographs: args.photographs.clone(), count: args.images },
        data: data::Amount { files: args.files, images: args.streamed },
        parts,
    };
    compare.check()?;
    compare.run(args.program.as_deref())
}

/// Everything resolved.
struct Compare {
    file: PathBuf,
    choice: Choice,
    amount: Amount,
    images: packages::Images,
    data: data::Amount,
    browser: onnxruntime::Args,
    parts: Vec<Part>,
}

impl Compare {
    /// Refuses before the first minute of measuring what could not be stored after the last.
    fn check(&self) -> Result<()> {
        let Performance { processor, scaling, corruptions, data, .. } = stored::load(&self.file)?;
        let is_partial = self.choice.is_partial();
        let check = |conditions: Conditions, part: Part| match part {
            Part::Processor => stored::check(processor.as_ref(), &conditions, is_partial),
            Part::Scaling => stored::check(scaling.as_ref(), &conditions, is_partial),
            Part::Corruptions => stored::check(corruptions.as_ref(), &conditions, is_partial),
            Part::Data => stored::check(data.as_ref(), &conditions, is_partial),
            Part::Browser => Ok(()),
        };
        for &part in &self.parts {
            match part {
                Part::Processor => {
                    processor::rows(&self.choice)?;
                    check(processor::conditions(&self.amount)?, part)?;
                }
                Part::Scaling => {
                    scaling::rows(&self.choice)?;
                    check(scaling::conditions(&self.amount), part)?;
                }
                Part::Corruptions => check(packages::conditions(&self.images, &self.amount)?, part)?,
                Part::Data => check(data::conditions(&self.data), part)?,
                Part::Browser => onnxruntime::check(&self.browser)?,
            }
        }
        Ok(())
    }

    fn run(&self, program: Option<&Path>) -> Result<()> {
        let needs_vitro = self.parts.iter().any(|part| *part != Part::Browser);
        let vitro = if needs_vitro { Some(Vitro::find(program)?) } else { None };
        for &part in &self.parts {
            if part == Part::Browser {
                onnxruntime::run(&self.browser)?;
                continue;
            }
            // Another part may have been measured meanwhile by somebody else.
            let mut performance = stored::load(&self.file)?;
            match (part, &vitro) {
                (Part::Processor, Some(vitro)) => {
                    let fresh = processor::measure(vitro, &self.choice, &self.amount)?;
                    self.choice.merge(&mut performance.processor, fresh);
                }
                (Part::Scaling, Some(vitro)) => {
                    let fresh = scaling::measure(vitro, &self.choice, &self.amount)?;
                    self.choice.merge(&mut performance.scaling, fresh);
                }
                (Part::Corruptions, Some(vitro)) => {
                    let fresh = packages::measure(vitro, &self.choice, &self.images, &self.amount)?;
                    self.choice.merge(&mut performance.corruptions, fresh);
                }
                (Part::Data, Some(vitro)) => {
                    let fresh = data::measure(vitro, &self.choice, &self.data)?;
                    self.choice.merge(&mut performance.data, fresh);
                }
                _ => {}
            }
            write(&self.file, &performance)?;
        }
        Ok(())
    }
}

/// Writes the numbers, and the text that is rendered from them.
pub(super) fn write(file: &Path, performance: &Performance) -> Result<()> {
    stored::write(file, &(pretty(performance)? + "\n"))?;
    stored::write(&file.with_extension("md"), &document::render(performance))
}

fn pretty(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)?)
}

/// Renders the text from the stored numbers again.
///
/// # Errors
/// The numbers cannot be read, or the text cannot be written.
pub fn render() -> Result<()> {
    let file = stored::default_file();
    write(&file, &stored::load(&file)?)
}
