//! Programs of the `vitro` crate that chores start, so that the chores stay light.

use crate::workspace;
use std::process::Command;

/// The command that builds and runs an example in release; arguments of the example follow. It is built without networks, in
/// seconds.
pub(crate) fn command(name: &str) -> Command {
    of(name, "any-image")
}

/// The same for an example that needs networks, on the processor.
pub(crate) fn with_networks(name: &str) -> Command {
    of(name, "flex")
}

fn of(name: &str, features: &str) -> Command {
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
            features,
        ])
        .args(["--example", name, "--"])
        .current_dir(workspace::root());
    command
}
