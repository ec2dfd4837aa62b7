//! The learning rate of the released training, by epoch: timm's cosine with a linear warm-up and a cool-down.
//!
//! After the warm-up the rate joins the cosine where that has got to by then: the warm-up hides the cosine's beginning
//! instead of delaying it.

use serde::{Deserialize, Serialize};

/// The rate over the epochs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochSchedule {
    /// Where the cosine starts. Paper: 2e-3 for the small models, 4e-3 for the large ones.
    pub peak: f64,
    /// Where the warm-up starts and the cosine ends. Paper: 1e-6.
    #[serde(default = "lowest")]
    pub lowest: f64,
    /// Epochs of warm-up. Paper: 5 for the small models, 10 for the large ones.
    pub warmup: f64,
    /// Epochs of the cosine, the warm-up counted. Paper: 350, then 10 more at the lowest rate.
    #[serde(default = "epochs")]
    pub epochs: f64,
}

fn lowest() -> f64 {
    1e-6
}

fn epochs() -> f64 {
    350.0
}

impl EpochSchedule {
    /// The paper's schedule for a peak rate and a number of warm-up epochs.
    pub fn new(peak: f64, warmup: f64) -> Self {
        Self { peak, lowest: lowest(), warmup, epochs: epochs() }
    }

    /// The learning rate in `epoch`, counted from 0.
    pub fn at(&self, epoch: f64) -> f64 {
        let height = self.peak - self.lowest;
        if epoch < self.warmup {
            return self.lowest + height * epoch / self.warmup;
        }
        let progress = (epoch / self.epochs).clamp(0.0, 1.0);
        self.lowest + 0.5 * height * (1.0 + libm::cos(std::f64::consts::PI * progress))
    }
}
