//! FAN with a convolutional patch embedding, with and without TAP, as a graph.

use anyhow::Result;
use vitro::model::fan::FanConfig;

use super::graph::{Builder, Wire};
use super::layers::Moves;

/// Epsilon of the layer norms of blocks and head.
const EPSILON: f64 = 1e-6;

/// Epsilon of the norm on the values of the channel attention: the framework's default.
const VALUE_EPSILON: f64 = 1e-5;

/// Normalised images → logits. `positions` `[c, y, x]` are added to the patches.
pub(super) fn fan(graph: &mut Builder, config: &FanConfig, positions: &[f32], images: &Wire) -> Result<()> {
    let (width, side) = (config.width, config.image_size.div_ceil(config.patch_size));
    let map = patch_embed(graph, config.patch_size, images)?;
    // They were computed with the projection; it has no other use.
    graph.take("pos_embed.projection.weight")?;
    graph.take("pos_embed.projection.bias")?;
    let positions = graph.floats("positions", &[width, side, side], positions);
    let map = graph.add(&map, &positions);
    let mut x = graph.tokens_of(&map);

    for block in 0..config.depth {
        let place = format!("blocks.{block}");
        let heads = config.block_heads.get(block).copied().unwrap_or(config.heads);
        let seen = match config.tap_scales {
            Some(scales) => graph.tap(&x, &format!("{place}.tap"), width, scales, side)?,
            None => x.clone(),
        };
        let normed = graph.layer_norm(&seen, &format!("{place}.norm1"), EPSILON)?;
        let q = graph.linear(&normed, &format!("{place}.attn.q"))?;
        let kv = graph.linear_parts(&normed, &format!("{place}.attn.kv"), 2, width)?;
        let mixed = graph.attend([&q, &kv[0], &kv[1]], width, heads, None);
        let mixed = graph.linear(&mixed, &format!("{place}.attn.proj"))?;
        let mixed = graph.scaled(&mixed, &format!("{place}.gamma1"))?;
        x = graph.add(&x, &mixed);

        let normed = graph.layer_norm(&x, &format!("{place}.norm2"), EPSILON)?;
        let heads = config.channel_heads.get(block).copied().unwrap_or(heads);
        let gated = channel_attention(graph, &normed, &format!("{place}.mlp"), config, heads, side)?;
        let gated = graph.scaled(&gated, &format!("{place}.gamma2"))?;
        x = graph.add(&x, &gated);
    }

    let mut rows = graph.take("cls_token")?.values;
    rows.resize((side * side + 1) * width, 0.0);
    let rows = graph.floats("cls_token", &[side * side + 1, width], &rows);
    let mut x = graph.with_class_token(&x, &rows);
    let heads = config.block_heads.last().copied().unwrap_or(config.heads);
    for block in 0..config.class_depth {
        x = class_attention(graph, &x, &format!("cls_attn_blocks.{block}"), config, heads)?;
    }
    graph.classify(&x, EPSILON).map(drop)
}

/// 3×3 convolutions of stride 2, each with batch norm, and GELU between them.
fn patch_embed(graph: &mut Builder, patch_size: usize, images: &Wire) -> Result<Wire> {
    let (stages, mut map) = (patch_size.ilog2(), images.clone());
    for stage in 0..stages {
        let place = format!("patch_embed.stages.{stage}");
        map = graph.convolution(&map, &format!("{place}.conv"), Moves { stride: 2, ..Moves::SAME })?;
        map = graph.batch_norm(&map, &format!("{place}.norm"))?;
        if stage + 1 < stages {
            map = graph.gelu(&map);
        }
    }
    Ok(map)
}

