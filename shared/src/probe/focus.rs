//! Where the class token looks, and how few patches hold most of its attention.

/// Mean over heads of class attention `[h, n]` (values of one sample, head by head) → `[n]`, summing to one.
///
/// A ViT's class token also attends to itself; what is left for the patches is scaled up to one, so that models with and
/// without that habit can be compared. All zeros stay zeros.
pub fn class_attention_map(weights: &[f32], patches: usize) -> Vec<f32> {
    let mut map = vec![0.0f32; patches];
    for head in weights.chunks_exact(patches.max(1)) {
        for (sum, weight) in map.iter_mut().zip(head) {
            *sum += weight;
        }
    }
    let total: f32 = map.iter().sum();
    if total > 0.0 {
        map.iter_mut().for_each(|value| *value /= total);
    }
    map
}

/// The smallest number of patches that together hold `share` (0..1) of the attention.
pub fn patches_holding(map: &[f32], share: f32) -> usize {
    let mut sorted = map.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let mut held = 0.0;
    sorted
        .iter()
        .take_while(|value| {
            let more = held < share;
            held += **value;
            more
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_the_mean_over_heads_and_sums_to_one() {
        assert_eq!(class_attention_map(&[0.2, 0.2, 0.4, 0.0], 2), [0.75, 0.25]);
    }

    #[test]
    fn attention_in_one_place_needs_one_patch_and_even_attention_most() {
        assert_eq!(patches_holding(&[0.0, 1.0, 0.0, 0.0], 0.8), 1);
        assert_eq!(patches_holding(&[0.25; 4], 0.8), 4);
    }
}
