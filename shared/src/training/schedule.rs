//! The learning rate of the published recipes: a linear warm-up by epochs, then the cosine of timm.
//!
//! The cosine does not begin where the warm-up ends but at epoch 0, so the rate jumps slightly below the peak there. The
//! trainers of RVT, TAP & ADL and VARS step the schedule with the epoch that just ended, so all of it comes one epoch late
//! ([`EpochCosine::lagging`]).

use std::f64::consts::PI;

/// A learning rate for each epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochCosine {
    /// Largest rate. Paper: 5·10⁻⁴ · batch / 512.
    pub peak: f64,
    /// Rate at the end. Paper: 10⁻⁵.
    pub least: f64,
    /// Rate at the beginning of the warm-up. Paper: 10⁻⁶.
    pub first: f64,
    /// Epochs of warm-up. Paper: 5.
    pub warmup: u32,
    /// Epochs of the cosine, warm-up included. Paper: 300.
    pub epochs: u32,
}

impl EpochCosine {
    /// The recipe of DeiT, RVT and VARS at a batch of `batch` images over `epochs` epochs.
    pub fn published(batch: usize, epochs: u32) -> Self {
        Self { peak: 5e-4 * batch as f64 / 512.0, least: 1e-5, first: 1e-6, warmup: 5, epochs }
    }

    /// The rate of epoch `epoch`, counted from 0; after the end the least.
    pub fn at(&self, epoch: u32) -> f64 {
        if epoch < self.warmup {
            return self.first + f64::from(epoch) * (self.peak - self.first) / f64::from(self.warmup);
        }
        if epoch >= self.epochs {
            return self.least;
        }
        let share = f64::from(epoch) / f64::from(self.epochs);
        self.least + 0.5 * (self.peak - self.least) * (1.0 + (PI * share).cos())
    }

    /// The rate that the released trainers use while they train epoch `epoch`.
    pub fn lagging(&self, epoch: u32) -> f64 {
        self.at(epoch.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warms_up_to_just_below_the_peak_and_ends_at_the_least() {
        let schedule = EpochCosine::published(1024, 300);
        assert_eq!(schedule.at(0), 1e-6);
        assert!((schedule.at(4) - 0.0008002).abs() < 1e-12);
        assert!(schedule.at(5) < schedule.peak && schedule.at(5) > 0.999 * schedule.peak);
        assert_eq!(schedule.at(300), 1e-5);
        assert_eq!(schedule.lagging(0), schedule.lagging(1));
    }
}
