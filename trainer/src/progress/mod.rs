//! What a person sees while a training runs: the engine's dashboard on a terminal, one plain line per epoch elsewhere.

pub mod bar;
pub mod lines;
pub mod tui;

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::run::metrics::Epoch;

pub use lines::Lines;

/// Prints a line about a training. That nobody listens any more, as after a lost connection, is no reason to stop it.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A request to stop at the next step, from Ctrl-C, from SIGTERM, from a lost terminal or from the dashboard.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for it.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Asks for it when Ctrl-C is pressed, when the process is told to end (SIGTERM: a cluster's time limit, `kill`) and when its
    /// terminal is gone (SIGHUP). Asked twice by Ctrl-C or SIGTERM, it is not a wish for a checkpoint any more: the process ends
    /// at once. A terminal says good-bye more than once by itself.
    pub fn on_signals(&self) {
        let request = self.clone();
        // A second handler cannot be set within one process; tests that train twice do without.
        let _ = ctrlc::set_handler(move || {
            if request.requested() {
                std::process::exit(130);
            }
            request.request();
        });
        // Not by the other crate's feature, which would also catch the hang-up that `nohup` has it ignore.
        #[cfg(unix)]
        {
            use signal_hook::consts::{SIGHUP, SIGTERM};
            use signal_hook::flag;
            let told = Arc::new(AtomicBool::new(false));
            let _ = flag::register_conditional_shutdown(SIGTERM, 143, told.clone());
            let _ = flag::register(SIGTERM, told);
            let _ = flag::register(SIGTERM, self.0.clone());
            if !outlives_its_terminal() {
                let _ = flag::register(SIGHUP, self.0.clone());
            }
        }
    }

    /// Whether it was asked for.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether the process was started to go on when its terminal is gone, as by `nohup`.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    // Bit 0 of the ignored signals is the hang-up.
    let ignored = std::fs::read_to_string("/proc/self/status").ok().and_then(|status| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    });
    match ignored {
        Some(mask) => mask & 1 == 1,
        // Systems that do not tell: `nohup` leads the output away from a terminal.
        None => !std::io::stdout().is_terminal(),
    }
}

/// One step, for display.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Images done in this epoch.
    pub done: usize,
    /// Images of an epoch.
    pub of: usize,
    /// Mean loss of the epoch so far.
    pub loss: f64,
    /// Accuracy of the epoch so far.
    pub top1: f64,
    /// Training images per second.
    pub images_per_second: f64,
    /// Fraction of the whole training that is done.
    pub progress: f64,
    /// Seconds left at this pace.
    pub left: f64,
}

/// Shows a training.
pub trait Progress {
    /// An epoch begins, counted from 1.
    fn start_epoch(&mut self, epoch: usize);
    /// A step was taken.
    fn step(&mut self, step: &Step);
    /// An epoch ended; `left` are the seconds to the end of the training.
    fn end_epoch(&mut self, epoch: &Epoch, left: f64);
    /// Whether the person asked for a stop.
    fn stopped(&self) -> bool {
        false
    }
}

/// The dashboard on a terminal, lines elsewhere. `epochs` is the planned number, `None` with a budget of minutes.
pub fn choose(plain: bool, epochs: Option<usize>, name: &str) -> Box<dyn Progress> {
    if !plain && std::io::stdout().is_terminal() {
        Box::new(tui::Tui::new(epochs, name))
    } else {
        Box::new(Lines::new(epochs))
    }
}

/// `1 h 05 min`, `3 min 20 s`, `12 s`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0).round() as u64;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s:02} s"),
        (h, m, _) => format!("{h} h {m:02} min"),
    }
}
