//! What is measured, as values: `vitro bench --json` writes them, and the table is rendered from them.

use std::fmt;
use std::str::FromStr;

use anyhow::Result;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use vitro::model::{Preset, preset};

use super::machine::{Build, Machine};
use super::scaling::Scaling;
use super::stopwatch::Times;
use crate::recipe::Precision;

/// What `peak_memory_mib` and `waiting` mean, for those who read the numbers elsewhere.
pub const NOTES: &[&str] = &[
    "Each row was measured in a process of its own. Its peak memory is the largest resident size of that process (VmHWM of \
     /proc/self/status, Linux only), the program and the allocator's reserve included; memory of a card does not count.",
    "`waiting` is the fraction of a step in which nothing learns because images are rendered, augmented or awaited. It is 0 by \
     construction where the input is noise that lies ready, and in forward passes.",
    "`scaling` is computed by Amdahl's law from the rows with the fewest and the most workers; nothing there was measured.",
];

/// Everything that one call of the command measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// What it ran on.
    pub machine: Machine,
    /// What ran.
    pub build: Build,
    /// The processor or card that computed.
    pub device: String,
    /// What it multiplied in.
    #[serde(default)]
    pub precision: Precision,
    /// How to read the numbers.
    pub notes: Vec<String>,
    /// In the order in which they were measured.
    pub rows: Vec<Row>,
    /// What the rows say about more cores: computed.
    pub scaling: Vec<Scaling>,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// A [`Subject`], as it is written on the command line.
    pub model: String,
    /// What was timed.
    pub work: Work,
    /// Images of a call.
    pub batch: usize,
    /// Where the images came from.
    pub input: Input,
    /// Workers that share a batch; threads of the engine where one image is looked at. 1 on a card.
    pub workers: usize,
    /// How long a call took.
    #[serde(flatten)]
    pub times: Times,
    /// By the median.
    pub images_per_second: f64,
    /// Largest resident size of the row's process, MiB, where the system tells.
    pub peak_memory_mib: Option<f64>,
    /// Fraction of the time that waited for images.
    pub waiting: f64,
    /// MiB that a step sent to other machines that share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_mib: Option<f64>,
    /// MiB that came back from them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_mib: Option<f64>,
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Images in, logits out.
    Forward,
    /// A training step: forward, loss, gradients, clipping, AdamW.
    Train,
}

/// Where the images come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// Drawn before the clock starts.
    Noise,
    /// Rendered and augmented for every step, as a recipe does, with the moving average of the weights.
    Scenes,
}

/// A model to measure: `PRESET`, or `PRESET+adl` to train it with the attention diversification loss as well.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The shape.
    pub preset: &'static Preset,
    /// Weight of the attention diversification loss.
    pub adl: f64,
}

impl FromStr for Subject {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, adl) = text.strip_suffix("+adl").map_or((text, 0.0), |name| (name, 1.0));
        Ok(Self { preset: preset(name)?, adl })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.preset.name)?;
        f.write_str(if self.adl > 0.0 { "+adl" } else { "" })
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forward => "forward",
            Self::Train => "train",
        })
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Noise => "noise",
            Self::Scenes => "scenes",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_written_as_it_is_read() {
        for text in ["vit_nano_p8_64", "tap_fan_nano_p8_64+adl"] {
            assert_eq!(text.parse::<Subject>().unwrap().to_string(), text);
        }
        let refusal = "vit_nano_p8_65+adl".parse::<Subject>().unwrap_err().to_string();
        assert!(refusal.contains("the nearest is \"vit_nano_p8_64\""), "{refusal}");
    }
}
