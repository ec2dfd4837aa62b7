//! The `vitro` command as the tests start it: in a folder, to its end.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, built beside the tests.
///
/// # Panics
///
/// Outside of a test's executable.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let built = test.parent().and_then(Path::parent).expect("a folder of executables");
    built.join(format!("vitro-under-test{}", std::env::consts::EXE_SUFFIX))
}

/// `vitro ARGUMENTS` in a folder, not started yet.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.current_dir(folder).args(arguments);
    command
}

/// Runs to the end, whatever it is.
///
/// # Panics
///
/// If the program cannot be started.
pub fn vitro(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the program")
}

/// What was printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs what must work and returns what it printed.
///
/// # Panics
///
/// If it does not work.
pub fn works(folder: &Path, arguments: &[&str]) -> String {
    let output = vitro(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

/// Runs what must be refused: exit code 2, one line. Returns the line.
///
/// # Panics
///
/// If it is not refused so.
pub fn refused(folder: &Path, arguments: &[&str]) -> String {
    refusal(arguments, &vitro(folder, arguments))
}

/// The line of a refusal.
///
/// # Panics
///
/// If it is none.
pub fn refusal(arguments: &[&str], output: &Output) -> String {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}{}", text(&output.stdout));
    assert_eq!(message.trim_end().lines().count(), 1, "{message}");
    message
}
