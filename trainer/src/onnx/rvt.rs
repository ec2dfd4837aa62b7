//! RVT with softmax attention, with and without masks and TAP, as a graph.

use anyhow::Result;
use vitro::model::rvt::{ConvStemConfig, RvtConfig, RvtStage};

use super::graph::{Builder, Wire, ints};
use super::layers::Moves;

/// Epsilon of every layer norm.
const EPSILON: f64 = 1e-6;

/// Normalised images → logits.
pub(super) fn rvt(graph: &mut Builder, config: &RvtConfig, images: &Wire) -> Result<()> {
    let mut side = ConvStemConfig::new(config.patch_size, 0).tokens(config.image_size);
    let mut map = stem(graph, config.patch_size, images)?;
    let (mut x, mut index) = (graph.tokens_of(&map), 0);
    for (s, stage) in config.stages.iter().enumerate() {
        if s > 0 {
            map = graph.map_of(&x, side);
            let moves = Moves { stride: 2, groups: config.stages[s - 1].width, ..Moves::SAME };
            map = graph.convolution(&map, &format!("pools.{}.conv", s - 1), moves)?;
            side = side.div_ceil(2);
            x = graph.tokens_of(&map);
        }
        for i in 0..stage.depth {
            let masked = index < config.masked_blocks;
            x = block(graph, &x, &format!("transformers.{s}.blocks.{i}"), config, stage, side, masked)?;
            index += 1;
        }
    }
    let mean = graph.mean(&x, 1);
    let normed = graph.layer_norm(&mean, "norm", EPSILON)?;
    let row = graph.reshape(&normed, &[0, -1]);
    graph.logits(&row).map(drop)
}

/// A 7×7 convolution, batch norm, a maximum over 3×3, a convolution to the width of a token.
fn stem(graph: &mut Builder, patch_size: usize, images: &Wire) -> Result<Wire> {
    let wide = Moves { side: 7, stride: 2, padding: 2, dilation: 1, groups: 1 };
    let map = graph.convolution(images, "patch_embed.conv", wide)?;
    let map = graph.batch_norm(&map, "patch_embed.norm")?;
    let pool = vec![ints("kernel_shape", &[3; 2]), ints("strides", &[2; 2]), ints("pads", &[1; 4])];
    let map = graph.node("MaxPool", &[&map], pool);
    let side = patch_size / 4;
    let project = Moves { side, stride: side, padding: 0, dilation: 1, groups: 1 };
    graph.convolution(&map, "patch_embed.project", project)
}

fn block(
    graph: &mut Builder,
    x: &Wire,
    place: &str,
    config: &RvtConfig,
    stage: &RvtStage,
    side: usize,
    masked: bool,
) -> Result<Wire> {
    let RvtStage { width, heads, .. } = *stage;
    let seen = match config.tap_scales {
        Some(scales) => graph.tap(x, &format!("{place}.tap"), width, scales, side)?,
        None => x.clone(),
    };
    let normed = graph.layer_norm(&seen, &format!("{place}.norm1"), EPSILON)?;
    let qkv = graph.linear_parts(&normed, &format!("{place}.attn.qkv"), 3, width)?;
    let gate = if masked { Some(gate(graph, place, heads, side * side)?) } else { None };
    let mixed = graph.attend([&qkv[0], &qkv[1], &qkv[2]], width, heads, gate.as_ref());
    let mixed = graph.linear(&mixed, &format!("{place}.attn.proj"))?;
    let x = graph.add(x, &mixed);
    let normed = graph.layer_norm(&x, &format!("{place}.norm2"), EPSILON)?;
    let hidden = if config.has_linear_mlp(width) {
        graph.mlp(&normed, &format!("{place}.mlp"))?
    } else {
        convolutional_mlp(graph, &normed, &format!("{place}.mlp"), side)?
    };
    Ok(graph.add(&x, &hidden))
}

/// The gates of pairs of positions: the top left corner of the mask, through a sigmoid.
fn gate(graph: &mut Builder, place: &str, heads: usize, tokens: usize) -> Result<Wire> {
    let name = format!("{place}.attn.att_mask");
    let mask = graph.take(&name)?;
    let covered = mask.shape[1];
    let row = |head: usize, query: usize| &mask.values[(head * covered + query) * covered..][..tokens];
    let corner: Vec<f32> =
        (0..heads).flat_map(|head| (0..tokens).flat_map(move |query| row(head, query))).copied().collect();
    let mask = graph.floats(&name, &[1, heads, tokens, tokens], &corner);
    Ok(graph.node("Sigmoid", &[&mask], Vec::new()))
}

/// 1×1, 3×3 per channel, 1×1, each with batch norm.
fn convolutional_mlp(graph: &mut Builder, x: &Wire, place: &str, side: usize) -> Result<Wire> {
    let point = Moves { side: 1, padding: 0, ..Moves::SAME };
    let map = graph.map_of(x, side);
    let map = graph.convolution(&map, &format!("{place}.fc1"), point)?;
    let map = graph.batch_norm(&map, &format!("{place}.bn1"))?;
    let map = graph.gelu(&map);
    let dwconv = graph.take(&format!("{place}.dwconv.weight"))?;
    let weight = graph.floats(&format!("{place}.dwconv.weight"), &dwconv.shape, &dwconv.values);
    let bias = graph.weight(&format!("{place}.dwconv.bias"))?;
    let map = graph.convolved(&map, &weight, Some(&bias), Moves { groups: dwconv.shape[0], ..Moves::SAME });
    let map = graph.batch_norm(&map, &format!("{place}.bn2"))?;
    let map = graph.gelu(&map);
    let map = graph.convolution(&map, &format!("{place}.fc2"), point)?;
    let map = graph.batch_norm(&map, &format!("{place}.bn3"))?;
    Ok(graph.tokens_of(&map))
}
