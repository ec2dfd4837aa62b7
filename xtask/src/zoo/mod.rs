//! `cargo xtask zoo`: trains, evaluates and exports the models of the zoo, and keeps what was measured.
//!
//! `--set` names a dataset, and the queue does what is missing of it, in the order of [`rows`]: [`queue`] trains, evaluates and
//! exports, one row and seed after the other; [`choices`] settles learning rates on the validation images before; [`results`] is the
//! file that everything measured goes into; [`document`] renders tables of what is [`trained`] from it, those of the papers'
//! [`claims`] among them, and [`article`] sentences of the page; [`pace`] measures how quickly rows train. A queue that is killed at
//! any moment goes on where it was when it is started again. Without `--set`, only the list of bundles is written anew ([`index`]).

pub(crate) mod article;
mod choices;
pub mod claims;
pub(crate) mod document;
mod figures;
mod index;
mod pace;
mod program;
mod queue;
pub(crate) mod results;
pub mod rows;
mod trained;

use std::path::PathBuf;

use anyhow::{Result, bail};

use program::Program;
use rows::{Row, SETS, Set};

/// What is to be trained, and where.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Dataset whose models are trained, evaluated and exported; without it, only zoo/index.json is written.
    #[arg(long, value_parser = rows::names())]
    set: Option<String>,
    /// Rows to train [default: all that are missing, in their order].
    #[arg(long, value_delimiter = ',', value_name = "ROW,…", requires = "set")]
    rows: Vec<String>,
    /// Seeds [default: 0 for every row, then 1 and 2 where the set asks for three].
    #[arg(long, value_delimiter = ',', value_name = "0,…", requires = "set")]
    seeds: Vec<u64>,
    /// Device to compute on.
    #[arg(long, default_value = "cpu", requires = "set")]
    device: String,
    /// Folder of the runs; a queue that is started again goes on with those in it.
    #[arg(long, value_name = "DIR", default_value = "runs/zoo", requires = "set")]
    runs: PathBuf,
    /// The `vitro` program to run [default: the release build of this workspace].
    #[arg(long, value_name = "FILE", requires = "set")]
    program: Option<PathBuf>,
    /// Measures how quickly the rows train, on a machine that does nothing else, and trains nothing to its end.
    #[arg(long, requires = "set")]
    pace: bool,
    /// Prints what is done and what is missing, and does nothing.
    #[arg(long, requires = "set")]
    list: bool,
}

/// Does what is missing.
///
/// # Errors
/// For unknown rows, when another queue works in the same folder, and when a training or an evaluation fails.
pub fn run(args: &Args) -> Result<()> {
    let Some(name) = &args.set else { return index::write() };
    let Some(set) = SETS.iter().find(|set| set.name == name) else { bail!("there is no set {name}") };
    let asked = asked(set, args)?;
    if args.list {
        return queue::list(set, &asked);
    }
    let program = Program::find(args.program.as_deref(), &args.device)?;
    if args.pace {
        let rows: Vec<&Row> =
            set.rows.iter().filter(|row| asked.iter().any(|(other, _)| other.name == row.name)).collect();
        return pace::run(set, &rows, &args.runs, &program);
    }
    queue::run(set, &asked, &args.runs, &program)
}

/// The rows and seeds to be done, in order.
fn asked(set: &'static Set, args: &Args) -> Result<Vec<(&'static Row, u64)>> {
    for name in &args.rows {
        if !set.rows.iter().any(|row| row.name == name) {
            let known: Vec<&str> = set.rows.iter().map(|row| row.name).collect();
            bail!("there is no row {name} in {}; the rows are {}", set.name, known.join(", "));
        }
    }
    let mut asked: Vec<(&Row, u64)> = set.order();
    if !args.seeds.is_empty() {
        asked = args.seeds.iter().flat_map(|seed| set.rows.iter().map(move |row| (row, *seed))).collect();
    }
    asked.retain(|(row, _)| args.rows.is_empty() || args.rows.iter().any(|name| name == row.name));
    Ok(asked)
}
