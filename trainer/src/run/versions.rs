//! What made a number: versions of the program and the engine, and the commit.

use std::collections::BTreeMap;
use std::process::Command;

/// The engine's version, pinned in the workspace.
const ENGINE: &str = "0.22.1";

/// Versions by name.
pub fn versions() -> BTreeMap<String, String> {
    let of = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    BTreeMap::from([of("vitro", env!("CARGO_PKG_VERSION")), of("burn", ENGINE), of("os", std::env::consts::OS)])
}

/// One line: `vitro 0.1.0, burn 0.22.1`.
pub fn line() -> String {
    format!("vitro {}, burn {ENGINE}", env!("CARGO_PKG_VERSION"))
}

/// The commit of the source that this program was built from, with `+` after it when files differ, if its checkout is there.
pub fn git() -> Option<String> {
    let source = env!("CARGO_MANIFEST_DIR");
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(["-C", source]).args(arguments).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let dirty = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| !changes.is_empty());
    Some(if dirty { format!("{commit}+") } else { commit })
}
