//! Projects that install the packages of the elements with npm, as those of other people do: `tests/projects`.
//!
//! What a project needs beside them is pinned by its lock file and kept in a cache below the target directory, so that only
//! the first run fetches it.

use super::built_page;
use anyhow::{Context, Result, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use xtask::serve::{Manner, Server};
use xtask::{page, publish, step, system, workspace};

/// No script of a package runs, and nothing is asked for that is in the cache.
const INSTALL: [&str; 4] = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];

/// A copy of a project with everything that it needs installed. It goes when this value is dropped.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// Copies `tests/projects/NAME` and installs what its lock file pins, and the packages made from the built page.
    ///
    /// # Errors
    /// There is no built page, or npm fails; the message has what it printed.
    pub fn install(name: &str) -> Result<Self> {
        let packages = tempfile::tempdir()?;
        let packages = publish::pack(&built_page()?, packages.path())?;
        let project = Self { folder: tempfile::tempdir()? };
        page::copy(&workspace::root().join("tests/projects").join(name), project.path())?;
        project.npm(|npm| npm.arg("ci").args(INSTALL))?;
        project.npm(|npm| npm.args(["install", "--no-save"]).args(INSTALL).args(&packages))?;
        Ok(project)
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs its script `build`.
    ///
    /// # Errors
    /// The build fails; the message has what it printed.
    pub fn build(self) -> Result<Self> {
        self.npm(|npm| npm.args(["run", "build"]))?;
        Ok(self)
    }

    /// Serves one of its folders in some manner; returns the address.
    ///
    /// # Errors
    /// There is no such folder.
    pub fn serve(&self, folder: &str, manner: Manner) -> Result<String> {
        let below = if manner.below.is_empty() { String::new() } else { format!("{}/", manner.below) };
        Ok(Server::with(&self.path().join(folder), 0, manner)?.url() + &below)
    }

    /// Runs a program in its folder; returns what it printed.
    ///
    /// # Errors
    /// The program fails; the message has what it printed.
    pub fn run(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Result<String> {
        self.finish(Command::new(program).args(arguments))
    }

    fn npm(&self, arguments: impl FnOnce(&mut Command) -> &mut Command) -> Result<String> {
        let program = system::on_path("npm").or_else(|| system::on_path("npm.cmd"));
        let mut npm = Command::new(program.context("npm is not installed: `cargo xtask test` says how to install it")?);
        npm.env("npm_config_cache", cache()).env("npm_config_update_notifier", "false");
        // Nor does a tool report to its makers.
        npm.env("ASTRO_TELEMETRY_DISABLED", "1");
        self.finish(arguments(&mut npm))
    }

    fn finish(&self, command: &mut Command) -> Result<String> {
        let line = step::shown(command);
        let output = command.current_dir(self.path()).output().with_context(|| format!("cannot start `{line}`"))?;
        let [printed, errors] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        ensure!(output.status.success(), "`{line}` failed ({}):\n{printed}{errors}", output.status);
        Ok(printed.into_owned())
    }
}

/// Where npm keeps what it has fetched.
fn cache() -> PathBuf {
    workspace::target_dir().join("npm-cache")
}
