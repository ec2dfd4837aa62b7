//! `cargo xtask demo`: from a fresh clone to the page in the browser with one command.

use crate::browser::{Browser, WebGpu};
use crate::page::{self, Profile};
use crate::serve::{Manner, Server};
use crate::{compare, step, system, workspace};
use anyhow::{Result, bail};
use std::process::Command;
use std::time::Duration;

/// How the page is shown.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Port to serve on; 0 takes any free one.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Open the page in your browser.
    #[arg(long)]
    open: bool,
    /// Build and serve the page, load it once in headless Chromium, and exit.
    #[arg(long, conflicts_with = "open")]
    check: bool,
    /// How the engines are built; `dev` keeps the names of functions for stack traces.
    #[arg(long, value_enum, default_value = "page")]
    profile: Profile,
}

/// Builds the page and serves it until the command is stopped, or checks it once. It is served as soon as the processor
/// engine is there; the WebGPU engine follows.
///
/// # Errors
/// A tool cannot be installed, the page does not build, the port is taken, or (with `--check`) the models do not answer.
pub fn run(args: &Args) -> Result<()> {
    if args.check {
        // Before the long build, so that a missing Chromium is known at once.
        system::ensure_chromium()?;
    }
    page::build(&[page::CORRUPT, page::CPU], args.profile)?;
    let server = Server::with(&workspace::dist_dir(), if args.check { 0 } else { args.port }, Manner::strict())?;
    if args.check {
        step::timed("Loading the page in Chromium", "a few seconds", || check(&server.url()))?;
        return page::build(&page::ENGINES, args.profile);
    }
    println!("vitro is at {} (Ctrl-C ends it)", server.url());
    if args.open {
        open(&server.url());
    }
    println!("It runs on the CPU; the GPU engine is still compiling.");
    match page::build(&page::ENGINES, args.profile) {
        Ok(()) => println!("Reload {} to use the GPU.", server.url()),
        // The page does without.
        Err(error) => println!("The page stays on the CPU: {error:#}"),
    }
    server.wait();
    Ok(())
}

/// Loads the page and prints what its models say about the first image.
fn check(url: &str) -> Result<()> {
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(url)?;
    let state = compare::settled(&mut page, Duration::from_secs(120))?;
    for model in &state.models {
        let (class, probability) = model.top();
        println!(
            "    {}: {class} {:.0} % in {:.0} ms on the {}",
            model.name,
            100.0 * probability,
            model.milliseconds,
            state.backend
        );
    }
    let console = page.console();
    if !console.is_empty() {
        bail!("the page works, with errors.{console}");
    }
    Ok(())
}

/// Opens an address in the default browser. The address is printed anyway, so a failure is only mentioned.
fn open(url: &str) {
    let opener: &[&str] = match std::env::consts::OS {
        "macos" => &["open"],
        "windows" => &["cmd", "/C", "start", ""],
        _ => &["xdg-open"],
    };
    if Command::new(opener[0]).args(&opener[1..]).arg(url).spawn().is_err() {
        println!("    `{}` is not there: open the address yourself", opener[0]);
    }
}
