//! Counting what passed: the summary lines of `cargo test` and of `cargo nextest` become one `N passed, N failed`.

use std::fmt;

/// Checks and tests that passed or failed, with the names of the steps that failed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests and steps that passed.
    pub passed: usize,
    /// Tests and steps that failed.
    pub failed: usize,
    /// Titles of the steps in which something failed, in order.
    pub failures: Vec<String>,
}

impl Tally {
    /// Counts a step that has no tests of its own, such as the format check.
    pub fn step(&mut self, title: &str, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.failures.push(title.to_owned());
        }
    }

    /// Counts the tests in the output of a test command. A command that fails without a failed test (it did not build, a test
    /// brought down the process) counts as one failure.
    pub fn tests(&mut self, title: &str, succeeded: bool, lines: &[String]) {
        let (passed, failed) = count(lines);
        self.passed += passed;
        self.failed += if succeeded { failed } else { failed.max(1) };
        if failed > 0 || !succeeded {
            self.failures.push(title.to_owned());
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Sums `N passed` and `N failed` (nextest also says `timed out` and `exec failed`) over the summary lines.
fn count(lines: &[String]) -> (usize, usize) {
    let summaries = lines.iter().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("test result: ").or_else(|| line.strip_prefix("Summary ["))
    });
    let mut sums = (0, 0);
    for summary in summaries {
        for part in summary.split([',', ';', ':', '.']) {
            let mut words = part.split_whitespace();
            let Some(number) = words.next().and_then(|word| word.parse::<usize>().ok()) else { continue };
            match words.collect::<Vec<_>>().as_slice() {
                ["passed", ..] => sums.0 += number,
                ["failed", ..] | ["timed", "out", ..] | ["exec", "failed", ..] => sums.1 += number,
                _ => {}
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(succeeded: bool, lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        tally.tests("tests", succeeded, &lines);
        tally
    }

    #[test]
    fn cargo_test_prints_one_line_per_binary() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.31s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ];
        assert_eq!(tally(false, &lines).to_string(), "15 passed, 2 failed");
    }

    #[test]
    fn nextest_prints_one_summary() {
        let lines = ["     Summary [   2.512s] 20 tests run: 17 passed (1 slow), 2 failed, 1 timed out, 3 skipped"];
        assert_eq!(tally(false, &lines).to_string(), "17 passed, 3 failed");
    }

    #[test]
    fn a_stopped_nextest_run_is_counted_too() {
        let lines = ["     Summary [  62.512s] 5/20 tests run: 4 passed, 1 failed, 3 skipped"];
        assert_eq!(tally(false, &lines).to_string(), "4 passed, 1 failed");
    }

    #[test]
    fn a_test_command_that_does_not_build_is_one_failure() {
        let tally = tally(false, &["error: could not compile `vitro`"]);
        assert_eq!((tally.passed, tally.failed, tally.failures.len()), (0, 1, 1));
    }

    #[test]
    fn a_failed_step_counts() {
        let mut tally = Tally::default();
        tally.step("format", true);
        tally.step("clippy", false);
        assert_eq!(tally.to_string(), "1 passed, 1 failed");
        assert_eq!(tally.failures, ["clippy"]);
    }
}
