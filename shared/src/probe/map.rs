//! Maps over patches from attention weights.

use burn::prelude::*;

use crate::model::Forward;

/// How much the model looks at each patch, `[b, n]`, not yet scaled: what the class token looks at, mean over heads; without
/// a class token, how much each patch is looked at by all tokens in the last block that keeps the grid; without such a
/// block (VARS), what the last step of the last recurrence reconstructs there. None where nothing lies on the grid.
pub(super) fn attention(forward: &Forward) -> Option<Tensor<2>> {
    let patches = forward.grid[0] * forward.grid[1];
    if let Some(weights) = &forward.class_attention {
        return Some(weights.clone().mean_dim(1).squeeze_dim::<2>(1));
    }
    let on_the_grid = |weights: &&Tensor<4>| weights.dims()[2] == patches && weights.dims()[3] == patches;
    if let Some(weights) = forward.attention.last().filter(on_the_grid) {
        return Some(weights.clone().mean_dim(2).mean_dim(1).squeeze_dim::<3>(1).squeeze_dim::<2>(1));
    }
    steps(forward)?.pop()
}

/// The map of each step of the last block's recurrence, `[b, n]` each; none where there is no recurrence on the grid.
pub(super) fn steps(forward: &Forward) -> Option<Vec<Tensor<2>>> {
    let patches = forward.grid[0] * forward.grid[1];
    let maps = forward.codes.last()?.maps();
    // What comes before the patches is a class token.
    let patches_of = |map: Tensor<2>| {
        let tokens = map.dims()[1];
        Some(map.narrow(1, tokens.checked_sub(patches)?, patches))
    };
    maps.into_iter().map(patches_of).collect()
}

/// Scales a map to a sum of one, so that models with and without attention to the class token can be compared. All zeros
/// stay zeros.
pub(super) fn scaled(values: &[f32]) -> Vec<f32> {
    let total: f32 = values.iter().sum();
    let scale = if total > 0.0 { total } else { 1.0 };
    values.iter().map(|value| value / scale).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_sums_to_one_and_zeros_stay_zeros() {
        assert_eq!(scaled(&[3.0, 1.0]), [0.75, 0.25]);
        assert_eq!(scaled(&[0.0; 3]), [0.0; 3]);
    }
}
