//! `vitro data get NAME`: a public dataset from its official host, proven by its hash, and the line of a recipe that uses it.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use toml::Value;

use crate::fetch::{self, Outcome, Settings, datasets};

/// Flags of `vitro data get`.
#[derive(Debug, Args)]
pub struct GetArguments {
    /// Which one; --help lists them. The variable VITRO_MIRROR names another host with the same files.
    #[arg(long_help = datasets::help())]
    name: String,
    /// Folder for the file. A part that is there already is gone on with.
    #[arg(long, value_name = "FOLDER", default_value = "data")]
    to: PathBuf,
}

/// Downloads.
pub fn run(arguments: &GetArguments) -> Result<()> {
    let dataset = datasets::find(&arguments.name)?;
    let wanted = dataset.wanted(&arguments.to)?;
    let place = wanted.target.display();
    match fetch::download(&wanted, &Settings::default())? {
        Outcome::Came => println!("{place} is here and has the published SHA-256"),
        Outcome::WasThere => println!("{place} was here already and has the published SHA-256"),
    }
    println!("data.source = {}", Value::String(place.to_string()));
    Ok(())
}
