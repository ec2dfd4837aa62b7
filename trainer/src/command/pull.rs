//! `vitro pull hf:USER/REPO/FILE`: a bundle or other weights from the Hugging Face hub, to be used by name from then on.

use anyhow::{Context, Result};
use clap::Args;

use crate::fetch::hub::{self, Kind, Name};
use crate::fetch::{self, Outcome, Settings};

/// Flags of `vitro pull`.
#[derive(Debug, Args)]
pub struct PullArguments {
    /// hf:USER/REPO/FILE, with @REVISION after it for a branch, a tag or a commit. The variable HF_ENDPOINT names another host,
    /// HF_TOKEN holds the token of somebody who may read what is not for everyone.
    name: String,
    /// Downloads it although it is there, for what changed on the hub.
    #[arg(long)]
    again: bool,
}

/// Downloads.
pub fn run(arguments: PullArguments) -> Result<()> {
    let name = Name::read(&arguments.name)?;
    let name = name.with_context(|| format!("{} is no file of the hub; write hf:USER/REPO/FILE", arguments.name))?;
    let wanted = name.wanted(arguments.again)?;
    let place = wanted.target.display();
    match fetch::download(&wanted, &Settings::default())? {
        Outcome::Came => println!("{name} is in {place}"),
        Outcome::WasThere => println!("{name} was here already, in {place}; --again downloads it anew"),
    }
    match hub::kind(&wanted.target)? {
        Kind::Bundle => println!("{name} stands for it wherever a bundle is named, as in `vitro export {name}`"),
        Kind::Weights => println!("it is no bundle yet; `vitro import {place}` makes one"),
    }
    Ok(())
}
