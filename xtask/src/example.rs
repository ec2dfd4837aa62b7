//! Programs of the `vitro` crate that chores start. They are built without models, in seconds, and the chores stay light.

use crate::workspace;
use std::process::Command;

/// The command that builds and runs an example in release; arguments of the example follow.
pub(crate) fn command(name: &str) -> Command {
    let mut command = Command::new("cargo");
    command
        .args([
            "run",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            "vitro",
            "--no-default-features",
            "--features",
            "any-image",
        ])
        .args(["--example", name, "--"])
        .current_dir(workspace::root());
    command
}
