//! The compiler's target for the browser.

use crate::{step, system};
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// The target the browser engines are compiled for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Adds the target to the compiler unless it is there.
///
/// # Errors
/// There is no compiler, or it has no target and nothing that could add it.
pub fn ensure_wasm_target() -> Result<()> {
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
