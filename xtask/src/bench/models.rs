//! The models of the zoo in headless Chromium, one image at a time.
//!
//! The engine modules are driven directly, with nothing else of the page running. The first calls warm up and are not counted.
//! On Chromium's software adapter the WebGPU numbers tell only whether the engine works: a graphics card is far quicker.

use crate::browser::{Browser, Page, WebGpu};
use crate::serve::Server;
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
    const zoo = await (await fetch(at('zoo/index.json'))).json();
    const fetchBytes = async (file) => new Uint8Array(await (await fetch(at(`zoo/${file}`))).arrayBuffer());
    const ids = [];
    const seen = [];
    const eyes = name === 'cpu' ? engine : await images.open();
    for (const { file } of zoo) {
        const bytes = await fetchBytes(file);
        ids.push(engine.load(bytes));
        const eye = eyes === engine ? ids.at(-1) : eyes.load(bytes);
        seen.push([eyes.see(eye, scene, 'fog', 3, 0), JSON.parse(eyes.manifest(eye)).preprocess.image_size]);
    }
    globalThis.time = async (model) => {
        const start = performance.now();
        const answer = await engine.classify(ids[model], ...seen[model]);
        const milliseconds = performance.now() - start;
        answer.free();
        return milliseconds;
    };
    return zoo.map(({ name }) => name);
})";

/// Calls before the first one that counts.
const WARM_UP: usize = 5;

/// Measures and prints a table.
pub(super) fn run(server: &Server, rounds: usize, engines: &[(&str, WebGpu)]) -> Result<()> {
    println!("{:<8} {:<20} {:>8} {:>8} {:>8}   milliseconds", "engine", "model", "median", "least", "most");
    for &(engine, webgpu) in engines {
        measure(server, engine, webgpu, rounds)?;
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
