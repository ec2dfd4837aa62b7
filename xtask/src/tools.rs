//! The programs the page is built with: the wasm target of the compiler, wasm-bindgen and trunk.
//!
//! A program on PATH is used when it has exactly the version we need. Otherwise it is compiled once into `tools/` of the target
//! directory; nothing else on the machine changes. trunk would download wasm-bindgen by itself; it is kept offline so that the
//! lock file alone decides the version and only the package registry is needed.

use crate::{step, system, workspace};
use anyhow::{Context, Result, bail};
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{IsTerminal, stdout};
use std::path::Path;
use std::process::Command;

/// The newest trunk that builds with our compiler.
const TRUNK: &str = "0.21.14";

/// The target the browser engines are compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure the wasm target, wasm-bindgen and trunk are there, installing what is missing.
///
/// # Errors
/// An installation failed.
pub fn ensure() -> Result<()> {
    ensure_wasm_target()?;
    install(&Tool {
        program: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: &workspace::locked_version("wasm-bindgen")?,
        args: &[],
        optimisation: "2",
        expected: "about 2 minutes on two cores",
    })?;
    install(&Tool {
        program: "trunk",
        package: "trunk",
        version: TRUNK,
        args: &["--locked"],
        // It copies files and starts the programs that do the work.
        optimisation: "1",
        expected: "about 4 minutes on two cores",
    })
}

/// PATH with our tools folder in front.
///
/// # Errors
/// The path of the workspace has a character that PATH cannot hold.
pub fn path() -> Result<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(workspace::tools_dir().join("bin")).chain(env::split_paths(&path));
    env::join_paths(dirs).context("the target directory's path has a character that PATH cannot hold")
}

/// The triple of this machine, such as `x86_64-unknown-linux-gnu`.
///
/// # Errors
/// rustc does not run.
pub fn host() -> Result<String> {
    let version = step::output("rustc", &["-vV"]).context("rustc does not run: install Rust from https://rustup.rs")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc -vV names no host")?.to_owned())
}

fn ensure_wasm_target() -> Result<()> {
    let sysroot = step::output("rustc", &["--print", "sysroot"])
        .context("rustc does not run: install Rust from https://rustup.rs")?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    if system::on_path("rustup").is_none() {
        bail!(
            "the compiler has no {WASM_TARGET} target and rustup is not there to add it: install Rust from https://rustup.rs"
        );
    }
    step::timed(&format!("Adding the compiler target {WASM_TARGET}"), "a few seconds, 20 MB", || {
        step::run(Command::new("rustup").args(["target", "add", WASM_TARGET]))
    })
}

/// A program and how to compile it.
struct Tool<'a> {
    program: &'a str,
    package: &'a str,
    version: &'a str,
    args: &'a [&'a str],
    optimisation: &'a str,
    expected: &'a str,
}

/// Compiles a tool into the tools folder unless its version is there or on PATH.
fn install(tool: &Tool<'_>) -> Result<()> {
    let folder = workspace::tools_dir();
    let ours = folder.join("bin").join(format!("{}{}", tool.program, env::consts::EXE_SUFFIX));
    if version_of(&ours.to_string_lossy()).as_deref() == Some(tool.version) {
        return Ok(());
    }
    if version_of(tool.program).as_deref() == Some(tool.version) {
        // A leftover of another version in the tools folder would come first on PATH.
        let _ = fs::remove_file(&ours);
        return Ok(());
    }
    let what = format!("Compiling {} {} into {}", tool.package, tool.version, folder.display());
    step::timed(&what, &format!("once, {}", tool.expected), || {
        let build = folder.join("build");
        let result = step::run(
            Command::new("cargo")
                .args(["install", tool.package, "--version", &format!("={}", tool.version), "--force"])
                .args(tool.args)
                // Hundreds of lines in a log help nobody; on a terminal the progress does.
                .args((!stdout().is_terminal()).then_some("--quiet"))
                .arg("--root")
                .arg(&folder)
                .env("CARGO_TARGET_DIR", &build)
                // trunk's own profile spends minutes on link-time optimisation, which a build tool does not earn back.
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", tool.optimisation)
                // Outside the workspace its settings and its lock file do not apply.
                .current_dir(env::temp_dir()),
        );
        // A gigabyte that nobody needs again.
        let _ = fs::remove_dir_all(&build);
        result
    })
}

/// The version a program says it has: the second word of `program --version`.
fn version_of(program: &str) -> Option<String> {
    step::output(program, &["--version"])?.split_whitespace().nth(1).map(str::to_owned)
}
