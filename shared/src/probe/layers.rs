//! Attention layer by layer and head by head, and attention rollout ("Quantifying Attention Flow in Transformers", Abnar and
//! Zuidema, ACL 2020, arXiv 2005.00928, section 3).
//!
//! Rollout multiplies the layers' attention, mean over heads, each with half of the identity for the residual branch, as the
//! paper has it. It follows tokens alone: what channels exchange inside a token moves nothing between patches.

use burn::prelude::*;

use super::map::scaled;
use crate::model::Forward;

/// What one layer looks at, or what all of them do together.
#[derive(Clone, Debug)]
pub struct Layer {
    /// For people: `block 3`, `class attention`, `rollout`.
    pub name: String,
    /// Attention to each patch, `[b, h, n]`: of the class token where there is one, else the mean over all tokens. Not
    /// scaled.
    pub heads: Tensor<3>,
}

impl Layer {
    /// The maps of one image from the numbers of [`Layer::heads`], a map for each head, each summing to one.
    pub fn read(values: &[f32], patches: usize) -> Vec<Vec<f32>> {
        values.chunks_exact(patches.max(1)).map(scaled).collect()
    }
}

/// Every layer whose attention lies on the grid, first to last, then their rollout. Empty where the blocks form no such
/// attention (VARS).
pub fn layers(forward: &Forward) -> Vec<Layer> {
    let patches = forward.grid[0] * forward.grid[1];
    let images = forward.logits.dims()[0];
    let mut layers = Vec::new();
    let mut flow: Option<Tensor<3>> = None;
    // A stage with another grid, or with windows, breaks the way from the last patches to the first ones.
    let mut whole = true;
    for (at, weights) in forward.attention.iter().enumerate() {
        let [samples, _, queries, keys] = weights.dims();
        if samples != images || queries != keys || !(keys == patches || keys == patches + 1) {
            whole = false;
            continue;
        }
        layers.push(Layer { name: format!("block {}", at + 1), heads: towards_patches(weights.clone(), patches) });
        let step = with_residual(weights.clone());
        flow = Some(match flow {
            Some(flow) => step.matmul(flow),
            None => step,
        });
    }
    // A class token that is among the tokens of the blocks has its row there; one that joins behind them looks at their patches.
    let among = flow.as_ref().is_some_and(|flow| flow.dims()[2] > patches);
    let behind = forward.class_attention.as_ref().filter(|_| !among);
    if let Some(weights) = behind {
        layers.push(Layer { name: "class attention".to_owned(), heads: weights.clone() });
    }
    if let Some(flow) = flow.filter(|_| whole) {
        let rollout = match behind {
            Some(weights) => weights.clone().mean_dim(1).matmul(flow),
            None => towards_patches(flow.unsqueeze_dim::<4>(1), patches),
        };
        layers.push(Layer { name: "rollout".to_owned(), heads: rollout });
    }
    layers
}

/// `[b, h, n, n]` → `[b, h, patches]`: the class token's row, or the mean over all tokens.
fn towards_patches(weights: Tensor<4>, patches: usize) -> Tensor<3> {
    let tokens = weights.dims()[3];
    let rows = if tokens > patches { weights.narrow(2, 0, 1) } else { weights.mean_dim(2) };
    rows.squeeze_dim::<3>(2).narrow(2, tokens - patches, patches)
}

/// `[b, h, n, n]` → `[b, n, n]`: half of the mean over heads, its rows scaled to one, and half of the identity.
fn with_residual(weights: Tensor<4>) -> Tensor<3> {
    let mean = weights.mean_dim(1).squeeze_dim::<3>(1);
    let mean = mean.clone() / mean.sum_dim(2).clamp_min(f32::MIN_POSITIVE);
    let tokens = mean.dims()[2];
    let identity = Tensor::<2>::eye(tokens, &mean.device()).unsqueeze::<3>();
    (mean + identity).mul_scalar(0.5)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::model::preset;

    fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    #[test]
    fn the_residual_branch_keeps_half() {
        let weights = Tensor::<4>::from_data([[[[0.0, 1.0], [0.5, 0.5]]]], &Device::flex());
        assert_eq!(numbers(with_residual(weights)), [0.5, 0.5, 0.25, 0.75]);
    }

    #[test]
    fn rollout_follows_two_blocks_backwards() {
        let device = Device::flex();
        // The class token looks at the first patch, which looked at the second one block earlier.
        let late = Tensor::<4>::from_data([[[[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]]], &device);
        let early = Tensor::<4>::from_data([[[[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]]], &device);
        let flow = with_residual(late).matmul(with_residual(early));
        let rollout = numbers(towards_patches(flow.unsqueeze_dim::<4>(1), 2));
        // Half stays with the class token; of the other half, half stays with the first patch.
        assert_eq!(rollout, [0.25, 0.25]);
    }

    #[test]
    fn every_layer_of_a_model_is_there_and_every_map_sums_to_one() {
        let device = Device::flex();
        for (name, blocks) in [("vit_nano_p8_64", 6), ("fan_nano_p8_64", 4)] {
            let model = preset(name).unwrap().config(10).init(&device).unwrap();
            let images = Tensor::<4>::random([1, 3, 64, 64], burn::tensor::Distribution::Default, &device);
            let forward = model.trace(images);
            let patches = forward.grid[0] * forward.grid[1];
            let layers = layers(&forward);
            let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
            assert!(names.starts_with(&["block 1"]) && names.ends_with(&["rollout"]), "{name}: {names:?}");
            assert!(names.contains(&format!("block {blocks}").as_str()), "{name}: {names:?}");
            for layer in &layers {
                let heads = layer.heads.dims()[1];
                let maps = Layer::read(&numbers(layer.heads.clone()), patches);
                assert_eq!(maps.len(), heads);
                for map in maps {
                    assert!((map.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{name} {}", layer.name);
                }
            }
        }
    }
}
