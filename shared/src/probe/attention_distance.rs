//! How far attention reaches: mean attention distance of "Teaching Matters" (Walmer et al., CVPR 2023, arXiv 2212.03862),
//! as its analysis code computes it, then the mean over heads and blocks.
//!
//! Per head: drop the class token's row and column, scale each row to one, leave out rows without mass, and average the
//! distance between the query's and the key's token, weighted by attention. Tokens lie on the unit square, so a distance is
//! a fraction of the image's side.

use burn::prelude::*;

use super::{Probe, Reading};
use crate::model::Forward;

/// Rows with less mass on the patches are left out.
const MASS: f32 = 1e-12;

/// Mean distance between a patch and what it attends to.
pub const ATTENTION_DISTANCE: Probe = Probe {
    key: "attention_distance",
    title: "attention distance",
    meaning: "How far away what a patch attends to lies, mean over patches, heads and blocks, as a fraction of the image's side. \
              Small: the model looks at neighbourhoods; 0.52 is attention to all patches alike.",
    take,
    read: |values, _| {
        // Blocks for which no row has mass on the patches say nothing.
        let blocks: Vec<f32> = values.iter().copied().filter(|value| value.is_finite() && *value >= 0.0).collect();
        let value = blocks.iter().sum::<f32>() / blocks.len().max(1) as f32;
        Reading::Number { value, words: format!("{value:.2} of the image side") }
    },
};

/// The mean over heads and rows of each block on the grid, `[b, blocks]`; −1 where no row has mass. None without such blocks.
fn take(forward: &Forward) -> Option<Tensor<2>> {
    let [rows, columns] = forward.grid;
    let patches = rows * columns;
    let [images, _] = forward.logits.dims();
    // How many tokens stand before the patches. Windows count as samples, so a window may have as many tokens as the grid.
    let before = |weights: &Tensor<4>| {
        let [samples, _, queries, keys] = weights.dims();
        let on_the_grid = samples == images && queries == keys && (keys == patches || keys == patches + 1);
        on_the_grid.then_some(keys - patches)
    };
    let blocks: Vec<Tensor<2>> = forward
        .attention
        .iter()
        .filter_map(|weights| {
            let first = before(weights)?;
            let weights = weights.clone().narrow(2, first, patches).narrow(3, first, patches);
            Some(mean_distance(weights, distances(rows, columns, &forward.logits.device())))
        })
        .collect();
    (!blocks.is_empty()).then(|| Tensor::cat(blocks, 1))
}

/// `[b, h, n, n]` attention and `[n, n]` distances → `[b, 1]`.
fn mean_distance(weights: Tensor<4>, distances: Tensor<2>) -> Tensor<2> {
    let mass = weights.clone().sum_dim(3);
    let reach = (weights * distances.unsqueeze::<4>()).sum_dim(3);
    let counts = mass.clone().greater_elem(MASS).float();
    let means = reach / mass.clamp_min(MASS) * counts.clone();
    let [batch, heads, n, _] = means.dims();
    let rows = counts.reshape([batch, heads * n]).sum_dim(1);
    let sum = means.reshape([batch, heads * n]).sum_dim(1);
    // Minus one where nothing counts.
    let none = rows.clone().equal_elem(0.0).float();
    sum / rows.clamp_min(1.0) - none
}

/// Distances between all pairs of patches, whose centres are at i / (side − 1).
fn distances(rows: usize, columns: usize, device: &Device) -> Tensor<2> {
    let place = |at: usize, length: usize| at as f32 / (length.max(2) - 1) as f32;
    let centres: Vec<[f32; 2]> =
        (0..rows * columns).map(|at| [place(at / columns, rows), place(at % columns, columns)]).collect();
    let apart = |[a, b]: [f32; 2], [c, d]: [f32; 2]| ((a - c) * (a - c) + (b - d) * (b - d)).sqrt();
    let values: Vec<f32> = centres.iter().flat_map(|a| centres.iter().map(|b| apart(*a, *b))).collect();
    Tensor::from_data(TensorData::new(values, [centres.len(), centres.len()]), device)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;

    fn of(weights: Vec<f32>, n: usize) -> f32 {
        let device = Device::flex();
        let weights = Tensor::<4>::from_data(TensorData::new(weights, [1, 1, n, n]), &device);
        mean_distance(weights, distances(2, 2, &device)).into_data().try_into_vec::<f32>().unwrap()[0]
    }

    #[test]
    fn attention_to_itself_reaches_nowhere_and_to_the_neighbour_one_side() {
        let at = |f: fn(usize) -> usize| (0..16).map(|i| f32::from(u8::from(f(i / 4) == i % 4))).collect::<Vec<_>>();
        assert_eq!(of(at(|i| i), 4), 0.0);
        assert!((of(at(|i| i ^ 1), 4) - 1.0).abs() < 1e-6);
        assert!((of(vec![0.25; 16], 4) - (2.0 + 2f32.sqrt()) / 4.0).abs() < 1e-6);
    }

    #[test]
    fn rows_without_mass_are_left_out_and_no_row_at_all_is_no_distance() {
        let mut weights = vec![0.0; 16];
        weights[1] = 0.5;
        assert!((of(weights, 4) - 1.0).abs() < 1e-6, "scaled to one");
        assert_eq!(of(vec![0.0; 16], 4), -1.0);
    }
}
