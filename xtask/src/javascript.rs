//! The checks of the page's JavaScript: its types, which are written in comments, and the tests of its pure functions.
//!
//! The page itself needs no package and no Node. The checks need both, and so does publishing; the packages are installed
//! into `web/node_modules` in the versions that `web/package-lock.json` pins.

use crate::{step, system, workspace};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest Node whose test runner and syntax the checks use.
const NODE: u32 = 20;
/// What is checked: the page's scripts, the worker's, and the types of the elements where they are used.
const PROJECTS: [&str; 4] =
    ["tsconfig.json", "tsconfig.worker.json", "tests/types/tsconfig.json", "tests/types/tsconfig.global.json"];

/// Makes sure Node and the packages are there, installing the latter when one is missing.
///
/// # Errors
/// Node or npm is not installed or too old, or the installation failed.
pub fn ensure() -> Result<()> {
    let hint = system::install_hint("nodejs npm");
    let Some(version) = step::output("node", &["--version"]) else {
        bail!("Node is not installed: install version {NODE} or later, for example with `{hint}`");
    };
    if major(&version).is_none_or(|major| major < NODE) {
        bail!("Node {version} is too old: install version {NODE} or later from https://nodejs.org");
    }
    let folder = web();
    if packages()?.iter().all(|(name, wanted)| {
        let installed = read(&folder.join("node_modules").join(name).join("package.json"));
        installed.is_ok_and(|package| package["version"] == wanted.as_str())
    }) {
        return Ok(());
    }
    let Some(npm) = system::on_path("npm").or_else(|| system::on_path("npm.cmd")) else {
        bail!("npm is not installed: install it, for example with `{hint}`");
    };
    step::timed("Installing the checks' packages into web/node_modules", "a few seconds", || {
        step::run(Command::new(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder))
    })
}

/// Checks the types of all projects: they live with different globals.
pub fn types() -> Command {
    let mut command = program("typescript/bin/tsc");
    command.arg("--build").args(PROJECTS);
    command
}

/// Joins scripts and what they import, in place: each of `entries` keeps its name, what several of them need, or one of them needs
/// later, goes into files named as `parts` says. Imports of `others`, paths or patterns of them, stay as they are, and so do addresses.
///
/// # Errors
/// esbuild cannot be started, or a script is not valid.
pub(crate) fn join(folder: &Path, entries: &[&str], others: &[String], parts: &str) -> Result<()> {
    let mut command = small_scripts(folder, "es2022");
    command.args(["--bundle", "--splitting", "--format=esm"]);
    command.arg(format!("--chunk-names={parts}"));
    command.args(others.iter().map(|other| format!("--external:{other}")));
    command.args(entries.iter().map(|entry| folder.join(entry)));
    step::run(&mut command)
}

/// Takes comments and spaces out of scripts for old browsers, which import nothing, in place.
///
/// # Errors
/// esbuild cannot be started, or a script is not valid.
pub(crate) fn shrink(folder: &Path, scripts: &[&str]) -> Result<()> {
    let mut command = small_scripts(folder, "es5");
    step::run(command.args(scripts.iter().map(|script| folder.join(script))))
}

/// esbuild, writing small scripts of an edition of the language over those of a folder.
fn small_scripts(folder: &Path, edition: &str) -> Command {
    let mut command = program("esbuild/bin/esbuild");
    command.args(["--minify", "--charset=utf8", "--legal-comments=none", "--allow-overwrite", "--log-level=warning"]);
    command.arg(format!("--target={edition}"));
    for option in ["outbase", "outdir"] {
        command.arg(format!("--{option}={}", folder.display()));
    }
    command
}

/// A style sheet without comments and spaces.
///
/// # Errors
/// esbuild cannot be started, or has something to say about the sheet.
pub(crate) fn small_style(sheet: &str) -> Result<String> {
    let mut command = program("esbuild/bin/esbuild");
    command.args(["--loader=css", "--minify", "--charset=utf8", "--log-level=warning"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    // The pipe is closed at the end of this line, which is what esbuild waits for.
    child.stdin.take().context("esbuild takes nothing in")?.write_all(sheet.as_bytes())?;
    let output = child.wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && said.trim().is_empty(), "a style sheet cannot be made small: {said}");
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// A program of a package.
fn program(path: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(package(path)).current_dir(web());
    command
}

/// Runs the tests in `web/tests`.
pub fn tests() -> Command {
    let mut command = Command::new("node");
    command.arg("--test").args(test_files()).current_dir(web());
    command
}

/// Named one by one, since Node's versions differ in how they search a folder.
fn test_files() -> Vec<PathBuf> {
    let entries = fs::read_dir(web().join("tests")).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    files.sort();
    files
}

fn web() -> PathBuf {
    workspace::root().join("web")
}

/// The first number of a version such as `v20.1.0`.
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

/// The folder of an installed package.
pub fn package(name: &str) -> PathBuf {
    web().join("node_modules").join(name)
}

/// The packages that the checks name, each with the version that the lock file pins.
fn packages() -> Result<Vec<(String, String)>> {
    let lock = read(&web().join("package-lock.json"))?;
    let wanted =
        lock["packages"][""]["devDependencies"].as_object().context("web/package-lock.json names no packages")?;
    let version = |name: &String| {
        let version = lock["packages"][format!("node_modules/{name}")]["version"].as_str();
        Ok((
            name.clone(),
            version.with_context(|| format!("web/package-lock.json names no version of {name}"))?.to_owned(),
        ))
    };
    wanted.keys().map(version).collect()
}

fn read(file: &Path) -> Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_comes_first() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("twenty"), None);
    }

    #[test]
    fn the_lock_file_pins_every_package_and_names_no_host() {
        let packages = packages().unwrap();
        assert!(packages.iter().any(|(name, _)| name == "typescript"), "{packages:?}");
        assert!(!fs::read_to_string(web().join("package-lock.json")).unwrap().contains("://"));
    }

    #[test]
    fn there_are_tests_to_run() {
        assert!(test_files().len() >= 5, "{:?}", test_files());
    }
}
