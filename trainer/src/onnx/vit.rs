//! The plain ViT and the ViT with TAP as a graph.

use anyhow::Result;
use vitro::model::vit::VitConfig;

use super::graph::{Builder, Wire};
use super::layers::Moves;

/// Epsilon of every layer norm.
const EPSILON: f64 = 1e-6;

/// Normalised images → logits.
pub(super) fn vit(graph: &mut Builder, config: &VitConfig, images: &Wire) -> Result<()> {
    let VitConfig { patch_size, width, heads, .. } = *config;
    let side = config.image_size / patch_size;
    let patches = Moves { side: patch_size, stride: patch_size, padding: 0, dilation: 1, groups: 1 };
    let map = graph.convolution(images, "patch_embed.proj", patches)?;
    let tokens = graph.tokens_of(&map);

    let (class, mut positions) = (graph.take("cls_token")?, graph.take("pos_embed")?.values);
    positions.iter_mut().zip(&class.values).for_each(|(place, class)| *place += class);
    let rows = graph.floats("pos_embed", &[side * side + 1, width], &positions);
    let mut x = graph.with_class_token(&tokens, &rows);

    for block in 0..config.depth {
        let place = format!("blocks.{block}");
        let seen = match config.tap_scales {
            Some(scales) => {
                let class = graph.slice(&x, 1, 0, 1);
                let patches = graph.slice(&x, 1, 1, side * side + 1);
                let pooled = graph.tap(&patches, &format!("{place}.tap"), width, scales, side)?;
                graph.concat(&[&class, &pooled], 1)
            }
            None => x.clone(),
        };
        let normed = graph.layer_norm(&seen, &format!("{place}.norm1"), EPSILON)?;
        let qkv = graph.linear_parts(&normed, &format!("{place}.attn.qkv"), 3, width)?;
        let mixed = graph.attend([&qkv[0], &qkv[1], &qkv[2]], width, heads, None);
        let mixed = graph.linear(&mixed, &format!("{place}.attn.proj"))?;
        x = graph.add(&x, &mixed);
        let normed = graph.layer_norm(&x, &format!("{place}.norm2"), EPSILON)?;
        let hidden = graph.mlp(&normed, &format!("{place}.mlp"))?;
        x = graph.add(&x, &hidden);
    }
    graph.classify(&x, EPSILON).map(drop)
}

impl Builder {
    /// Linear, GELU, linear.
    pub(super) fn mlp(&mut self, x: &Wire, place: &str) -> Result<Wire> {
        let hidden = self.linear(x, &format!("{place}.fc1"))?;
        let hidden = self.gelu(&hidden);
        self.linear(&hidden, &format!("{place}.fc2"))
    }
}
