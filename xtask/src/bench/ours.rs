//! Our side: `vitro bench`, built here or named.

use super::stored::Origin;
use crate::{step, workspace};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The command that is measured.
#[derive(Clone, Debug)]
pub(super) struct Vitro {
    program: PathBuf,
}

/// What every document of `vitro bench` says about the program.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Build {
    commit: Option<String>,
    profile: String,
}

impl Build {
    /// Today, and the commit.
    ///
    /// # Errors
    /// The program is not built for speed.
    pub(super) fn origin(&self) -> Result<Origin> {
        ensure!(
            self.profile != "dev",
            "the program was built with the profile dev; name one of `cargo build --release` with --program, or none"
        );
        Ok(Origin { date: today(), commit: self.commit.clone().unwrap_or_else(|| "unknown".to_owned()) })
    }
}

impl Vitro {
    /// The program that was named, or else the release build of this workspace, without graphics cards.
    pub(super) fn find(named: Option<&Path>) -> Result<Self> {
        if let Some(program) = named {
            ensure!(program.is_file(), "--program names {}, which is no file", program.display());
            return Ok(Self { program: program.to_owned() });
        }
        step::timed("Building vitro", "about 5 minutes on two cores the first time, then under a minute", || {
            step::run(
                Command::new("cargo")
                    .args(["build", "--release", "--locked", "--package", "vitro-cli", "--no-default-features"])
                    .current_dir(workspace::root()),
            )
        })?;
        let file = format!("vitro{}", std::env::consts::EXE_SUFFIX);
        Ok(Self { program: workspace::target_dir().join("release").join(file) })
    }

    /// What `vitro bench … --json` prints.
    pub(super) fn bench<T: DeserializeOwned>(&self, args: &[&str], progress: Stdio) -> Result<T> {
        let mut command = Command::new(&self.program);
        command.args(["bench", "--json"]).args(args).stdin(Stdio::null()).stderr(progress);
        let output = command.output().with_context(|| format!("cannot start {}", self.program.display()))?;
        let line = step::shown(&command);
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`{line}` failed: {}", said.trim().lines().last().unwrap_or("see above"));
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("`{line}` printed something else than its numbers"))
    }
}

/// The processor, its cores and the system.
pub(crate) fn machine() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let named = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim().to_owned());
    let named = named.or_else(|| step::output("sysctl", &["-n", "machdep.cpu.brand_string"]));
    let processor = named.unwrap_or_else(|| format!("unnamed {} processor", std::env::consts::ARCH));
    let has = |name: &&str| text.contains(&format!(" {name} "));
    let features: Vec<&str> = ["avx2", "fma", "avx512f", "avx512_bf16"].into_iter().filter(has).collect();
    let features = if features.is_empty() { String::new() } else { format!(" with {}", features.join(", ")) };
    format!("{processor}{features}, {} cores, {}", cores(), std::env::consts::OS)
}

/// Cores that we may use.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The day, UTC.
pub(crate) fn today() -> String {
    step::output("date", &["-u", "+%Y-%m-%d"]).unwrap_or_else(|| "an unknown day".to_owned())
}

/// The commit of this checkout.
pub(crate) fn commit() -> String {
    let root = workspace::root().to_string_lossy().into_owned();
    step::output("git", &["-C", &root, "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"])
        .unwrap_or_else(|| "unknown".to_owned())
}
