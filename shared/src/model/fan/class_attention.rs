//! FAN's class-attention block, which reads the class out of the patch tokens after the trunk.
//!
//! It differs from CaiT's: the block replaces the residual stream by its normalised value, and the patch rows are scaled
//! by γ₁ and doubled on the way. The authors confirmed that the published results use this form, so it is kept.

use burn::module::{Initializer, Param};
use burn::prelude::*;

use crate::model::attention::{attend, split_heads};
use crate::model::layer_norm::LayerNorm;
use crate::model::layers::{layer_norm, linear};
use crate::model::linear::Linear;
use crate::model::observer::Observer;
use crate::model::vit::Mlp;

/// Shape of a class-attention block.
#[derive(Config, Debug)]
pub struct ClassAttentionBlockConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// Hidden channels of the MLP. Paper: 4 × width.
    pub hidden: usize,
    /// First value of the two layer scales. Paper: 1.
    #[config(default = 1.0)]
    pub eta: f64,
    /// Whether the second norm covers all rows (every published variant) or only the class row.
    #[config(default = true)]
    pub tokens_norm: bool,
    /// Epsilon of the norms.
    #[config(default = 1e-6)]
    pub epsilon: f64,
}

/// One class-attention block.
#[derive(Module, Debug)]
pub struct ClassAttentionBlock {
    norm1: LayerNorm,
    attn: ClassAttention,
    norm2: LayerNorm,
    mlp: Mlp,
    gamma1: Param<Tensor<1>>,
    gamma2: Param<Tensor<1>>,
    tokens_norm: bool,
}

#[derive(Module, Debug)]
struct ClassAttention {
    q: Linear,
    k: Linear,
    v: Linear,
    proj: Linear,
    heads: usize,
}

impl ClassAttentionBlockConfig {
    /// Builds the block with fresh weights.
    pub fn init(&self, device: &Device) -> ClassAttentionBlock {
        let square = || linear(self.width, self.width, device);
        let scale = || Initializer::Constant { value: self.eta }.init([self.width], device);
        ClassAttentionBlock {
            norm1: layer_norm(self.width, self.epsilon, device),
            attn: ClassAttention { q: square(), k: square(), v: square(), proj: square(), heads: self.heads },
            norm2: layer_norm(self.width, self.epsilon, device),
            mlp: Mlp::new(self.width, self.hidden, device),
            gamma1: scale(),
            gamma2: scale(),
            tokens_norm: self.tokens_norm,
        }
    }
}

impl ClassAttentionBlock {
    /// `[b, 1 + n, c]`, class row first → the same shape, and the class row's attention `[b, h, 1 + n]`.
    pub fn forward(&self, x: Tensor<3>, observer: &mut impl Observer) -> (Tensor<3>, Tensor<3>) {
        let [_, rows, _] = x.dims();
        let normed = self.norm1.forward(x.clone());
        observer.see("norm1", &normed);
        let (class, weights) = self.attn.forward(normed.clone(), observer);
        observer.see("attn", &class);
        let patches = normed.narrow(1, 1, rows - 1);
        let x = x + Tensor::cat(vec![class, patches], 1) * self.gamma1.val().unsqueeze::<3>();

        let x = if self.tokens_norm {
            let normed = self.norm2.forward(x);
            observer.see("norm2", &normed);
            normed
        } else {
            let class = self.norm2.forward(x.clone().narrow(1, 0, 1));
            observer.see("norm2", &class);
            Tensor::cat(vec![class, x.narrow(1, 1, rows - 1)], 1)
        };
        let hidden = self.mlp.forward(x.clone().narrow(1, 0, 1));
        observer.see("mlp", &hidden);
        let class = hidden * self.gamma2.val().unsqueeze::<3>();
        let patches = x.clone().narrow(1, 1, rows - 1);
        (x + Tensor::cat(vec![class, patches], 1), weights)
    }
}

impl ClassAttention {
    /// The class row of `[b, 1 + n, c]` attends to all rows → `[b, 1, c]` and `[b, h, 1 + n]`.
    fn forward(&self, x: Tensor<3>, observer: &mut impl Observer) -> (Tensor<3>, Tensor<3>) {
        let q = split_heads(self.q.forward(x.clone().narrow(1, 0, 1)), self.heads);
        let k = split_heads(self.k.forward(x.clone()), self.heads);
        let v = split_heads(self.v.forward(x), self.heads);
        let (mixed, weights) = attend(q, k, v, observer);
        (self.proj.forward(mixed), weights.squeeze_dim::<3>(2))
    }
}
