//! Where things are: the workspace root, the target directory, and the built page.

use std::env;
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

/// The folder the page is built into: `VITRO_DIST` where it is set, `dist/` of the workspace otherwise.
pub fn dist_dir() -> PathBuf {
    match env::var_os("VITRO_DIST") {
        Some(dir) => root().join(dir),
        None => root().join("dist"),
    }
}
