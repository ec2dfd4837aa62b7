//! Softmax attention, in the layouts of every family here: the mixer that needs no mention.
//!
//! Queries, keys and values come from one linear layer, or keys and values from one of their own as in FAN. Scores have the
//! scale d^(−1/2). What a family adds to them is in the layer:
//!
//! * RVT's position-aware attention scaling, "Towards Robust Vision Transformer": every pair of positions has a learned
//!   gate, and scores are multiplied by sigmoid(mask). The mask is not added and its rows are not normalised. The released
//!   masks cover 14 × 14 tokens; smaller grids take their top left corner, as in the released code.
//! * Swin's bias of relative positions (arXiv 2103.14030, section 3.2), one for each offset in a window.

use std::f64::consts::{FRAC_1_SQRT_2, PI, SQRT_2};

use burn::module::{Initializer, Param, ParamId};
use burn::prelude::*;
use burn::tensor::activation::sigmoid;
use burn::tensor::{Distribution, TensorData};

use super::{Context, Fresh, Mix, Mixed, MixerInfo, Projection, Site, Tie};
use crate::model::attention::{kept_apart, mix, scores, split_heads};
use crate::model::linear::Linear;
use crate::model::observer::Observer;

/// What softmax attention says of itself.
pub const INFO: MixerInfo = MixerInfo {
    name: "softmax",
    title: "Softmax attention",
    paper: "Transformer, arXiv 1706.03762",
    tie: Tie::Nothing,
    forms_attention: true,
    hands_on: false,
    keeps_apart: true,
    jumps: false,
};

/// Deviation of a fresh mask, and where it is cut off on either side; deviation of a fresh bias.
const DEVIATION: f64 = 0.02;

/// Shape of the attention.
#[derive(Config, Debug)]
pub struct SoftmaxConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// How queries, keys and values are projected.
    #[config(default = "Projection::Fused")]
    pub projection: Projection,
    /// How fresh weights are drawn.
    #[config(default = "Fresh::Normal")]
    pub fresh: Fresh,
    /// Tokens that a mask covers; none: no mask. Paper: 196. Where keys and values are projected apart there is none.
    pub mask_tokens: Option<usize>,
    /// Side of the window that a bias of relative positions is for; none: no bias. As masks, only with one projection.
    pub window: Option<usize>,
}

/// Softmax attention between tokens.
#[derive(Module, Debug)]
pub enum Softmax {
    /// One projection.
    Fused(FusedSoftmax),
    /// A projection of queries, and one of keys and values.
    KeyValue(KeyValueSoftmax),
}

/// Softmax attention with one projection.
#[derive(Module, Debug)]
pub struct FusedSoftmax {
    qkv: Linear,
    att_mask: Option<Param<Tensor<3>>>,
    relative_position_bias_table: Option<Param<Tensor<2>>>,
    proj: Linear,
    heads: usize,
}

/// Softmax attention with a projection of its own for keys and values.
#[derive(Module, Debug)]
pub struct KeyValueSoftmax {
    q: Linear,
    kv: Linear,
    proj: Linear,
    heads: usize,
}

/// The attention at `site`.
pub fn build(site: &Site, device: &Device) -> Softmax {
    SoftmaxConfig::new(site.width, site.heads)
        .with_projection(site.projection)
        .with_fresh(site.fresh)
        .with_mask_tokens(site.mask_tokens)
        .with_window(site.window)
        .init(device)
}

impl SoftmaxConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> Softmax {
        let (width, heads) = (self.width, self.heads);
        let linear = |outputs| self.fresh.linear(width, outputs, device);
        match self.projection {
            Projection::Fused => Softmax::Fused(FusedSoftmax {
                qkv: linear(3 * width),
                att_mask: self.mask_tokens.map(|tokens| truncated_normal([heads, tokens, tokens], DEVIATION, device)),
                relative_position_bias_table: self.window.map(|side| relative_bias(side, heads, device)),
                proj: linear(width),
                heads,
            }),
            Projection::KeyValue => Softmax::KeyValue(KeyValueSoftmax {
                q: linear(width),
                kv: linear(2 * width),
                proj: linear(width),
                heads,
            }),
        }
    }
}

