//! `cargo xtask bench`: times, beside those of others.
//!
//! [`compare`] and `page` measure what `docs/performance.md` says. The other parts print tables: the models of the zoo and the corruptions
//! in headless Chromium, the latter beside native.

mod arithmetic;
pub mod compare;
mod corruptions;
mod data;
mod document;
mod models;
pub mod onnxruntime;
pub(crate) mod ours;
mod packages;
mod processor;
mod python;
mod scaling;
mod stored;
mod visit;

use crate::browser::WebGpu;
use crate::page::{self, Engine, Profile};
use crate::serve::Server;
use crate::{system, workspace};
use anyhow::Result;

/// What is measured.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    part: Part,
}

#[derive(clap::Subcommand, Debug)]
enum Part {
    /// Measure every yardstick in turn with ours and write docs/performance.json and docs/performance.md.
    Compare(compare::Args),
    /// Measure the page's engines beside onnxruntime-web; the browser's part of `compare`.
    Browser(onnxruntime::Args),
    /// Write docs/performance.md from docs/performance.json again.
    Render,
    /// Time the models of the zoo in headless Chromium, on the CPU and on WebGPU.
    Models(Models),
    /// Time the corruptions in headless Chromium, beside native.
    Corruptions(Corruptions),
    /// Measure what a visitor of the page waits for, in headless Chromium, into docs/performance.json.
    Page(visit::Args),
}

/// How much is measured.
#[derive(clap::Args, Debug)]
struct Models {
    /// Predictions timed per model.
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// Measure WebGPU on Chromium's software adapter as well (minutes).
    #[arg(long)]
    webgpu: bool,
}

/// Which corruptions are timed.
#[derive(clap::Args, Debug)]
struct Corruptions {
    /// Their severity.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=5))]
    severity: u8,
}

/// Measures.
///
/// # Errors
/// The page does not build, an engine does not start or answer, a yardstick is missing, or corruptions are too slow in the browser.
pub fn run(args: &Args) -> Result<()> {
    match &args.part {
        Part::Compare(args) => compare::run(args),
        Part::Browser(args) => onnxruntime::run(args),
        Part::Render => compare::render(),
        Part::Models(Models { rounds, webgpu }) => {
            let engines = [("cpu", WebGpu::Off), ("webgpu", WebGpu::Software)];
            models::run(&serve(&page::ENGINES)?, *rounds, if *webgpu { &engines } else { &engines[..1] })
        }
        Part::Page(args) => visit::run(&serve(&[page::CORRUPT, page::CPU])?, args),
        Part::Corruptions(Corruptions { severity }) => corruptions::run(&serve(&[page::CORRUPT])?, *severity),
    }
}

/// Builds the page with these engines and serves it.
fn serve(engines: &[Engine]) -> Result<Server> {
    system::ensure_chromium()?;
    page::build(engines, Profile::Page)?;
    Server::start(&workspace::dist_dir(), 0)
}
