//! The rows of an evaluation: what stands in its lists, and what its numbers are called in files.
//!
//! Fractions are in 0..1; [`super::results`] has the file that they are parts of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vitro::attack::Norm;
use vitro::metric::Metric;
use vitro::metric::bootstrap::Interval;

/// Accuracy in one cell of the corruption table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Name of the corruption.
    pub corruption: String,
    /// Group it is shown under.
    #[serde(default)]
    pub group: String,
    /// Whether it counts in the mean: one of the 15 of the benchmark.
    #[serde(default)]
    pub benchmark: bool,
    /// 1 to 5.
    pub severity: u8,
    /// Fraction of images whose best class was right.
    pub top1: f64,
    /// Fraction of images whose label was among the best five.
    pub top5: f64,
    /// Images.
    pub n: usize,
    /// Of `top1`.
    #[serde(default)]
    pub top1_interval: Option<Interval>,
    /// Of `top5`.
    #[serde(default)]
    pub top5_interval: Option<Interval>,
    /// Metrics by key.
    #[serde(default)]
    pub scores: BTreeMap<String, Score>,
}

/// A value of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// In the metric's unit.
    pub value: f64,
    /// Of `value`.
    pub interval: Interval,
}

/// Where a metric was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// On the untouched images.
    Clean,
    /// On corrupted ones: the plain mean over the benchmark's cells.
    Corrupted,
}

impl On {
    /// The name of a number in files.
    pub fn key(self, metric: &Metric) -> String {
        match self {
            Self::Clean => metric.key.to_owned(),
            Self::Corrupted => metric.corrupted_key(),
        }
    }

    /// Which images these are, for people.
    pub fn images(self) -> &'static str {
        match self {
            Self::Clean => "untouched",
            Self::Corrupted => "corrupted, mean",
        }
    }
}

/// How the untouched images of one class were predicted: a row of the confusion matrix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ByClass {
    /// Name of the class.
    pub class: String,
    /// Its images.
    pub n: usize,
    /// Fraction of them whose best class was right; 0 where there are none.
    pub top1: f64,
    /// Classes that its images were taken for, by their place in this list, with the number of images; ascending, without zeros.
    pub predicted: Vec<(usize, usize)>,
}

/// Error under one corruption.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CorruptionError {
    /// Name of the corruption.
    pub corruption: String,
    /// Whether it counts in the mean: one of the 15 of the benchmark.
    pub benchmark: bool,
    /// The severities that were measured, ascending.
    pub severities: Vec<u8>,
    /// Mean top-1 error over them.
    pub error: f64,
    /// Of `error`.
    pub interval: Interval,
}

/// Error under one group of the benchmark's corruptions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupError {
    /// Name of the group.
    pub group: String,
    /// Mean top-1 error over its cells that were measured.
    pub error: f64,
    /// Of `error`.
    pub interval: Interval,
}

/// A number in percent of that of a reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Normalised {
    /// The reference: `AlexNet`, or the name of a run or bundle.
    pub name: String,
    /// 100: as bad as the reference.
    pub value: f64,
}

/// How steady the predictions are while an image changes little by little.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// Name of the perturbation.
    pub perturbation: String,
    /// 1 to 3.
    pub difficulty: u8,
    /// Fraction of compared frames whose best class differs from that of their reference.
    pub flip_probability: f64,
    /// Of `flip_probability`.
    pub flip_probability_interval: Interval,
    /// How far the reference's five best classes moved, uT5D.
    pub top5_distance: f64,
    /// Of `top5_distance`.
    pub top5_distance_interval: Interval,
    /// How far all classes moved, by Zipf's weights.
    pub zipf_distance: f64,
    /// Of `zipf_distance`.
    pub zipf_distance_interval: Interval,
    /// Sequences.
    pub n: usize,
}

/// Accuracy under an attack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Attacked {
    /// Name of the attack.
    pub attack: String,
    /// How its distances are measured; none where an earlier release did not record it.
    #[serde(default)]
    pub norm: Option<Norm>,
    /// Radius, in pixels of 0 to 1, in the attack's norm.
    pub eps: f64,
    /// Steps.
    pub steps: usize,
    /// Fraction of images whose best class was still right.
    pub top1: f64,
    /// Images.
    pub n: usize,
    /// Of `top1`.
    #[serde(default)]
    pub interval: Option<Interval>,
}
