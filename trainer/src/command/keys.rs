//! `vitro keys`: every key of a recipe.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::recipe::{document, keys};

/// How keys are listed.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Format {
    /// A line for each key, as in `vitro train --help`.
    #[default]
    Text,
    /// Tables with type, default, range and the papers' values: docs/recipes.md.
    Markdown,
    /// A JSON schema, with which editors complete and check recipes: recipes/recipe.schema.json.
    Schema,
}

/// Flags of `vitro keys`.
#[derive(Debug, Args)]
pub struct KeysArguments {
    /// How to list them.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Lists.
pub fn run(arguments: KeysArguments) -> Result<()> {
    match arguments.format {
        Format::Text => println!("{}", keys::help()),
        Format::Markdown => print!("{}", document::markdown()),
        Format::Schema => print!("{}", document::schema()),
    }
    Ok(())
}
