//! `cargo xtask bench`: how long each model of the zoo and each corruption takes in headless Chromium, one image at a time.
//!
//! The engine modules are driven directly, with nothing else of the page running. The first calls warm up and are not counted.
//! Corruptions are also timed natively: the file of [`corruptions`] says how.
//! On Chromium's software adapter the WebGPU numbers tell only whether the engine works: a graphics card is far quicker.

mod corruptions;

use crate::browser::{Browser, Page, WebGpu};
use crate::page::{self, Profile};
use crate::serve::Server;
use crate::{system, workspace};
use anyhow::{Context, Result};

/// Loads an engine and the zoo, and leaves `time(model)`, which resolves to milliseconds. Resolves to the names of the models.
const SETUP: &str = "(async (name) => {
    const at = (file) => new URL(`/vitro/${file}`, location.href).href;
    const open = async (name) => {
        const module = await import(at(`engine-${name}.js`));
        await module.default();
        return module;
    };
    const images = await open('cpu');
    const engine = await (name === 'cpu' ? images : await open(name)).open();
    const scene = images.Image.scene(7, 3);
    const pixels = scene.corrupt('fog', 3, 0);
    const zoo = await (await fetch(at('zoo/index.json'))).json();
    const fetchBytes = async (file) => new Uint8Array(await (await fetch(at(`zoo/${file}`))).arrayBuffer());
    const ids = [];
    for (const { file } of zoo) ids.push(engine.load(await fetchBytes(file)));
    globalThis.time = async (model) => {
        const start = performance.now();
        const answer = await engine.classify(ids[model], pixels, scene.side);
        const milliseconds = performance.now() - start;
        answer.free();
        return milliseconds;
    };
    return zoo.map(({ name }) => name);
})";

/// Calls before the first one that counts.
const WARM_UP: usize = 5;

/// What can be measured alone.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The models of the zoo.
    Models,
    /// The corruptions, in the browser and natively.
    Corruptions,
}

/// How much is measured.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Measure only this part.
    part: Option<Part>,
    /// Predictions timed per model.
    #[arg(long, default_value_t = 50)]
    rounds: usize,
    /// Measure WebGPU on Chromium's software adapter as well (minutes).
    #[arg(long)]
    webgpu: bool,
}

/// Builds the page, measures, and prints tables of milliseconds.
///
/// # Errors
/// The page does not build, an engine does not start or answer, or corruptions are too slow in the browser.
pub fn run(args: &Args) -> Result<()> {
    system::ensure_chromium()?;
    page::build(&page::ENGINES, Profile::Release)?;
    let server = Server::start(&workspace::dist_dir(), 0)?;
    if args.part != Some(Part::Corruptions) {
        models(&server, args)?;
    }
    if args.part != Some(Part::Models) {
        corruptions::run(&server)?;
    }
    Ok(())
}

fn models(server: &Server, args: &Args) -> Result<()> {
    println!("{:<8} {:<20} {:>8} {:>8} {:>8}   milliseconds", "engine", "model", "median", "least", "most");
    measure(server, "cpu", WebGpu::Off, args.rounds)?;
    if args.webgpu {
        measure(server, "webgpu", WebGpu::Software, args.rounds)?;
    }
    Ok(())
}

fn measure(server: &Server, engine: &str, webgpu: WebGpu, rounds: usize) -> Result<()> {
    let mut browser = Browser::start(webgpu)?;
    // A file of the site that is no page: its origin without its work.
    let mut page = browser.open(&format!("{}vitro/vitro.js", server.url()))?;
    let names = page.evaluate(&format!("{SETUP}('{engine}')"))?;
    let names = names.as_array().context("the zoo has no list of models: run `cargo xtask zoo`")?;
    for (index, name) in names.iter().enumerate() {
        let mut times =
            (0..WARM_UP + rounds).map(|_| time(&mut page, index)).collect::<Result<Vec<_>>>()?.split_off(WARM_UP);
        times.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (times.first(), times.last()) else { continue };
        let name = name.as_str().unwrap_or_default();
        println!("{engine:<8} {name:<20} {:>8.1} {least:>8.1} {most:>8.1}", times[times.len() / 2]);
    }
    Ok(())
}

fn time(page: &mut Page<'_>, model: usize) -> Result<f64> {
    page.evaluate(&format!("time({model})"))?.as_f64().context("the engine gave no time")
}
