//! `cargo xtask bench`: how long each model of the page takes in headless Chromium, on both engines.
//!
//! The page answers one question after another (severities in turn, as a visitor would); the first answers warm up and are not
//! counted. On the software adapter the WebGPU numbers tell only whether the engine works: a graphics card is much faster.

use crate::browser::{Browser, WebGpu};
use crate::page::{self, Profile};
use crate::serve::Server;
use crate::{compare, system, workspace};
use anyhow::Result;
use std::time::Duration;

/// How much is measured.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Answers counted per model.
    #[arg(long, default_value_t = 20)]
    rounds: usize,
    /// Measure WebGPU on the software adapter as well (minutes).
    #[arg(long)]
    webgpu: bool,
}

/// Builds the page, measures, and prints a table of milliseconds.
///
/// # Errors
/// The page does not build or its models do not answer.
pub fn run(args: &Args) -> Result<()> {
    system::ensure_chromium()?;
    page::build(Profile::Release)?;
    let server = Server::start(&workspace::dist_dir(), 0)?;
    println!("{:<10} {:<24} {:>8} {:>8} {:>8}  (ms)", "engine", "model", "median", "least", "most");
    measure(&server.url(), WebGpu::Off, args.rounds)?;
    if args.webgpu {
        measure(&format!("{}?backend=webgpu", server.url()), WebGpu::Software, args.rounds)?;
    }
    Ok(())
}

fn measure(url: &str, webgpu: WebGpu, rounds: usize) -> Result<()> {
    const WARM_UP: usize = 3;
    let mut browser = Browser::start(webgpu)?;
    let mut page = browser.open(url)?;
    let patience = Duration::from_secs(600);
    if webgpu == WebGpu::Software {
        println!("{}", compare::webgpu(&mut page, patience)?.unwrap_or_else(|refusal| refusal));
    }
    let mut times: Vec<(String, Vec<f64>)> = Vec::new();
    let mut backend = String::new();
    for (round, key) in ('1'..='5').cycle().take(WARM_UP + rounds).enumerate() {
        page.press(key)?;
        let asked = format!("document.querySelector('vitro-compare').state.severity === {key}");
        page.wait_until(&asked, patience)?;
        let state = compare::settled(&mut page, patience)?;
        backend.clone_from(&state.backend);
        for model in state.models {
            let index = times.iter().position(|(name, _)| *name == model.name).unwrap_or_else(|| {
                times.push((model.name, Vec::new()));
                times.len() - 1
            });
            if round >= WARM_UP {
                times[index].1.push(model.milliseconds);
            }
        }
    }
    for (name, mut times) in times {
        times.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (times.first(), times.last()) else { continue };
        println!("{backend:<10} {name:<24} {:>8.1} {least:>8.1} {most:>8.1}", times[times.len() / 2]);
    }
    Ok(())
}
