//! `cargo xtask test`: everything the CI checks, in the order in which mistakes are cheapest to find.
//!
//! Every step runs even when an earlier one failed, and the last line counts: `N passed, N failed`. A step without tests of its own
//! (format, clippy, the build of the page) counts as one.

use crate::page::{self, Profile};
use crate::tally::Tally;
use crate::{javascript, publish, step, system, tools, workspace};
use anyhow::Result;
use std::process::{Command, ExitCode};

/// What is left out.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Skip the page and the browser tests.
    #[arg(long)]
    no_browser: bool,
    /// Run only the format check, clippy and the unit tests.
    #[arg(long)]
    fast: bool,
}

/// Test functions in a module of this name need the built page (see `tests/tests/browser/`).
const BROWSER_TESTS: &str = "browser::";

/// Runs the checks, prints the count, and says whether everything passed. Nothing leaves this function before the
/// count: what goes wrong is a failed step.
pub fn run(args: &Args) -> ExitCode {
    let mut suite = Suite { tally: Tally::default() };
    let with_browser = !args.no_browser && !args.fast;
    // Before all else: a missing Chromium is better known in the first second than after twenty minutes.
    let has_chromium = with_browser && suite.needs("Chromium for the browser tests", system::ensure_chromium());
    if has_chromium {
        system::ensure_firefox();
    }
    let has_node = suite.needs("Node for the JavaScript checks", javascript::ensure());
    let has_gpu = system::ensure_vulkan();
    let runner = Runner::find();

    suite.check("Format check", "a second", cargo(&["fmt", "--all", "--check"]));
    if has_node {
        suite.check("Types of the JavaScript", "a few seconds", javascript::types());
        suite.check("JavaScript tests", "a second", javascript::tests());
    }
    suite.check("Format check of what macros declare", "a second", rustfmt_of_registries());
    let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"];
    suite.check("Clippy", "about 5 minutes the first time on two cores, then seconds", cargo(&lints));
    let minutes = "about 20 minutes the first time on two cores, then a few";
    if args.fast {
        suite.tests("Unit tests", minutes, runner.command(&["--lib", "--bins"], &[]));
    } else {
        suite.tests("Unit, parity and command-line tests", minutes, runner.command(&[], &["--skip", BROWSER_TESTS]));
    }
    if has_gpu && !args.fast {
        // Not through nextest: a process for every test would compile every shader again.
        // Corruptions never run there.
        let mut command =
            cargo(&["test", "--workspace", "--test", "parity", "--locked", "--", "--skip", "corruptions"]);
        command.env("VITRO_DEVICE", "gpu");
        suite.tests("Parity on the graphics card", "a few minutes on a software adapter", command);
    }
    if runner == Runner::Nextest && !args.fast {
        let examples = cargo(&["test", "--workspace", "--doc", "--no-fail-fast", "--locked"]);
        suite.tests("Examples in the documentation", "under a minute", examples);
    }
    let has_page = with_browser && suite.page();
    if has_page && has_node {
        let weighed = publish::report(&workspace::dist_dir());
        suite.record("What a visitor downloads", &weighed);
    }
    if has_page && has_chromium {
        // One at a time, since each starts a Chromium that wants every core.
        let mut command = runner.command(&["--test", "browser"], &[]);
        command.env("RUST_TEST_THREADS", "1").env("NEXTEST_TEST_THREADS", "1");
        command.env("VITRO_DIST", workspace::dist_dir());
        suite.tests("Browser tests", "a few minutes", command);
    }

    for failure in &suite.tally.failures {
        println!("failed: {failure}");
    }
    // The last line, whatever happened: programs read it.
    println!("{}", suite.tally);
    if suite.tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The steps so far.
struct Suite {
    tally: Tally,
}

impl Suite {
    /// A step that passes or fails as a whole.
    fn check(&mut self, title: &str, expected: &str, mut command: Command) {
        let passed = step::timed(title, expected, || step::run(&mut command));
        self.record(title, &passed);
    }

    /// A step whose tests are counted one by one.
    fn tests(&mut self, title: &str, expected: &str, mut command: Command) {
        let ran = step::timed(title, expected, || step::relay(&mut command));
        match ran {
            Ok((succeeded, lines)) => self.tally.tests(title, succeeded, &lines),
            Err(_) => self.record(title, &ran.map(drop)),
        }
    }

    /// Builds the page the browser tests open, and checks the code that exists only there.
    fn page(&mut self) -> bool {
        let built = page::build(&page::ENGINES, Profile::Page);
        self.record("Building the page", &built);
        // The third engine is a few lines around the same code, and compiling its library for checks alone takes minutes.
        let lints = ["clippy", "--package", "vitro-web", "--lib", "--bins", "--features", "synthesis,corrupt"];
        let target = ["--release", "--locked", "--target", tools::WASM_TARGET, "--", "--deny", "warnings"];
        let command = cargo(&[&lints[..], &target[..]].concat());
        self.check("Clippy for the browser", "a minute the first time, then seconds", command);
        built.is_ok()
    }

    /// What the machine must have. It is no step where it is there, and a failed one where it is not; says which.
    fn needs<T>(&mut self, title: &str, found: Result<T>) -> bool {
        let found = found.map(drop);
        if found.is_err() {
            self.record(title, &found);
        }
        found.is_ok()
    }

    fn record(&mut self, title: &str, result: &Result<()>) {
        if let Err(error) = result {
            println!("error: {error:#}");
        }
        self.tally.step(title, result.is_ok());
    }
}

/// The program that runs the tests. nextest is quicker where somebody installed it; the results are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    Nextest,
    CargoTest,
}

impl Runner {
    fn find() -> Self {
        if step::output("cargo", &["nextest", "--version"]).is_some() { Self::Nextest } else { Self::CargoTest }
    }

    /// Tests of the whole workspace, always: a choice of packages would choose other features and build the engine again.
    fn command(self, targets: &[&str], test_args: &[&str]) -> Command {
        let start: &[&str] = match self {
            Self::Nextest => &["nextest", "run"],
            Self::CargoTest => &["test"],
        };
        cargo(&[start, &["--workspace", "--no-fail-fast", "--locked"], targets, &["--"], test_args].concat())
    }
}

/// rustfmt does not look into macros, so it does not find the files that a registry declares.
fn rustfmt_of_registries() -> Command {
    let folders = ["shared/src/corruption", "shared/src/metric"].map(|folder| workspace::root().join(folder));
    let files = folders.into_iter().flat_map(std::fs::read_dir).flatten().flatten().map(|entry| entry.path());
    let mut command = Command::new("rustfmt");
    command.args(["--edition", "2024", "--check"]).current_dir(workspace::root());
    command.args(files.filter(|path| path.extension().is_some_and(|ending| ending == "rs")));
    command
}

fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(args).current_dir(workspace::root());
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;

    #[test]
    fn what_the_machine_lacks_is_a_failed_step_and_what_it_has_is_none() {
        let mut suite = Suite { tally: Tally::default() };
        assert!(suite.needs("Vulkan", Ok("a driver")));
        assert_eq!(suite.tally.to_string(), "0 passed, 0 failed");
        assert!(!suite.needs("Chromium", Err::<(), _>(anyhow!("Chromium is not installed"))));
        assert_eq!(suite.tally.to_string(), "0 passed, 1 failed");
        assert_eq!(suite.tally.failures, ["Chromium"]);
    }
}
