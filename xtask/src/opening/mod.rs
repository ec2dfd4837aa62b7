//! What the page shows before its engine has arrived: one comparison, computed beforehand.
//!
//! `cargo xtask opening` writes it into `web/opening`: a native program asks the models of a set about a photograph of the page's;
//! then the page's own element shows these answers in Chromium, and its markup is written down. The build puts both into the page:
//! the markup for the first second, which needs no script, and the answers as data, which the element shows when its scripts are
//! there. Nothing moves when one takes over from the other, since all three come from the same element.

mod place;

pub(crate) use place::insert;

use crate::browser::{Browser, WebGpu};
use crate::page::{self, Profile};
use crate::serve::{Manner, Server};
use crate::zoo::results;
use crate::{example, step, system, workspace};
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// How long the page may take until its element is there.
const PATIENCE: Duration = Duration::from_secs(60);

/// Computes the comparison and writes down how the element shows it.
///
/// # Errors
/// The program or the page does not build, or a file cannot be written.
pub fn run() -> Result<()> {
    system::ensure_chromium()?;
    let expected = "about 5 minutes on two cores the first time, then seconds";
    step::timed("Asking the models", expected, || step::run(example::with_networks("opening").arg(folder())))?;
    page::build(&[page::CORRUPT, page::CPU], Profile::Page)?;
    for (name, text) in step::timed("Writing down what the element shows", "a few seconds", markup)? {
        let path = folder().join(name);
        results::replace(&path, text.as_bytes())?;
        println!("wrote {} ({} bytes)", path.display(), text.len());
    }
    Ok(())
}

/// The files, by name, that the built page makes of the stored answers.
///
/// # Errors
/// No page is built, or it does not show them.
pub fn markup() -> Result<BTreeMap<String, String>> {
    // A worker that says nothing: the answers stay those that are stored.
    let manner = Manner { files: vec![("vitro/engine/worker/worker.js", Vec::new())], ..Manner::default() };
    let server = Server::with(&workspace::dist_dir(), 0, manner)?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&server.url())?;
    page.wait_until("globalThis.vitro", PATIENCE)?;
    let files = page.evaluate(include_str!("markup.js"))?;
    serde_json::from_value(files).context("the page wrote down something else")
}

/// Where the comparison is kept.
pub fn folder() -> PathBuf {
    workspace::root().join("web").join("opening")
}
