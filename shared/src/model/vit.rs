//! The plain vision transformer, "An Image is Worth 16×16 Words" (ViT), in the layout of timm and DeiT checkpoints.
//!
//! Pre-norm blocks, a class token, learned positions, one linear head on the normalised class token. It is the baseline
//! that every method here is compared with.

use burn::module::{Initializer, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{LayerNorm, Linear};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::activation::gelu;
use super::attention::{attend, split_heads};
use super::drop_path::drop_path;
use super::layers::{layer_norm, linear, to_tokens};
use super::observer::{Observer, Within};
use super::{Forward, ModelError};

/// All layer norms use this epsilon, as timm does.
const NORM_EPSILON: f64 = 1e-6;

/// Shape of a plain vision transformer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VitConfig {
    /// Side of the square input, pixels.
    pub image_size: usize,
    /// Side of a patch, pixels; divides `image_size`.
    pub patch_size: usize,
    /// Channels of a token. DeiT: 192, 384, 768.
    pub width: usize,
    /// Number of blocks. DeiT: 12.
    pub depth: usize,
    /// Attention heads per block; divides `width`. DeiT: 3, 6, 12.
    pub heads: usize,
    /// Hidden channels of the MLP over `width`. DeiT: 4.
    #[serde(default = "four")]
    pub mlp_ratio: usize,
    /// Largest drop-path rate; it grows linearly from 0 in the first block. DeiT: 0.1.
    #[serde(default)]
    pub drop_path: f64,
    /// Number of classes.
    pub classes: usize,
}

fn four() -> usize {
    4
}

impl VitConfig {
    /// A plain ViT with MLP ratio 4 and no drop-path.
    pub fn new(image_size: usize, patch_size: usize, width: usize, depth: usize, heads: usize, classes: usize) -> Self {
        Self { image_size, patch_size, width, depth, heads, mlp_ratio: four(), drop_path: 0.0, classes }
    }

    /// Number of patches, the class token not counted.
    pub fn patches(&self) -> usize {
        (self.image_size / self.patch_size).pow(2)
    }

    /// Builds the network with fresh weights, or says which field cannot be.
    pub fn init(&self, device: &Device) -> Result<Vit, ModelError> {
        self.check()?;
        let ramp = |i: usize| self.drop_path * i as f64 / (self.depth.max(2) - 1) as f64;
        let tokens = self.patches() + 1;
        Ok(Vit {
            patch_embed: PatchEmbed {
                proj: Conv2dConfig::new([3, self.width], [self.patch_size; 2])
                    .with_stride([self.patch_size; 2])
                    .init(device),
            },
            cls_token: Initializer::Normal { mean: 0.0, std: 0.02 }.init([1, 1, self.width], device),
            pos_embed: Initializer::Normal { mean: 0.0, std: 0.02 }.init([1, tokens, self.width], device),
            blocks: (0..self.depth).map(|i| VitBlock::new(self, ramp(i), device)).collect(),
            norm: layer_norm(self.width, NORM_EPSILON, device),
            head: linear(self.width, self.classes, device),
        })
    }

    fn check(&self) -> Result<(), ModelError> {
        let Self { image_size, patch_size, width, depth, heads, mlp_ratio, drop_path, classes } = *self;
        if patch_size == 0 || image_size == 0 || image_size % patch_size != 0 {
            return Err(ModelError::PatchDoesNotDivide { image_size, patch_size });
        }
        if heads == 0 || width == 0 || width % heads != 0 {
            return Err(ModelError::HeadsDoNotDivide { width, heads });
        }
        for (field, value) in [("depth", depth), ("classes", classes), ("mlp_ratio", mlp_ratio)] {
            if value == 0 {
                return Err(ModelError::Zero { field });
            }
        }
        ModelError::check_rate("drop_path", drop_path)
    }
}

/// A plain vision transformer.
#[derive(Module, Debug)]
pub struct Vit {
    patch_embed: PatchEmbed,
    cls_token: Param<Tensor<3>>,
    pos_embed: Param<Tensor<3>>,
    blocks: Vec<VitBlock>,
    norm: LayerNorm,
    head: Linear,
}

