//! Published weights for another size of the images or for other classes, as fine-tuning begins.

use std::collections::BTreeMap;

use super::{Array, Checkpoint};
use crate::image::{Filter, resampling};

/// Last parts of the keys of classifiers: of images, and of tokens as STL has it.
const HEADS: &[&str] = &["head.weight", "head.bias", "aux_head.weight", "aux_head.bias"];

impl Checkpoint {
    /// Makes the learned positions of a grid with a class token, `[1, 1 + n, c]`, those of a grid of side `side`, whatever wraps
    /// them: bicubic with the filter widened where the grid shrinks, as timm's `resample_abs_pos_embed`. Returns the side that
    /// they had if it was another.
    pub fn fit_positions(&mut self, side: usize) -> Option<usize> {
        let mut before = None;
        for (_, array) in self.arrays_mut().iter_mut().filter(|(name, _)| is_named(name, "pos_embed")) {
            let [1, rows, c] = array.shape[..] else { continue };
            let old = rows.saturating_sub(1).isqrt();
            if old == 0 || old * old + 1 != rows || old == side || c == 0 {
                continue;
            }
            let (class, grid) = array.values.split_at(c);
            let across = resampled(grid, old, side, c);
            let down = resampled(&across, old, side, side * c);
            *array = Array { shape: vec![1, 1 + side * side, c], values: [class, &down].concat() };
            before = Some(old);
        }
        before
    }

    /// Puts the classifiers of `fresh`, published weights, in place of these, whatever wraps them. Returns how many arrays.
    pub fn replace_heads(&mut self, fresh: &Self) -> usize {
        let heads = HEADS.iter().filter_map(|head| Some((*head, fresh.get(head)?)));
        let heads: BTreeMap<&str, &Array> = heads.collect();
        let mut replaced = 0;
        for (name, array) in self.arrays_mut() {
            if let Some((_, head)) = heads.iter().find(|(head, _)| is_named(name, head)) {
                *array = (*head).clone();
                replaced += 1;
            }
        }
        replaced
    }
}

/// Whether `key` is `name`, perhaps in a wrapping.
fn is_named(key: &str, name: &str) -> bool {
    key.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Every run of `old` × `c` values as `new` × `c`.
fn resampled(values: &[f32], old: usize, new: usize, c: usize) -> Vec<f32> {
    let windows = resampling(old, new, Filter::Bicubic);
    let mut out = Vec::with_capacity(values.len() / old * new);
    for run in values.chunks_exact(old * c) {
        for (start, weights) in &windows {
            for channel in 0..c {
                let taps = weights.iter().enumerate();
                out.push(taps.map(|(i, weight)| weight * f64::from(run[(start + i) * c + channel])).sum::<f64>() as f32);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(side: usize, value: impl Fn(usize, usize) -> f32) -> Checkpoint {
        let mut checkpoint = Checkpoint::default();
        let grid = (0..side * side).map(|place| value(place % side, place / side));
        checkpoint.insert("module.pos_embed", vec![1, 1 + side * side, 1], [7.0].into_iter().chain(grid).collect());
        checkpoint
    }

    /// What `torch.nn.functional.interpolate(grid, size=(s, s), mode="bicubic", antialias=True)` of PyTorch 2.15 gives for the
    /// 3 × 3 grid (x² + 2y)/4, to 2 × 2 and to 4 × 4; `tests/proofs/interop/positions.py` prints it.
    #[test]
    fn positions_are_resampled_as_timm_does_it() {
        for (side, expected) in [(2, SMALLER.as_slice()), (4, LARGER.as_slice())] {
            let mut checkpoint = positions(3, |x, y| (x * x + 2 * y) as f32 / 4.0);
            assert_eq!(checkpoint.fit_positions(side), Some(3));
            let array = checkpoint.get("module.pos_embed").unwrap();
            assert_eq!((array.shape.as_slice(), array.values[0]), (&[1, 1 + side * side, 1][..], 7.0));
            for (ours, theirs) in array.values[1..].iter().zip(expected) {
                assert!((ours - theirs).abs() < 1e-6, "{side}: {:?}", &array.values[1..]);
            }
        }
    }

    const SMALLER: [f32; 4] = [0.212_279_17, 0.902_487_9, 0.902_487_9, 1.592_696_5];
    const LARGER: [f32; 16] = [
        -0.039_179_105,
        0.077_949_82,
        0.521_354_85,
        1.013_059_7,
        0.265_237_78,
        0.382_366_72,
        0.825_771_75,
        1.317_476_6,
        0.708_642_84,
        0.825_771_75,
        1.269_176_7,
        1.760_881_5,
        1.013_059_7,
        1.130_188_7,
        1.573_593_7,
        2.065_298_6,
    ];

    #[test]
    fn positions_of_the_same_grid_and_of_no_grid_stay() {
        let mut same = positions(3, |x, _| x as f32);
        assert_eq!(same.fit_positions(3), None);
        let mut other = Checkpoint::default();
        other.insert("pos_embed", vec![1, 12, 1], vec![0.5; 12]);
        other.insert("pos_embed.token_projection.weight", vec![2, 2, 1, 1], vec![0.5; 4]);
        assert_eq!(other.fit_positions(3), None);
    }

    #[test]
    fn heads_are_replaced_in_every_copy_and_nothing_else_is() {
        let mut checkpoint = Checkpoint::default();
        for name in ["model.head.bias", "model_ema.head.bias", "model.not_a_head.bias"] {
            checkpoint.insert(name, vec![2], vec![1.0; 2]);
        }
        let mut fresh = Checkpoint::default();
        fresh.insert("head.bias", vec![3], vec![0.0; 3]);
        assert_eq!(checkpoint.replace_heads(&fresh), 2);
        let lengths: Vec<usize> = checkpoint.iter().map(|(_, array)| array.values.len()).collect();
        assert_eq!(lengths, [3, 2, 3]);
    }
}
