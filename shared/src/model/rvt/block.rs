//! One block of RVT: a token mixer, then an MLP, each on normalised tokens and added to the stream.
//!
//! With TAP, the mixer (not the stream) sees the pooled tokens, as in section 3.1 of "Robustifying Token Attention for
//! Vision Transformers". There is no layer scale.

use burn::prelude::*;

use super::mlp::{RvtMlp, RvtMlpConfig};
use crate::model::drop_path::{Draws, DropPath};
use crate::model::layer_norm::LayerNorm;
use crate::model::layers::layer_norm;
use crate::model::mix::tap::{Tap, TapConfig};
use crate::model::mix::{Context, Mix, Mixed, Mixer};
use crate::model::observer::Observer;

/// All layer norms use this epsilon.
pub(super) const NORM_EPSILON: f64 = 1e-6;

/// Shape of a block.
#[derive(Config, Debug)]
pub struct RvtBlockConfig {
    /// Channels of a token.
    pub width: usize,
    /// Hidden channels of the MLP. Paper: 4 × width.
    pub hidden: usize,
    /// Whether the MLP treats tokens one by one.
    #[config(default = false)]
    pub linear_mlp: bool,
    /// Number of TAP scales; none: no TAP.
    pub tap_scales: Option<usize>,
    /// Drop-path rate of this block.
    #[config(default = 0.0)]
    pub drop_path: f64,
}

/// One block.
#[derive(Module, Debug)]
pub struct RvtBlock {
    tap: Option<Tap>,
    norm1: LayerNorm,
    attn: Mixer,
    norm2: LayerNorm,
    mlp: RvtMlp,
    drop_path: DropPath,
}

impl RvtBlockConfig {
    /// Builds the block with fresh weights around the mixer `attn`.
    pub fn init(&self, attn: Mixer, device: &Device) -> RvtBlock {
        RvtBlock {
            tap: self.tap_scales.map(|scales| TapConfig::new(self.width).with_scales(scales).init(device)),
            norm1: layer_norm(self.width, NORM_EPSILON, device),
            attn,
            norm2: layer_norm(self.width, NORM_EPSILON, device),
            mlp: RvtMlpConfig::new(self.width, self.hidden).with_linear(self.linear_mlp).init(device),
            drop_path: DropPath::new(self.drop_path),
        }
    }
}

impl Mix for RvtBlock {
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        let grid = context.grid;
        let seen = match &self.tap {
            Some(tap) => tap.forward(x.clone(), grid, observer),
            None => x.clone(),
        };
        let mixed = self.attn.observed(self.norm1.forward(seen), context, observer);
        let x = x + self.drop_path.forward(mixed.tokens);

        let hidden = self.mlp.forward(self.norm2.forward(x.clone()), grid);
        observer.see("mlp", &hidden);
        Mixed { tokens: x + self.drop_path.forward(hidden), ..mixed }
    }

    fn before_step(&mut self, draws: &Draws) {
        self.drop_path.before_step(draws);
        self.attn.before_step(draws);
    }

    fn after_step(&mut self, iteration: u64) {
        self.attn.after_step(iteration);
    }
}