#[derive(Module, Debug)]
struct PatchEmbed {
    proj: Conv2d,
}

impl Vit {
    /// Pictures `[b, 3, y, x]` to logits and what probes look at; intermediate tensors go to `observer`.
    pub fn forward(&self, pictures: Tensor<4>, observer: &mut impl Observer) -> Forward {
        let map = self.patch_embed.proj.forward(pictures);
        let [b, c, rows, columns] = map.dims();
        let class_token = self.cls_token.val().expand([b, 1, c]);
        let mut tokens = Tensor::cat(vec![class_token, to_tokens(map)], 1) + self.pos_embed.val();
        let mut attention = Vec::with_capacity(self.blocks.len());
        for (i, block) in self.blocks.iter().enumerate() {
            let (next, weights) = block.forward(tokens, &mut Within::new(observer, &format!("blocks.{i}")));
            observer.see(&format!("blocks.{i}"), &next);
            tokens = next;
            attention.push(weights);
        }
        let tokens = self.norm.forward(tokens);
        let logits = self.head.forward(tokens.clone().narrow(1, 0, 1).squeeze_dim::<2>(1));
        let class_attention = attention.last().map(|weights| {
            let [_, _, _, n] = weights.dims();
            weights.clone().narrow(2, 0, 1).narrow(3, 1, n - 1).squeeze_dim::<3>(2)
        });
        Forward { logits, attention, class_attention, tokens, grid: [rows, columns] }
    }
}

#[derive(Module, Debug)]
struct VitBlock {
    norm1: LayerNorm,
    attn: SelfAttention,
    norm2: LayerNorm,
    mlp: Mlp,
    drop_path: f64,
}

impl VitBlock {
    fn new(config: &VitConfig, drop_path: f64, device: &Device) -> Self {
        let width = config.width;
        Self {
            norm1: layer_norm(width, NORM_EPSILON, device),
            attn: SelfAttention {
                qkv: linear(width, 3 * width, device),
                proj: linear(width, width, device),
                heads: config.heads,
            },
            norm2: layer_norm(width, NORM_EPSILON, device),
            mlp: Mlp::new(width, config.mlp_ratio * width, device),
            drop_path,
        }
    }

    fn forward(&self, x: Tensor<3>, observer: &mut impl Observer) -> (Tensor<3>, Tensor<4>) {
        let (mixed, weights) = self.attn.forward(self.norm1.forward(x.clone()));
        observer.see("attn", &mixed);
        observer.see("attn_map", &weights);
        let x = x + drop_path(mixed, self.drop_path);
        let hidden = self.mlp.forward(self.norm2.forward(x.clone()));
        observer.see("mlp", &hidden);
        (x + drop_path(hidden, self.drop_path), weights)
    }
}

#[derive(Module, Debug)]
struct SelfAttention {
    qkv: Linear,
    proj: Linear,
    heads: usize,
}

impl SelfAttention {
    fn forward(&self, x: Tensor<3>) -> (Tensor<3>, Tensor<4>) {
        let [_, _, c] = x.dims();
        let qkv = self.qkv.forward(x);
        let part = |i: usize| split_heads(qkv.clone().narrow(2, i * c, c), self.heads);
        let (mixed, weights) = attend(part(0), part(1), part(2));
        (self.proj.forward(mixed), weights)
    }
}

/// Linear, GELU, linear: shared by the plain ViT and FAN's class-attention blocks.
#[derive(Module, Debug)]
pub(crate) struct Mlp {
    fc1: Linear,
    fc2: Linear,
}

impl Mlp {
    pub(crate) fn new(width: usize, hidden: usize, device: &Device) -> Self {
        Self { fc1: linear(width, hidden, device), fc2: linear(hidden, width, device) }
    }

    /// `[b, n, c]` → `[b, n, c]`.
    pub(crate) fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.fc2.forward(gelu(self.fc1.forward(x)))
    }
}
