//! The `vitro` program that the queue runs.

use crate::{step, workspace};
use anyhow::{Context, Result, ensure};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program, and where it computes.
#[derive(Debug)]
pub(super) struct Program {
    file: PathBuf,
    device: String,
}

impl Program {
    /// The program that was named, or else the release build of this workspace; for the processor, without graphics cards.
    pub(super) fn find(named: Option<&Path>, device: &str) -> Result<Self> {
        let device = device.to_owned();
        if let Some(file) = named {
            ensure!(file.is_file(), "--program names {}, which is no file", file.display());
            return Ok(Self { file: std::path::absolute(file)?, device });
        }
        let mut command = Command::new("cargo");
        command.args(["build", "--release", "--locked", "--package", "vitro-cli"]).current_dir(workspace::root());
        if device == "cpu" {
            command.arg("--no-default-features");
        }
        let expected = "about 5 minutes on two cores the first time, then under a minute";
        step::timed("Building vitro", expected, || step::run(&mut command))?;
        let file = format!("vitro{}", std::env::consts::EXE_SUFFIX);
        Ok(Self { file: workspace::target_dir().join("release").join(file), device })
    }

    /// Runs a command that computes, from the root of the workspace.
    pub(super) fn compute<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<()> {
        let mut command = Command::new(&self.file);
        command.args(args).args(["--device", &self.device]).current_dir(workspace::root());
        step::run(&mut command)
    }

    /// Runs a command that does not.
    pub(super) fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Result<()> {
        let mut command = Command::new(&self.file);
        command.args(args).current_dir(workspace::root());
        // Tables go into files; nobody reads them here.
        command.stdout(std::process::Stdio::null());
        step::run(&mut command).context("the queue goes on from here when it is started again")
    }
}
