//! How far a long computation over many images is: a bar on a terminal, a plain line every half minute elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::duration;

/// Cells of the bar.
const WIDTH: usize = 24;
/// Between two drawings, on a terminal and elsewhere.
const REDRAW: Duration = Duration::from_millis(100);
const LINE: Duration = Duration::from_secs(30);

/// Counts what is done; any thread may add to it. Vanishes from the terminal when dropped.
#[derive(Debug)]
pub struct Bar {
    total: usize,
    before: usize,
    done: AtomicUsize,
    started: Instant,
    drawn: Mutex<Instant>,
    terminal: bool,
}

impl Bar {
    /// Of `total` images, `before` were done earlier.
    pub fn new(total: usize, before: usize) -> Self {
        let (started, terminal) = (Instant::now(), std::io::stderr().is_terminal());
        Self { total, before, done: AtomicUsize::new(0), started, drawn: Mutex::new(started), terminal }
    }

    /// `count` more are done.
    pub fn add(&self, count: usize) {
        let done = self.done.fetch_add(count, Ordering::Relaxed) + count;
        // Whoever finds another thread drawing goes on with its work.
        let Ok(mut drawn) = self.drawn.try_lock() else { return };
        if drawn.elapsed() < if self.terminal { REDRAW } else { LINE } {
            return;
        }
        *drawn = Instant::now();
        let line = line(self.before, done, self.total, self.started.elapsed().as_secs_f64());
        // A closed standard error is no reason to stop.
        let _ = if self.terminal {
            let filled = (self.before + done) * WIDTH / self.total.max(1);
            write!(std::io::stderr(), "\r[{:-<WIDTH$}] {line}\x1b[K", "#".repeat(filled.min(WIDTH)))
        } else {
            writeln!(std::io::stderr(), "{line}")
        };
    }

    /// Images per second since the start, and the seconds.
    pub fn speed(&self) -> (f64, f64) {
        let seconds = self.started.elapsed().as_secs_f64();
        (self.done.load(Ordering::Relaxed) as f64 / seconds.max(1e-9), seconds)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

fn line(before: usize, done: usize, total: usize, seconds: f64) -> String {
    let speed = done as f64 / seconds.max(1e-9);
    let all = before + done;
    let left = if speed > 0.0 { duration(total.saturating_sub(all) as f64 / speed) } else { "unknown time".to_owned() };
    let percent = all as f64 * 100.0 / total.max(1) as f64;
    format!("{percent:3.0} %  {all}/{total} images  {speed:.0} images/s  {left} left")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_follows_the_speed_of_this_run_alone() {
        assert_eq!(line(500, 100, 1000, 10.0), " 60 %  600/1000 images  10 images/s  40 s left");
        assert!(line(0, 0, 10, 0.0).ends_with("unknown time left"));
    }
}
