//! Where a mixer stands: what a family tells it when it is built.

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::layers::linear;
use crate::model::linear::{Linear, LinearConfig};

/// The place of a mixer in a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// Side of the square grid of tokens at the size that the network is trained at; of a window, where tokens mix in those.
    pub side: usize,
    /// Tokens that stand before the grid: one where there is a class token.
    pub class_tokens: usize,
    /// Whether a block stands before this one whose tokens and heads are the same, so that what it hands on fits here.
    pub follows: bool,
    /// How the family's softmax attention projects its tokens.
    pub projection: Projection,
    /// How the family draws fresh linear weights.
    pub fresh: Fresh,
    /// Tokens that a learned mask of the scores covers; none: no mask (RVT).
    pub mask_tokens: Option<usize>,
    /// Side of the window that a learned bias of relative positions is for; none: no bias (Swin).
    pub window: Option<usize>,
    /// The rest of the block.
    pub frame: Frame,
}

/// What a block has beside its mixer. Only a mixer that brings its whole block asks for it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Frame {
    /// Hidden channels of the MLP.
    pub hidden: usize,
    /// Whether the MLP treats tokens one by one.
    pub linear_mlp: bool,
    /// Number of TAP scales; none: no TAP.
    pub tap_scales: Option<usize>,
    /// Drop-path rate of the block.
    pub drop_path: f64,
}

/// How softmax attention gets queries, keys and values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Projection {
    /// From one linear layer, in this order.
    Fused,
    /// Queries from one, keys and values from another, as in FAN.
    KeyValue,
}

/// How fresh linear weights are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fresh {
    /// Normal with deviation 0.02 and zero bias: ViT, DeiT and FAN.
    Normal,
    /// As the framework draws them: RVT.
    Framework,
}

impl Fresh {
    /// A linear layer with fresh weights.
    pub fn linear(self, inputs: usize, outputs: usize, device: &Device) -> Linear {
        match self {
            Self::Normal => linear(inputs, outputs, device),
            Self::Framework => LinearConfig::new(inputs, outputs).init(device),
        }
    }
}

impl Site {
    /// A place on a grid of side `side` without class token, mask or bias, at the start of a trunk; one fused projection,
    /// normal fresh weights.
    pub fn new(width: usize, heads: usize, side: usize) -> Self {
        Self {
            width,
            heads,
            side,
            class_tokens: 0,
            follows: false,
            projection: Projection::Fused,
            fresh: Fresh::Normal,
            mask_tokens: None,
            window: None,
            frame: Frame::default(),
        }
    }

    /// Tokens that mix with each other.
    pub fn tokens(&self) -> usize {
        self.class_tokens + self.side * self.side
    }
}
