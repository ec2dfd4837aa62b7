//! The learning rate over the training: linear warm-up, then half a cosine, then as many epochs of its end as are asked for.
//!
//! The smooth one is a function of progress, a fraction of the training between 0 and 1, so the same code serves a
//! number of epochs and a budget of minutes. The published ones change once per epoch, and need a number of them.
//!
//! The cool-down comes after the cosine, as in timm, and changes nothing before it: progress is 1 when it begins, and its
//! epochs are counted beyond `train.epochs`. The lagging schedule, one epoch late, is at the cosine's last epoch in the first of them.

use vitro::training::schedule::{EpochCosine, FIRST};

use crate::recipe::{Schedule, Train};

/// The learning rate at `progress`, in epoch `epoch`, counted from 0. From a progress of 1 on it is that of the end.
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

    /// Four epochs, the first of them for the warm-up, and two to cool down: cos(π/4) and cos(3π/4) by hand.
    #[test]
    fn a_cool_down_stays_at_the_end_of_every_schedule_and_leaves_the_rest_as_it_was() {
        let rates = |schedule, cooldown: usize| -> Vec<f64> {
            let train =
                Train { lr: 1e-3, min_lr: 1e-5, warmup: 0.25, epochs: 4, cooldown, schedule, ..Train::default() };
            (0..4 + cooldown).map(|epoch| learning_rate(&train, epoch as f64 / 4.0, epoch)).collect()
        };
        let by_hand = |found: &[f64], expected: &[f64]| {
            let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-15);
            assert!(near && found.len() == expected.len(), "{found:?} instead of {expected:?}");
        };
        let (second, third, fourth) = (8.550_178_566_873_411e-4, 5.05e-4, 1.549_821_433_126_589e-4);
        by_hand(&rates(Schedule::Epoch, 2), &[1e-6, second, third, fourth, 1e-5, 1e-5]);
        by_hand(&rates(Schedule::Lagging, 2), &[1e-6, 1e-6, second, third, fourth, 1e-5]);
        // The smooth cosine begins where the warm-up ends, so its thirds are at 60° and 120°.
        by_hand(&rates(Schedule::Smooth, 2), &[1e-6, 1e-3, 7.525e-4, 2.575e-4, 1e-5, 1e-5]);
        for schedule in [Schedule::Smooth, Schedule::Epoch, Schedule::Lagging] {
            assert_eq!(rates(schedule, 2)[..4], rates(schedule, 0), "{schedule:?}");
        }
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
