//! What a person sees while a training runs: the engine's dashboard on a terminal, one plain line per epoch elsewhere.

pub mod bar;
pub mod lines;
pub mod tui;

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::run::metrics::Epoch;

pub use lines::Lines;

/// A request to stop at the next step, from Ctrl-C, from SIGTERM or from the dashboard.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks for it.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Asks for it when Ctrl-C is pressed or the process is told to end (SIGTERM: a cluster's time limit, `kill`). Asked
    /// twice, it is not a wish for a checkpoint any more: the process ends at once.
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
            use signal_hook::{consts::SIGTERM, flag};
            let _ = flag::register_conditional_shutdown(SIGTERM, 143, self.0.clone());
            let _ = flag::register(SIGTERM, self.0.clone());
        }
    }

    /// Whether it was asked for.
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
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
