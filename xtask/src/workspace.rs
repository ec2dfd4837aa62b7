//! Where things are: the workspace root, the target directory, the tools folder, and the versions that the lock file pins.

use anyhow::{Context, Result};
use std::env;
use std::fs;
use std::path::PathBuf;

/// The root of the workspace: the folder with `Cargo.lock`, `index.html` and `zoo/`.
pub fn root() -> PathBuf {
    // Cargo sets the variable for the programs it runs; the path of compile time serves a binary started by hand.
    let package =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.ancestors().find(|dir| dir.join("Cargo.lock").is_file()).map_or(package.clone(), PathBuf::from)
}

/// Cargo's target directory: `CARGO_TARGET_DIR` where it is set, `target/` of the workspace otherwise.
pub fn target_dir() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// Where the chores install the programs they need, so that nothing outside the target directory changes.
pub fn tools_dir() -> PathBuf {
    target_dir().join("tools")
}

/// The folder the page is built into: `VITRO_DIST` where it is set, `dist/` of the workspace otherwise.
pub fn dist_dir() -> PathBuf {
    match env::var_os("VITRO_DIST") {
        Some(dir) => root().join(dir),
        None => root().join("dist"),
    }
}

/// The version of a package in `Cargo.lock`.
///
/// # Errors
/// The lock file cannot be read or does not name the package.
pub fn locked_version(package: &str) -> Result<String> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    version_in(&lock, package).with_context(|| format!("{} does not name the package {package}", path.display()))
}

/// Finds `version = "…"` right under `name = "package"`, which is how Cargo writes every entry.
fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn a_version_belongs_to_the_exact_name() {
        assert_eq!(version_in(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(LOCK, "wasm"), None);
    }

    #[test]
    fn the_workspace_root_has_the_lock_file() {
        assert!(locked_version("wasm-bindgen").is_ok_and(|version| version.starts_with("0.2.")));
    }
}
