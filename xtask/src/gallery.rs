//! `cargo xtask gallery`: writes `docs/corruptions.md` and its images.

use crate::{example, step, workspace};
use anyhow::Result;

/// What is done.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Write nothing; fail when the text is out of date.
    #[arg(long)]
    check: bool,
}

/// Draws every corruption at every severity.
///
/// # Errors
/// The example does not build, `docs/` cannot be written, or with `--check` its text is out of date.
pub fn run(args: &Args) -> Result<()> {
    step::run(example::command("gallery").arg(workspace::root().join("docs")).args(args.check.then_some("--check")))
}
