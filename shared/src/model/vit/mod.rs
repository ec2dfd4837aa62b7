//! The plain vision transformer, "An Image is Worth 16×16 Words" (ViT), in the layout of timm and DeiT checkpoints.
//!
//! Pre-norm blocks, a class token, learned positions, one linear head on the normalised class token. It is the baseline
//! that every method here is compared with, and carries two of them: token-aware average pooling of the patches before the
//! attention, with the class token passing by (`tap_scales`), and the token mixers of [`crate::model::mix`] (`attention`).
//! To those the class token is a token like any other, but VARS-S reconstructs a map, of which the class token reads the mean.

mod presets;

use burn::module::{Initializer, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::drop_path::{Draws, DropPath};
use super::layers::{layer_norm, linear, to_tokens};
use super::mix::tap::{Tap, TapConfig};
use super::mix::{AttentionKind, Block, Context, Frame, Mix, Mixed, Mixer, Site, Trail, name_or_table};
use super::observer::{Observer, Within};
use super::{Family, FamilyConfig, FamilyInfo, Forward, Layers, ModelError, ratio};
use crate::model::layer_norm::LayerNorm;
use crate::model::linear::Linear;
use crate::ops::gelu;

/// What the plain ViT says of itself.
pub const INFO: FamilyInfo = FamilyInfo {
    name: "vit",
    title: "ViT",
    method: None,
    presets: presets::PRESETS,
    keys: &[],
    takes_token_noise: true,
    takes_tap: true,
    takes_token_head: false,
};

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
    #[serde(default = "ratio::four", serialize_with = "ratio::serialize")]
    pub mlp_ratio: f64,
    /// Largest drop-path rate; it grows linearly from 0 in the first block. DeiT: 0.1.
    #[serde(default)]
    pub drop_path: f64,
    /// What the blocks mix their tokens with. DeiT: softmax attention.
    #[serde(default, deserialize_with = "name_or_table")]
    pub attention: AttentionKind,
    /// Scales K of token-aware average pooling of the patches; none: no TAP. TAP's paper: 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tap_scales: Option<usize>,
    /// Number of classes.
    pub classes: usize,
}

impl VitConfig {
    /// A plain ViT with MLP ratio 4, softmax attention, no drop-path and no TAP.
    pub fn new(image_size: usize, patch_size: usize, width: usize, depth: usize, heads: usize, classes: usize) -> Self {
        Self {
            image_size,
            patch_size,
            width,
            depth,
            heads,
            mlp_ratio: ratio::four(),
            drop_path: 0.0,
            attention: AttentionKind::Softmax,
            tap_scales: None,
            classes,
        }
    }

    /// Patches along a side.
    fn side(&self) -> usize {
        self.image_size / self.patch_size
    }

    fn block(&self, i: usize, device: &Device) -> Block<VitBlock> {
        let frame = Frame {
            hidden: ratio::hidden(self.width, self.mlp_ratio),
            // The class token has no place in a convolution, so MLPs treat tokens one by one, whoever brings them.
            linear_mlp: true,
            tap_scales: self.tap_scales,
            drop_path: self.drop_path * i as f64 / (self.depth.max(2) - 1) as f64,
        };
        let site = Site { class_tokens: 1, follows: i > 0, frame, ..Site::new(self.width, self.heads, self.side()) };
        Block::new(&self.attention, &site, device, |attn| VitBlock::new(attn, self.width, &frame, device))
    }

    fn check(&self) -> Result<(), ModelError> {
        let Self { image_size, patch_size, width, depth, heads, drop_path, classes, .. } = *self;
        if patch_size == 0 || image_size == 0 || image_size % patch_size != 0 {
            return Err(ModelError::PatchDoesNotDivide { image_size, patch_size });
        }
        if heads == 0 || width == 0 || width % heads != 0 {
            return Err(ModelError::HeadsDoNotDivide { width, heads });
        }
        let counts = [("depth", depth), ("classes", classes)];
        for (field, value) in counts.into_iter().chain(self.tap_scales.map(|k| ("tap_scales", k))) {
            if value == 0 {
                return Err(ModelError::Zero { field });
            }
        }
        self.attention.check()?;
        ratio::check(self.patch_width(), self.mlp_ratio)?;
        ModelError::check_rate("drop_path", drop_path)
    }
}

impl FamilyConfig for VitConfig {
    type Model = Vit;

    fn init(&self, device: &Device) -> Result<Vit, ModelError> {
        self.check()?;
        let tokens = self.patches() + 1;
        Ok(Vit {
            patch_embed: PatchEmbed {
                proj: Conv2dConfig::new([3, self.width], [self.patch_size; 2])
                    .with_stride([self.patch_size; 2])
                    .init(device),
            },
            cls_token: Initializer::Normal { mean: 0.0, std: 0.02 }.init([1, 1, self.width], device),
            pos_embed: Initializer::Normal { mean: 0.0, std: 0.02 }.init([1, tokens, self.width], device),
            blocks: (0..self.depth).map(|i| self.block(i, device)).collect(),
            norm: layer_norm(self.width, NORM_EPSILON, device),
            head: linear(self.width, self.classes, device),
        })
    }

