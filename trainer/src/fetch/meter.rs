//! How far a download is: a line that changes on a terminal, one every half minute elsewhere.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::progress::duration;

/// Between two lines, on a terminal and elsewhere.
const REDRAW: Duration = Duration::from_millis(100);
const LINE: Duration = Duration::from_secs(30);

/// Shows how far a download is. Vanishes from the terminal when dropped.
pub(super) struct Meter {
    name: String,
    /// What was here when the download began.
    before: u64,
    started: Instant,
    drawn: Instant,
    is_terminal: bool,
}

impl Meter {
    pub(super) fn new(name: String, before: u64) -> Self {
        let now = Instant::now();
        Self { name, before, started: now, drawn: now, is_terminal: std::io::stderr().is_terminal() }
    }

    /// `done` bytes are here by now, of `total`.
    pub(super) fn show(&mut self, done: u64, total: Option<u64>) {
        if self.drawn.elapsed() < if self.is_terminal { REDRAW } else { LINE } {
            return;
        }
        self.drawn = Instant::now();
        // After a new beginning less is here than before.
        self.before = self.before.min(done);
        let line = line(&self.name, done - self.before, done, total, self.started.elapsed().as_secs_f64());
        // A closed standard error is no reason to stop.
        let _ = if self.is_terminal {
            write!(std::io::stderr(), "\r{line}\x1b[K")
        } else {
            writeln!(std::io::stderr(), "{line}")
        };
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(name: &str, came: u64, done: u64, total: Option<u64>, seconds: f64) -> String {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let speed = came as f64 / seconds.max(1e-9);
    let pace = format!("{:.1} MB/s", speed / 1e6);
    let Some(total) = total else { return format!("{name}  {:.1} MB  {pace}", megabytes(done)) };
    let left = total.saturating_sub(done) as f64 / speed;
    let left = if left.is_finite() { duration(left) } else { "unknown time".to_owned() };
    let percent = 100.0 * done as f64 / total.max(1) as f64;
    format!("{name}  {percent:.0} %  {:.1} of {:.1} MB  {pace}  {left} left", megabytes(done), megabytes(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_from_what_came_in_this_download() {
        let line = line("a.tgz", 20_000_000, 60_000_000, Some(100_000_000), 10.0);
        assert_eq!(line, "a.tgz  60 %  60.0 of 100.0 MB  2.0 MB/s  20 s left");
        assert_eq!(super::line("a", 0, 0, None, 0.0), "a  0.0 MB  0.0 MB/s");
        assert!(super::line("a", 0, 0, Some(10), 1.0).ends_with("unknown time left"));
    }
}
