//! HashInit v1: weights and inputs of full-size models, rebuilt from their names instead of being stored.
//!
//! The portable weights of the STL and VARS fixtures are HashInit v1 with more rules, so one table serves both.

use anyhow::Result;
use vitro::bundle::Checkpoint;
use vitro::model::Model;
use vitro::random::fnv1a;

const GOLD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Uniform values in [−1, 1) for `count` elements of `key`.
pub(super) fn uniform(key: &str, seed: u64, count: usize) -> impl Iterator<Item = f64> {
    let base = fnv1a(key) ^ seed.wrapping_mul(GOLD);
    (1..=count as u64).map(move |i| {
        let mut z = base.wrapping_add(i.wrapping_mul(GOLD));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        (z >> 40) as f64 / f64::from(1u32 << 23) - 1.0
    })
}

/// The values of state-dict entry `key`.
pub(super) fn weights(key: &str, shape: &[usize], seed: u64) -> Vec<f32> {
    let (offset, scale) = law(key, shape);
    if leaf(key) == "learned_k" {
        // A small change of the identity.
        let side = shape[0];
        let diagonal = |i: usize| if i / side == i % side { 1.0 } else { 0.0 };
        return uniform(key, seed, side * side).enumerate().map(|(i, u)| (diagonal(i) + scale * u) as f32).collect();
    }
    values(key, seed, shape.iter().product(), offset, scale)
}

/// Gives every place of `model` the values that the authors' key of it names, and returns how many there are.
///
/// # Errors
/// When the importer does not know a key that the model says is published.
pub fn fill(model: &mut Model, seed: u64) -> Result<usize> {
    let mut filled = Checkpoint::default();
    for (key, array) in Checkpoint::published(model)?.iter() {
        filled.insert(key, array.shape.clone(), weights(key, &array.shape, seed));
    }
    Ok(filled.load_official(model)?.applied.len())
}

/// The portable image `[b, 3, side, side]`: an input of an eighth of the side, each value repeated 8 × 8.
pub fn image(batch: usize, side: usize, seed: u64) -> Vec<f32> {
    const REPEAT: usize = 8;
    let coarse = side / REPEAT;
    let values = input("input", &[batch, 3, coarse, coarse], seed);
    let at = |i: usize| {
        let (plane, y, x) = (i / (side * side), i / side % side, i % side);
        values[(plane * coarse + y / REPEAT) * coarse + x / REPEAT]
    };
    (0..batch * 3 * side * side).map(at).collect()
}

/// The values of an input.
pub(super) fn input(key: &str, shape: &[usize], seed: u64) -> Vec<f32> {
    values(key, seed, shape.iter().product(), 0.0, 3f64.sqrt())
}

fn values(key: &str, seed: u64, count: usize, offset: f64, scale: f64) -> Vec<f32> {
    uniform(key, seed, count).map(|u| (offset + scale * u) as f32).collect()
}

/// The last part of a key.
fn leaf(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

/// Offset and scale of an entry; the first rule that fits.
fn law(key: &str, shape: &[usize]) -> (f64, f64) {
    let dotted = format!(".{key}");
    let peaky = [".attn.q.", ".attn.kv.", ".attn.qkv."].iter().any(|part| dotted.contains(part));
    match leaf(key) {
        "running_mean" => (0.0, 0.2),
        "running_var" => (1.0, 0.5),
        "gamma" | "gamma1" | "gamma2" | "temperature" => (1.0, 0.5),
        "cls_token" | "relative_position_bias_table" => (0.0, 1.0),
        "att_mask" => (0.0, 2.0),
        "num_batches_tracked" => (0.0, 0.0),
        "learned_lam" | "learned_L" => (1.0, 0.2),
        "learned_k" => (0.0, 0.3 / (shape[0] as f64).sqrt()),
        "rand_matrix" => (0.0, 3f64.sqrt()),
        "kernel" if shape.len() == 4 => (0.0, 3f64.sqrt()),
        "kernel" => (0.0, 1.15),
        "kernel2" => (0.0, 0.5),
        "kernel_norm" => (1.0, 0.0),
        "L" => (12.0, 2.0),
        "bias" => (0.0, if peaky { 0.5 } else { 0.1 }),
        _ if shape.len() == 1 => (1.0, 0.3),
        _ => {
            let fan_in: usize = shape[1..].iter().product();
            let gain = if peaky || key.contains("dilation_predictor") { 2.0 } else { 1.0 };
            (0.0, gain * (3.0 / fan_in as f64).sqrt())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::uniform;

    #[test]
    fn the_published_vectors_come_out() {
        let first: Vec<f64> = uniform("inputs.x", 101, 4).collect();
        let expected = [-0.014848232, -0.460411310, 0.908756614, -0.399578452];
        assert!(first.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-8), "{first:?}");
    }
}
