//! The subcommands. `…Arguments` mirror the flags; each `run` resolves them once and calls what does the work.

pub mod bench;
mod chosen;
pub mod compare;
pub mod corrupt;
pub mod data;
mod devices;
pub mod eval;
pub mod explain;
pub mod export;
pub mod get;
pub mod import;
pub mod keys;
pub mod new;
pub mod pull;
pub mod train;
pub mod worker;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Train robust vision transformers, evaluate and compare them under corruption.
#[derive(Debug, Parser)]
#[command(name = "vitro", version, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a recipe for your own images.
    New(new::NewArguments),
    /// Train a model from a recipe.
    Train(train::TrainArguments),
    /// Measure accuracy on clean and corrupted test images.
    Eval(eval::EvalArguments),
    /// Compare evaluations side by side.
    Compare(compare::CompareArguments),
    /// Show what each model predicts for one image, and where it looks.
    Explain(explain::ExplainArguments),
    /// Write a run as a bundle for the page and the CLI.
    Export(export::ExportArguments),
    /// Turn an official checkpoint into a bundle.
    Import(import::ImportArguments),
    /// Write corrupted copies of images.
    Corrupt(corrupt::CorruptArguments),
    /// List the keys of a recipe.
    Keys(keys::KeysArguments),
    /// Inspect a dataset, or download one.
    Data(data::DataArguments),
    /// Download a bundle or other weights from the Hugging Face hub.
    Pull(pull::PullArguments),
    /// Time forward passes, training steps and corruptions on this machine.
    Bench(bench::BenchArguments),
    /// Lend this machine's devices to a training or an evaluation on another.
    Worker(worker::WorkerArguments),
}

/// Runs one subcommand.
pub fn run(arguments: Arguments) -> Result<()> {
    match arguments.command {
        Command::New(arguments) => new::run(arguments),
        Command::Train(arguments) => train::run(arguments),
        Command::Eval(arguments) => eval::run(arguments),
        Command::Compare(arguments) => compare::run(arguments),
        Command::Explain(arguments) => explain::run(arguments),
        Command::Export(arguments) => export::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Corrupt(arguments) => corrupt::run(arguments),
        Command::Keys(arguments) => keys::run(arguments),
        Command::Data(arguments) => data::run(arguments),
        Command::Pull(arguments) => pull::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Worker(arguments) => worker::run(&arguments),
    }
}

impl Arguments {
    /// Whether tensors will be made and dropped by the thousand.
    pub fn computes(&self) -> bool {
        use Command::{Bench, Eval, New, Train, Worker};
        matches!(self.command, New(_) | Train(_) | Eval(_) | Bench(_) | Worker(_))
    }
}
