//! Building the page with trunk.

use crate::{step, tools, workspace};
use anyhow::{Result, bail};
use std::process::Command;

/// How much time goes into a smaller page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Optimised for speed, quick to link: daily work and tests.
    Release,
    /// Optimised for size as well: publishing.
    Dist,
}

/// Builds the page into [`workspace::dist_dir`], installing the tools that are missing.
///
/// # Errors
/// A tool cannot be installed, or the page does not build.
pub fn build(profile: Profile) -> Result<()> {
    let root = workspace::root();
    if !root.join("index.html").is_file() {
        bail!("{} has no index.html: run this from a checkout of the workspace", root.display());
    }
    tools::ensure()?;
    // trunk stays offline (see `tools`), and so does the cargo it starts: fetch first.
    step::run(
        Command::new("cargo")
            .args(["fetch", "--locked", "--quiet", "--target", tools::WASM_TARGET, "--target", &tools::host()?])
            .current_dir(&root),
    )?;
    let (expected, profile_args): (_, &[&str]) = match profile {
        Profile::Release => ("about 8 minutes on two cores the first time, under a minute after that", &[]),
        Profile::Dist => ("about 25 minutes on two cores", &["--cargo-profile", "dist"]),
    };
    step::timed("Building the page", expected, || {
        step::run(
            Command::new("trunk")
                .args(["build", "--release", "--offline", "--skip-version-check", "--dist"])
                .arg(workspace::dist_dir())
                .args(profile_args)
                .env("PATH", tools::path()?)
                // trunk takes the variable for a flag of its own and refuses the value 1.
                .env_remove("NO_COLOR")
                .current_dir(&root),
        )
    })
}
