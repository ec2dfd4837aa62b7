//! The learning rate of the published recipes, one for each epoch: a linear warm-up, then the cosine of timm.
//!
//! The cosine does not begin where the warm-up ends but at epoch 0, so the warm-up hides its beginning and the rate jumps
//! slightly below the peak where it joins. The trainers of RVT, TAP & ADL and VARS step the schedule with the epoch that
//! just ended, so all of it comes one epoch late ([`EpochCosine::lagging`]); that of STL does not.

use std::f64::consts::PI;

/// A learning rate for each epoch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochCosine {
    /// Where the cosine starts. DeiT, RVT and VARS: 5·10⁻⁴ · batch / 512. STL: 2·10⁻³ for small models, twice that for large.
    pub peak: f64,
    /// Rate at the end. DeiT, RVT and VARS: 10⁻⁵. STL: 10⁻⁶.
    pub least: f64,
    /// Rate at the beginning of the warm-up. All: 10⁻⁶.
    pub first: f64,
    /// Epochs of warm-up. All: 5; STL: 10 for large models.
    pub warmup: f64,
    /// Epochs of the cosine, warm-up included. DeiT, RVT and VARS: 300. STL: 350, then 10 more at the least rate.
    pub epochs: f64,
}

/// Rate at the beginning of every published warm-up.
pub const FIRST: f64 = 1e-6;

impl EpochCosine {
    /// The recipe of DeiT, RVT and VARS at a batch of `batch` images over `epochs` epochs.
    pub fn published(batch: usize, epochs: f64) -> Self {
        Self { peak: 5e-4 * batch as f64 / 512.0, least: 1e-5, first: FIRST, warmup: 5.0, epochs }
    }

    /// The rate of epoch `epoch`, counted from 0; after the end the least.
    pub fn at(&self, epoch: f64) -> f64 {
        if epoch < self.warmup {
            return self.first + epoch * (self.peak - self.first) / self.warmup;
        }
        let progress = (epoch / self.epochs).clamp(0.0, 1.0);
        self.least + 0.5 * (self.peak - self.least) * (1.0 + libm::cos(PI * progress))
    }

    /// The rate that the trainers which are one epoch late use while they train epoch `epoch`.
    pub fn lagging(&self, epoch: f64) -> f64 {
        self.at((epoch - 1.0).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_warms_up_to_just_below_the_peak_and_ends_at_the_least() {
        let schedule = EpochCosine::published(1024, 300.0);
        assert_eq!(schedule.at(0.0), 1e-6);
        assert!((schedule.at(4.0) - 0.0008002).abs() < 1e-12);
        assert!(schedule.at(5.0) < schedule.peak && schedule.at(5.0) > 0.999 * schedule.peak);
        assert!((schedule.at(300.0) - 1e-5).abs() < 1e-18 && schedule.at(400.0) == schedule.at(300.0));
        assert_eq!(schedule.lagging(0.0), schedule.lagging(1.0));
        assert_eq!(schedule.lagging(7.0), schedule.at(6.0));
    }
}
