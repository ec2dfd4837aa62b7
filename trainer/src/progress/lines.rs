//! One plain line per epoch, for logs and pipes.

use super::{Progress, Step, duration, say};
use crate::run::metrics::Epoch;

/// Prints to standard output.
#[derive(Debug)]
pub struct Lines {
    epochs: Option<usize>,
}

impl Lines {
    /// `epochs` is the planned number, if there is one.
    pub fn new(epochs: Option<usize>) -> Self {
        Self { epochs }
    }
}

impl Progress for Lines {
    fn start_epoch(&mut self, _epoch: usize) {}

    fn step(&mut self, _step: &Step) {}

    fn end_epoch(&mut self, epoch: &Epoch, left: f64) {
        let of = self.epochs.map_or(String::new(), |epochs| format!("/{epochs}"));
        let (split, _, top1) = epoch.watched();
        let raw = epoch.raw().map_or(String::new(), |[_, top1]| format!(" (not averaged {:.1} %)", top1 * 100.0));
        say(&format!(
            "epoch {}{of}  loss {:.4}  train {:.1} %  {split} {:.1} %{raw}  {:.0} images/s  {} left",
            epoch.epoch,
            epoch.train_loss,
            epoch.train_top1 * 100.0,
            top1 * 100.0,
            epoch.images_per_second,
            duration(left),
        ));
    }
}