    fn image_size(&self) -> usize {
        self.image_size
    }

    fn classes(&self) -> usize {
        self.classes
    }

    fn patches(&self) -> usize {
        self.side().pow(2)
    }

    fn patch_width(&self) -> usize {
        self.width
    }

    fn attention(&self) -> AttentionKind {
        self.attention
    }

    fn tap_scales(&self) -> Option<usize> {
        self.tap_scales
    }

    fn layers(&self) -> Layers {
        let embedding = Layers::new(&["patch_embed", "cls_token", "pos_embed"]);
        embedding.blocks("blocks", self.depth).heads(&["norm", "head"])
    }

    /// Positions are learned for one grid.
    fn check_image(&self, [rows, columns]: [usize; 2]) -> Result<(), ModelError> {
        let grid = [rows / self.patch_size, columns / self.patch_size];
        self.attention.check_grid(self.side(), grid)?;
        let (built, given) = (self.patches(), grid[0] * grid[1]);
        if built != given {
            return Err(ModelError::TokenCount { part: "the position embedding", built, given });
        }
        Ok(())
    }
}

/// A plain vision transformer.
#[derive(Module, Debug)]
pub struct Vit {
    patch_embed: PatchEmbed,
    cls_token: Param<Tensor<3>>,
    pos_embed: Param<Tensor<3>>,
    blocks: Vec<Block<VitBlock>>,
    norm: LayerNorm,
    head: Linear,
}

#[derive(Module, Debug)]
struct PatchEmbed {
    proj: Conv2d,
}

impl Family for Vit {
    fn embed(&self, images: Tensor<4>, _observer: &mut impl Observer) -> (Tensor<3>, [usize; 2]) {
        let map = self.patch_embed.proj.forward(images);
        let [_, _, rows, columns] = map.dims();
        (to_tokens(map), [rows, columns])
    }

    fn encode(&self, patches: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Forward {
        let [b, _, c] = patches.dims();
        let class_token = self.cls_token.val().expand([b, 1, c]);
        let mut tokens = Tensor::cat(vec![class_token, patches], 1) + self.pos_embed.val();
        let mut trail = Trail::default();
        for (i, block) in self.blocks.iter().enumerate() {
            let place = format!("blocks.{i}");
            let mixed = block.forward(tokens, trail.context(grid), &mut Within::new(observer, &place));
            observer.see(&place, &mixed.tokens);
            tokens = trail.pass(mixed);
        }
        let Trail { attention, codes, .. } = trail;
        let tokens = self.norm.forward(tokens);
        let logits = self.head.forward(tokens.clone().narrow(1, 0, 1).squeeze_dim::<2>(1));
        let class_attention = attention.last().map(|weights| {
            let [_, _, _, n] = weights.dims();
            weights.clone().narrow(2, 0, 1).narrow(3, 1, n - 1).squeeze_dim::<3>(2)
        });
        Forward { logits, attention, class_attention, codes, tokens, token_logits: None, grid }
    }

    fn patch_kernel(&self) -> Option<Tensor<4>> {
        Some(self.patch_embed.proj.weight.val())
    }

    fn before_step(&mut self, draws: &Draws) {
        for block in &mut self.blocks {
            block.before_step(draws);
        }
    }

    fn after_step(&mut self, iteration: u64) {
        for block in &mut self.blocks {
            block.after_step(iteration);
        }
    }
}

#[derive(Module, Debug)]
struct VitBlock {
    tap: Option<Tap>,
    norm1: LayerNorm,
    attn: Mixer,
    norm2: LayerNorm,
    mlp: Mlp,
    drop_path: DropPath,
}

impl VitBlock {
    fn new(attn: Mixer, width: usize, frame: &Frame, device: &Device) -> Self {
        Self {
            tap: frame.tap_scales.map(|scales| TapConfig::new(width).with_scales(scales).init(device)),
            norm1: layer_norm(width, NORM_EPSILON, device),
            attn,
            norm2: layer_norm(width, NORM_EPSILON, device),
            mlp: Mlp::new(width, frame.hidden, device),
            drop_path: DropPath::new(frame.drop_path),
        }
    }
}

impl Mix for VitBlock {
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        let seen = match &self.tap {
            Some(tap) => tap.forward_past_class_token(x.clone(), context.grid, observer),
            None => x.clone(),
        };
        let mixed = self.attn.observed(self.norm1.forward(seen), context, observer);
        let x = x + self.drop_path.forward(mixed.tokens);
        let hidden = self.mlp.forward(self.norm2.forward(x.clone()));
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