/// Each channel of a convolutional MLP times its gate; equation (7) of the paper.
fn channel_attention(
    graph: &mut Builder,
    x: &Wire,
    place: &str,
    config: &FanConfig,
    heads: usize,
    side: usize,
) -> Result<Wire> {
    let width = config.width;
    let query = graph.linear(x, &format!("{place}.q"))?;
    let query = graph.softmax(&query, 1);
    let key = graph.softmax(x, 1);
    let [query, key] = [query, key].map(|tokens| graph.reshape(&tokens, &[0, 0, heads as i64, -1]));
    let key = graph.mean(&key, 3);
    let product = graph.multiply(&query, &key);
    let sum = graph.sum(&product, 1);
    let gate = graph.node("Sigmoid", &[&sum], Vec::new());
    let temperature = graph.weight_as(&format!("{place}.temperature"), &[1, 1, heads, 1])?;
    let gate = graph.multiply(&gate, &temperature);
    let gate = graph.reshape(&gate, &[0, 1, width as i64]);

    let value = conv_mlp(graph, x, &format!("{place}.mlp_v"), side)?;
    let value = graph.layer_norm(&value, &format!("{place}.norm_v"), VALUE_EPSILON)?;
    Ok(graph.multiply(&value, &gate))
}

/// Linear up, a depth-wise branch that is added, linear down.
fn conv_mlp(graph: &mut Builder, x: &Wire, place: &str, side: usize) -> Result<Wire> {
    let hidden = graph.linear(x, &format!("{place}.fc1"))?;
    let gamma = graph.take(&format!("{place}.gamma"))?;
    let moves = Moves { groups: gamma.values.len(), ..Moves::SAME };
    let map = graph.map_of(&hidden, side);
    let map = graph.convolution(&map, &format!("{place}.dwconv.conv1"), moves)?;
    let map = graph.gelu(&map);
    let map = graph.batch_norm(&map, &format!("{place}.dwconv.bn"))?;
    let map = graph.convolution(&map, &format!("{place}.dwconv.conv2"), moves)?;
    let branch = graph.tokens_of(&map);
    let gamma = graph.floats(&format!("{place}.gamma"), &gamma.shape, &gamma.values);
    let branch = graph.multiply(&branch, &gamma);
    let sum = graph.add(&hidden, &branch);
    graph.linear(&sum, &format!("{place}.fc2"))
}

/// The class row attends to all rows; the block replaces the stream by its normalised value, as released.
fn class_attention(graph: &mut Builder, x: &Wire, place: &str, config: &FanConfig, heads: usize) -> Result<Wire> {
    let width = config.width;
    let rows = config.image_size.div_ceil(config.patch_size).pow(2) + 1;
    let normed = graph.layer_norm(x, &format!("{place}.norm1"), EPSILON)?;
    let class = graph.slice(&normed, 1, 0, 1);
    let q = graph.linear(&class, &format!("{place}.attn.q"))?;
    let k = graph.linear(&normed, &format!("{place}.attn.k"))?;
    let v = graph.linear(&normed, &format!("{place}.attn.v"))?;
    let mixed = graph.attend([&q, &k, &v], width, heads, None);
    let mixed = graph.linear(&mixed, &format!("{place}.attn.proj"))?;
    let patches = graph.slice(&normed, 1, 1, rows);
    let both = graph.concat(&[&mixed, &patches], 1);
    let both = graph.scaled(&both, &format!("{place}.gamma1"))?;
    let x = graph.add(x, &both);

    let norm2 = format!("{place}.norm2");
    let x = if config.tokens_norm {
        graph.layer_norm(&x, &norm2, EPSILON)?
    } else {
        let class = graph.slice(&x, 1, 0, 1);
        let class = graph.layer_norm(&class, &norm2, EPSILON)?;
        let patches = graph.slice(&x, 1, 1, rows);
        graph.concat(&[&class, &patches], 1)
    };
    let class = graph.slice(&x, 1, 0, 1);
    let hidden = graph.mlp(&class, &format!("{place}.mlp"))?;
    let hidden = graph.scaled(&hidden, &format!("{place}.gamma2"))?;
    let patches = graph.slice(&x, 1, 1, rows);
    let both = graph.concat(&[&hidden, &patches], 1);
    Ok(graph.add(&x, &both))
}
