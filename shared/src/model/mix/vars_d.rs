//! VARS-D: attention that reconstructs the values from a dictionary made of the tokens, section 3.2 of the VARS paper.
//!
//! The layer is [`VarsAttention`]; its settings are those of VARS-SD too.

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::vars::{VarsAttention, VarsAttentionConfig};
use super::{MixerInfo, Site, Tie};
use crate::model::ModelError;

/// What VARS-D says of itself.
///
/// Its smooth shrinking jumps at zero; rounding the weights to 16 bits turns the signs of small codes, and a fresh
/// `rvt_tiny_vars_d` moves by 0.07.
pub const INFO: MixerInfo = MixerInfo {
    name: "vars_d",
    title: "VARS-D",
    paper: "VARS, arXiv 2204.10962",
    tie: Tie::Nothing,
    forms_attention: false,
    hands_on: false,
    keeps_apart: false,
    jumps: true,
};

/// Settings of VARS-D and VARS-SD.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recurrence {
    /// Steps after the first code. Paper: 5. With 0, the first code itself is reconstructed.
    #[serde(default = "five")]
    pub num_step: usize,
    /// Sparsity λ, before the learned factor. Paper: 0.3.
    #[serde(default = "mild")]
    pub lambda: f64,
    /// Random features per channel of a head. Paper: 2.
    #[serde(default = "two")]
    pub ratio: usize,
}

fn two() -> usize {
    2
}

fn five() -> usize {
    5
}

fn mild() -> f64 {
    0.3
}

impl Default for Recurrence {
    fn default() -> Self {
        Self { num_step: five(), lambda: mild(), ratio: two() }
    }
}

impl Recurrence {
    pub(super) fn check(&self) -> Result<(), ModelError> {
        ModelError::check_count("ratio", self.ratio)?;
        ModelError::check_sparsity(self.lambda)
    }
}

/// The attention at `site`.
pub fn build(settings: &Recurrence, site: &Site, device: &Device) -> VarsAttention {
    VarsAttentionConfig::new(site.width, site.heads, *settings).init(device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_settings_are_refused() {
        let settings = |lambda, ratio| Recurrence { num_step: 5, lambda, ratio };
        assert_eq!(settings(0.3, 2).check(), Ok(()));
        assert_eq!(settings(0.3, 0).check(), Err(ModelError::Zero { field: "ratio" }));
        assert_eq!(settings(-1.0, 2).check(), Err(ModelError::Sparsity { lambda: -1.0 }));
    }
}
