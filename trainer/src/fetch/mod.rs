//! Files from elsewhere: datasets from their official hosts, bundles from the Hugging Face hub.
//!
//! [`datasets`] and [`hub`] say what there is and where. [`download()`] brings a file: under another name, in several goes where a
//! line is bad, and proven before it gets its own name. Only `client` speaks HTTP. Both need the feature `fetch`; without it a
//! sentence says what to download by hand.

#[cfg(feature = "fetch")]
mod client;
pub mod datasets;
#[cfg(feature = "fetch")]
mod download;
pub mod hub;
#[cfg(feature = "fetch")]
mod meter;
#[cfg(feature = "fetch")]
mod part;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};

#[cfg(feature = "fetch")]
pub use download::download;

/// A file that somebody wants.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where it is.
    pub address: String,
    /// What it is to become.
    pub target: PathBuf,
    /// Its size, where that is published.
    pub bytes: Option<u64>,
    /// Its SHA-256, hexadecimal, where that is published.
    pub sha256: Option<String>,
    /// Who asks; the host of the address is told, and no other.
    pub token: Option<String>,
    /// What else it must be.
    pub check: fn(&Path) -> Result<()>,
    /// Whether a file that is there already is replaced.
    pub again: bool,
    /// What helps when it does not come.
    pub advice: Advice,
}

/// What helps when a file does not come.
#[derive(Clone, Copy, Debug)]
pub struct Advice {
    /// Variable that names another host.
    pub mirror: &'static str,
    /// What to do about a host that refuses.
    pub refused: &'static str,
    /// What to do about an address without a file.
    pub missing: &'static str,
}

/// How long a host is waited for, and how often it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The longest time in which nothing comes.
    pub patience: Duration,
    /// Before the second try; each further one is waited for twice as long.
    pub pause: Duration,
    /// Tries that bring nothing before it is given up.
    pub tries: u32,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The file came.
    Came,
    /// It was there, and is what it should be.
    WasThere,
}

impl Default for Settings {
    fn default() -> Self {
        Self { patience: Duration::from_secs(30), pause: Duration::from_secs(1), tries: 5 }
    }
}

/// Says how to get the file without this program.
///
/// # Errors
/// Always.
#[cfg(not(feature = "fetch"))]
pub fn download(wanted: &Wanted, _settings: &Settings) -> Result<Outcome> {
    anyhow::bail!(
        "this vitro was built without downloads; build it with the feature `fetch`, or download {} yourself, to {}",
        wanted.address,
        wanted.target.display()
    )
}

/// The address that a variable names, without a slash at its end, or else `usual`.
fn base(variable: &str, usual: &str) -> Result<String> {
    let named = std::env::var(variable).ok().filter(|text| !text.trim().is_empty());
    let Some(named) = named else { return Ok(usual.to_owned()) };
    let address = named.trim().trim_end_matches('/');
    let is_address = ["http://", "https://"].iter().any(|scheme| address.starts_with(scheme));
    ensure!(is_address, "{variable} is {named}; it takes an address such as https://mirror.example/data");
    Ok(address.to_owned())
}
