//! VARS-S: every channel of the token map is reconstructed from filters, section 3.4 of the VARS paper.
//!
//! It brings its whole block, [`VarsSBlock`], whose norms stand elsewhere than in a transformer's.

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::vars::{VarsSBlock, VarsSBlockConfig};
use super::{Frame, MixerInfo, Site, Tie};
use crate::model::ModelError;

/// What VARS-S says of itself.
pub const INFO: MixerInfo = MixerInfo {
    name: "vars_s",
    title: "VARS-S",
    paper: "VARS, arXiv 2204.10962",
    tie: Tie::Map,
    forms_attention: false,
    hands_on: false,
    keeps_apart: false,
    jumps: false,
};

/// Settings of VARS-S. The released code fixes them all.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpectralRecurrence {
    /// Steps after the first code. Released: 3.
    #[serde(default = "three")]
    pub num_step: usize,
    /// Sparsity λ. Released: 3.5.
    #[serde(default = "strong")]
    pub lambda: f64,
    /// Filters of each channel. Released: 5.
    #[serde(default = "five")]
    pub templates: usize,
    /// Whether every training step is followed by scaling the filters back to unit power. Released: no, they drift.
    #[serde(default)]
    pub normalize: bool,
}

fn three() -> usize {
    3
}

fn five() -> usize {
    5
}

fn strong() -> f64 {
    3.5
}

impl Default for SpectralRecurrence {
    fn default() -> Self {
        Self { num_step: three(), lambda: strong(), templates: five(), normalize: false }
    }
}

impl SpectralRecurrence {
    pub(super) fn check(&self) -> Result<(), ModelError> {
        ModelError::check_count("templates", self.templates)?;
        ModelError::check_sparsity(self.lambda)
    }
}

/// The block at `site`.
pub fn build(settings: &SpectralRecurrence, site: &Site, device: &Device) -> VarsSBlock {
    let Frame { hidden, linear_mlp, tap_scales, drop_path } = site.frame;
    VarsSBlockConfig::new(site.width, site.side, hidden, *settings)
        .with_linear_mlp(linear_mlp)
        .with_tap_scales(tap_scales)
        .with_drop_path(drop_path)
        .init(device)
}
