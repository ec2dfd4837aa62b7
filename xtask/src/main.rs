//! `cargo xtask`: every chore of the workspace as one command, so that nobody has to remember a tool's flags.

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Chores of the vitro workspace", arg_required_else_help = true)]
struct Args {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Install what is missing, build the demo page and serve it on this machine.
    Demo(xtask::demo::Args),
    /// Run every check, as CI does: format, clippy, unit, parity, command-line and browser tests.
    Test(xtask::suite::Args),
    /// Train, evaluate and export the models of the zoo; without --set, write zoo/index.json from the bundles in zoo/.
    Zoo(xtask::zoo::Args),
    /// Render docs/evidence.md, the table of the README and the headers of the recipes from zoo/results.json.
    Readme,
    /// Write types, manifest and attributes of the custom elements from web/element/api.json.
    Elements,
    /// Write docs/corruptions.md and its images: every corruption at every severity.
    Gallery(xtask::gallery::Args),
    /// Compute what the page shows before its engine has arrived, and write it into web/opening.
    Opening,
    /// Time networks, corruptions and the page, beside the programs of others.
    Bench(xtask::bench::Args),
    /// Build the page and the packages for publishing; with --report, check what a visitor downloads.
    Dist(xtask::publish::Args),
}

fn main() -> ExitCode {
    // One sentence that says what to do; where it happened is of no use to the reader.
    run().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn run() -> Result<ExitCode> {
    match Args::parse().chore {
        Chore::Demo(args) => xtask::demo::run(&args)?,
        Chore::Test(args) => return Ok(xtask::suite::run(&args)),
        Chore::Zoo(args) => xtask::zoo::run(&args)?,
        Chore::Readme => xtask::readme::run()?,
        Chore::Elements => xtask::elements::run()?,
        Chore::Gallery(args) => xtask::gallery::run(&args)?,
        Chore::Opening => xtask::opening::run()?,
        Chore::Bench(args) => xtask::bench::run(&args)?,
        Chore::Dist(args) => return xtask::publish::run(&args),
    }
    Ok(ExitCode::SUCCESS)
}