impl Mix for Softmax {
    /// More tokens than a mask covers are an error of the caller and give a panic in the engine.
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        let ([q, k, v], proj) = match self {
            Self::Fused(layer) => (layer.project(x), &layer.proj),
            Self::KeyValue(layer) => (layer.project(x), &layer.proj),
        };
        let scores = scores(q, k);
        let scores = match self {
            Self::Fused(layer) => layer.with_positions(scores),
            Self::KeyValue(_) => scores,
        };
        let scores = match context.apart {
            Some(apart) => kept_apart(scores, apart),
            None => scores,
        };
        let (mixed, weights) = mix(scores, v, observer);
        Mixed::by_attention((proj.forward(mixed), weights))
    }
}

impl FusedSoftmax {
    /// `[b, n, c]` → queries, keys and values `[b, h, n, d]`.
    fn project(&self, x: Tensor<3>) -> [Tensor<4>; 3] {
        self.qkv.parts(x).map(|part| split_heads(part, self.heads))
    }

    /// Scores `[b, h, n, n]`, scaled by the mask and moved by the bias where there are any.
    fn with_positions(&self, scores: Tensor<4>) -> Tensor<4> {
        let [_, _, n, _] = scores.dims();
        let scores = match &self.att_mask {
            Some(mask) => scores * sigmoid(mask.val().narrow(1, 0, n).narrow(2, 0, n)).unsqueeze::<4>(),
            None => scores,
        };
        match &self.relative_position_bias_table {
            Some(table) => scores + bias_of_pairs(table.val(), n.isqrt()),
            None => scores,
        }
    }
}

impl KeyValueSoftmax {
    /// `[b, n, c]` → queries, keys and values `[b, h, n, d]`.
    fn project(&self, x: Tensor<3>) -> [Tensor<4>; 3] {
        let q = self.q.forward(x.clone());
        // The first half of the channels are keys, the second half values.
        let [k, v] = self.kv.parts(x);
        [q, k, v].map(|part| split_heads(part, self.heads))
    }
}

/// A fresh table of biases, one row for each offset between two tokens of a window of side `side`.
pub(super) fn relative_bias(side: usize, heads: usize, device: &Device) -> Param<Tensor<2>> {
    Initializer::Normal { mean: 0.0, std: DEVIATION }.init([(2 * side - 1).pow(2), heads], device)
}

/// The bias of each pair of tokens in a window of side `w`, `[1, h, w², w²]`.
pub(super) fn bias_of_pairs(table: Tensor<2>, w: usize) -> Tensor<4> {
    let ([_, heads], n) = (table.dims(), w * w);
    // One row of the table for each difference of rows and of columns, both from 1 − w to w − 1.
    let place = |i: usize| {
        let (query, key) = (i / n, i % n);
        let rows = query / w + w - 1 - key / w;
        let columns = query % w + w - 1 - key % w;
        (rows * (2 * w - 1) + columns) as i32
    };
    let places: Vec<i32> = (0..n * n).map(place).collect();
    let places = Tensor::<1, Int>::from_data(TensorData::new(places, [n * n]), &table.device());
    table.select(0, places).reshape([1, n, n, heads]).permute([0, 3, 1, 2])
}

/// Normal values of deviation `std`, cut off one deviation from zero on either side.
///
/// Uniform numbers go through the inverse of the distribution. It is found by Newton's method, which from below the root
/// gains digits quadratically on this short interval: four steps are exact in f32.
fn truncated_normal(shape: [usize; 3], std: f64, device: &Device) -> Param<Tensor<3>> {
    let values = move |device: &Device, require_grad: bool| {
        let within = libm::erf(FRAC_1_SQRT_2);
        let level = Tensor::<3>::random(shape, Distribution::Uniform(-within, within), device);
        let inverse_slope = PI.sqrt() / 2.0;
        let mut root = level.clone().mul_scalar(inverse_slope);
        for _ in 0..4 {
            let miss = root.clone().erf() - level.clone();
            root = root.clone() - miss * (root.clone() * root).exp().mul_scalar(inverse_slope);
        }
        let values = root.mul_scalar(SQRT_2 * std).detach();
        if require_grad { values.require_grad() } else { values }
    };
    Param::uninitialized(ParamId::new(), values, device.clone(), true, shape.into())
}
