//! The Performer, "Rethinking Attention with Performers", as the VARS release has it for comparison.
//!
//! The features stand in for the softmax, but the n × n matrix is formed and its rows are divided by their sums, so nothing
//! is saved in time; it also means that there is an attention map to look at.

use burn::module::{Initializer, Param};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::vars::random_features;
use super::{Context, Mix, Mixed, MixerInfo, Site, Tie};
use crate::model::ModelError;
use crate::model::attention::{kept_apart, merge_heads, split_heads};
use crate::model::linear::{Linear, LinearConfig};
use crate::model::observer::Observer;

/// Row sums below this count as this.
const LEAST_SUM: f64 = 1e-12;

/// What the Performer says of itself.
pub const INFO: MixerInfo = MixerInfo {
    name: "performer",
    title: "Performer",
    paper: "Performer, arXiv 2009.14794, as released with VARS",
    tie: Tie::Nothing,
    forms_attention: true,
    hands_on: false,
    keeps_apart: true,
    jumps: false,
};

/// Settings of the Performer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Features {
    /// Random features per channel of a head. Paper: 2.
    #[serde(default = "two")]
    pub ratio: usize,
}

fn two() -> usize {
    2
}

impl Default for Features {
    fn default() -> Self {
        Self { ratio: two() }
    }
}

impl Features {
    pub(super) fn check(&self) -> Result<(), ModelError> {
        ModelError::check_count("ratio", self.ratio)
    }
}

/// The attention at `site`.
pub fn build(settings: &Features, site: &Site, device: &Device) -> Performer {
    PerformerConfig::new(site.width, site.heads).with_ratio(settings.ratio).init(device)
}

/// Shape of the attention.
#[derive(Config, Debug)]
pub struct PerformerConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// Random features per channel of a head. Paper: 2.
    #[config(default = 2)]
    pub ratio: usize,
}

/// Attention between random features.
#[derive(Module, Debug)]
pub struct Performer {
    qkv: Linear,
    proj: Linear,
    rand_matrix: Param<Tensor<3>>,
    heads: usize,
}

impl PerformerConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> Performer {
        let depth = self.width / self.heads;
        Performer {
            qkv: LinearConfig::new(self.width, 3 * self.width).init(device),
            proj: LinearConfig::new(self.width, self.width).init(device),
            rand_matrix: Initializer::Normal { mean: 0.0, std: 1.0 }
                .init([self.heads, depth, self.ratio * depth], device),
            heads: self.heads,
        }
    }
}

impl Mix for Performer {
    /// `[b, n, c]` → mixed tokens `[b, n, c]` and attention `[b, h, n, n]`, rows summing to one.
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        let [query, key, value] = self.qkv.parts(x).map(|part| split_heads(part, self.heads));
        let matrix = self.rand_matrix.val().detach();
        let query = random_features(query, matrix.clone());
        let key = random_features(key, matrix);
        let similarity = query.matmul(key.swap_dims(2, 3));
        // What a score is lowered by divides its similarity.
        let similarity = match context.apart {
            Some(apart) => similarity.clone() * kept_apart(similarity.zeros_like(), apart).exp(),
            None => similarity,
        };
        // Features are positive, so a row's sum is its ℓ₁ norm.
        let weights = observer.attend(similarity.clone() / similarity.sum_dim(3).clamp_min(LEAST_SUM));
        let tokens = self.proj.forward(merge_heads(weights.clone().matmul(value)));
        Mixed::by_attention((tokens, weights))
    }
}
