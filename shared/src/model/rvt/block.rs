//! One block of RVT: a token mixer, then an MLP, each on normalised tokens and added to the stream.
//!
//! With TAP, the mixer (not the stream) sees the pooled tokens, as in section 3.1 of "Robustifying Token Attention for
//! Vision Transformers". There is no layer scale.

use burn::nn::LayerNorm;
use burn::prelude::*;

use super::attention::SelfAttentionConfig;
use super::mixer::TokenMixer;
use super::mlp::{RvtMlp, RvtMlpConfig};
use crate::method::tap::{Tap, TapConfig};
use crate::method::vars::{AttentionKind, FeatureAttention, VarsSBlock};
use crate::model::Mixed;
use crate::model::drop_path::DropPath;
use crate::model::layers::layer_norm;
use crate::model::observer::{Observer, Within};

/// All layer norms use this epsilon.
pub(super) const NORM_EPSILON: f64 = 1e-6;

/// Shape of a block.
#[derive(Config, Debug)]
pub struct RvtBlockConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads of the attention.
    pub heads: usize,
    /// Hidden channels of the MLP. Paper: 4 × width.
    pub hidden: usize,
    /// Whether the MLP treats tokens one by one.
    #[config(default = false)]
    pub linear_mlp: bool,
    /// Tokens that the attention mask covers; none: no mask.
    pub mask_tokens: Option<usize>,
    /// What mixes the tokens; with random features or without. Of VARS-S there is [`VarsSBlock`].
    #[config(default = "AttentionKind::Softmax")]
    pub attention: AttentionKind,
    /// Tokens that static atoms cover (VARS-SD).
    #[config(default = 0)]
    pub tokens: usize,
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
    attn: TokenMixer,
    norm2: LayerNorm,
    mlp: RvtMlp,
    drop_path: DropPath,
}

impl RvtBlockConfig {
    /// Builds the block with fresh weights.
    pub fn init(&self, device: &Device) -> RvtBlock {
        RvtBlock {
            tap: self.tap_scales.map(|scales| TapConfig::new(self.width).with_scales(scales).init(device)),
            norm1: layer_norm(self.width, NORM_EPSILON, device),
            attn: match FeatureAttention::new(self.attention, self.width, self.heads, self.tokens, device) {
                Some(attention) => TokenMixer::Features(attention),
                None => {
                    let config = SelfAttentionConfig::new(self.width, self.heads).with_mask_tokens(self.mask_tokens);
                    TokenMixer::Softmax(config.init(device))
                }
            },
            norm2: layer_norm(self.width, NORM_EPSILON, device),
            mlp: RvtMlpConfig::new(self.width, self.hidden).with_linear(self.linear_mlp).init(device),
            drop_path: DropPath::new(self.drop_path),
        }
    }
}

impl RvtBlock {
    /// `[b, n, c]` on `grid` (rows, columns) → the same shape, and what the mixer shows of itself.
    pub fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Mixed {
        let seen = match &self.tap {
            Some(tap) => tap.forward(x.clone(), grid, observer),
            None => x.clone(),
        };
        let mixed = self.attn.forward(self.norm1.forward(seen), &mut Within::new(observer, "attn"));
        observer.see("attn", &mixed.tokens);
        if let Some(weights) = &mixed.attention {
            observer.see("attn_map", weights);
        }
        let x = x + self.drop_path.forward(mixed.tokens);

        let hidden = self.mlp.forward(self.norm2.forward(x.clone()), grid);
        observer.see("mlp", &hidden);
        Mixed { tokens: x + self.drop_path.forward(hidden), ..mixed }
    }
}

/// A block of either kind.
#[derive(Module, Debug)]
pub(super) enum StageBlock {
    Plain(RvtBlock),
    Spectral(VarsSBlock),
}

impl StageBlock {
    pub(super) fn forward(&self, x: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Mixed {
        match self {
            Self::Plain(block) => block.forward(x, grid, observer),
            Self::Spectral(block) => block.forward(x, grid, observer),
        }
    }
}
