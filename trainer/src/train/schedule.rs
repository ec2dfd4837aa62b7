//! The learning rate over the training: linear warm-up, then half a cosine.
//!
//! The smooth one is a function of progress, a fraction of the whole training between 0 and 1, so the same code serves a
//! number of epochs and a budget of minutes. The published ones change once per epoch, and need a number of them.

use vitro::training::schedule::{EpochCosine, FIRST};

use crate::recipe::{Schedule, Train};

/// The learning rate at `progress`, in epoch `epoch`, counted from 0.
pub fn learning_rate(train: &Train, progress: f64, epoch: usize) -> f64 {
    match train.schedule {
        Schedule::Smooth => smooth(train, progress.clamp(0.0, 1.0)),
        Schedule::Epoch => by_epoch(train).at(epoch as f64),
        Schedule::Lagging => by_epoch(train).lagging(epoch as f64),
    }
}

fn smooth(train: &Train, progress: f64) -> f64 {
    if progress < train.warmup {
        return train.lr * (progress / train.warmup).max(1e-3);
    }
    let rest = (progress - train.warmup) / (1.0 - train.warmup);
    train.min_lr + (train.lr - train.min_lr) * 0.5 * (1.0 + (std::f64::consts::PI * rest).cos())
}

fn by_epoch(train: &Train) -> EpochCosine {
    let epochs = train.epochs as f64;
    let warmup = (train.warmup * epochs).round();
    EpochCosine { peak: train.lr, least: train.min_lr, first: FIRST.min(train.lr), warmup, epochs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_to_the_peak_and_falls_to_the_end() {
        let train = Train { lr: 1e-3, min_lr: 1e-5, warmup: 0.1, ..Train::default() };
        let rate = |progress| learning_rate(&train, progress, 0);
        assert!(rate(0.0) > 0.0 && rate(0.0) < 1e-4);
        assert!((rate(0.05) - 5e-4).abs() < 1e-9);
        assert!((rate(0.1) - 1e-3).abs() < 1e-9);
        assert!((rate(0.55) - 5.05e-4).abs() < 1e-9);
        assert!((rate(1.0) - 1e-5).abs() < 1e-9);
    }

    #[test]
    fn published_schedules_change_by_the_epoch_and_the_lagging_one_late() {
        let rate = |schedule, epoch| {
            let train =
                Train { lr: 1e-3, min_lr: 1e-5, warmup: 5.0 / 300.0, epochs: 300, schedule, ..Train::default() };
            learning_rate(&train, 0.5, epoch)
        };
        let published = EpochCosine { peak: 1e-3, ..EpochCosine::published(1024, 300.0) };
        for epoch in [0, 3, 5, 150, 299] {
            assert_eq!(rate(Schedule::Epoch, epoch), published.at(epoch as f64));
            assert_eq!(rate(Schedule::Lagging, epoch + 1), rate(Schedule::Epoch, epoch));
        }
        assert_eq!(rate(Schedule::Lagging, 0), rate(Schedule::Epoch, 0));
    }
}
