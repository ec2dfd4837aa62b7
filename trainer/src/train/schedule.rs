//! The learning rate over the training: linear warm-up, then half a cosine.
//!
//! Both are functions of progress, a share of the whole training between 0 and 1, so the same code serves a number of
//! epochs and a budget of minutes.

use crate::recipe::Train;

/// The learning rate at `progress`.
pub fn learning_rate(train: &Train, progress: f64) -> f64 {
    let progress = progress.clamp(0.0, 1.0);
    if progress < train.warmup {
        return train.lr * (progress / train.warmup).max(1e-3);
    }
    let rest = (progress - train.warmup) / (1.0 - train.warmup);
    train.min_lr + (train.lr - train.min_lr) * 0.5 * (1.0 + (std::f64::consts::PI * rest).cos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_to_the_peak_and_falls_to_the_end() {
        let train = Train { lr: 1e-3, min_lr: 1e-5, warmup: 0.1, ..Train::default() };
        let rate = |progress| learning_rate(&train, progress);
        assert!(rate(0.0) > 0.0 && rate(0.0) < 1e-4);
        assert!((rate(0.05) - 5e-4).abs() < 1e-9);
        assert!((rate(0.1) - 1e-3).abs() < 1e-9);
        assert!((rate(0.55) - 5.05e-4).abs() < 1e-9);
        assert!((rate(1.0) - 1e-5).abs() < 1e-9);
    }
}
