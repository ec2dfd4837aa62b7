//! How steady a model's predictions are along a sequence: flip probability and the distances between rankings.
//!
//! "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations" (Hendrycks and Dietterich 2019), section
//! 4.2. Frames of noise are each compared with the first, clean frame; all others with the frame before. At a higher
//! difficulty the latter are compared with the frame that many steps before, which pools the interleaved subsequences.

use serde::{Deserialize, Serialize};

/// Which frame a frame is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// The clean one: noise, whose frames do not follow from each other.
    First,
    /// The one so many steps before: 1 to 3, the difficulty.
    Before(usize),
}

/// What one sequence gives; sequences of a perturbation are averaged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clip {
    /// Fraction of comparisons in which the best class differs, the flip probability.
    pub flips: f64,
    /// Mean distance of the five best classes, uT5D.
    pub top5: f64,
    /// Mean Zipf distance.
    pub zipf: f64,
}

/// Judges the logits of a sequence, frame by frame. Nothing flips in a sequence without a comparison.
pub fn clip(logits: &[&[f32]], against: Against) -> Clip {
    let rankings: Vec<Vec<usize>> = logits.iter().map(|row| ranking(row)).collect();
    let mut sums = Clip::default();
    let pairs = pairs(logits.len(), against);
    for (reference, frame) in &pairs {
        let (reference, frame) = (&rankings[*reference], &rankings[*frame]);
        sums.flips += f64::from(u8::from(reference.first() != frame.first()));
        let places = places(reference, frame);
        sums.top5 += top5_distance(&places);
        sums.zipf += zipf_distance(&places);
    }
    let count = pairs.len().max(1) as f64;
    Clip { flips: sums.flips / count, top5: sums.top5 / count, zipf: sums.zipf / count }
}

/// (reference, frame) of every comparison.
fn pairs(frames: usize, against: Against) -> Vec<(usize, usize)> {
    match against {
        Against::First => (1..frames).map(|frame| (0, frame)).collect(),
        Against::Before(steps) => (steps..frames).map(|frame| (frame - steps, frame)).collect(),
    }
}

/// Classes by descending logit, the first of equals first.
fn ranking(logits: &[f32]) -> Vec<usize> {
    let mut classes: Vec<usize> = (0..logits.len()).collect();
    classes.sort_by(|a, b| logits[*b].total_cmp(&logits[*a]));
    classes
}

/// Where in `frame` the k-th class of `reference` stands: σ(k) - 1 for k = 1, 2, ….
fn places(reference: &[usize], frame: &[usize]) -> Vec<usize> {
    let mut place = vec![0; frame.len()];
    frame.iter().enumerate().for_each(|(rank, class)| place[*class] = rank);
    reference.iter().map(|class| place[*class]).collect()
}

/// Σ_{k=1..5} |(k-1) - min(σ(k)-1, 5)|: how far the best five moved, all places from the sixth on being one.
fn top5_distance(places: &[usize]) -> f64 {
    places.iter().take(5).enumerate().map(|(rank, place)| rank.abs_diff((*place).min(5)) as f64).sum()
}

/// Σ_k |1/k - 1/σ(k)| / k.
fn zipf_distance(places: &[usize]) -> f64 {
    let inverse = |rank: usize| 1.0 / (rank + 1) as f64;
    places.iter().enumerate().map(|(rank, place)| (inverse(rank) - inverse(*place)).abs() * inverse(rank)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits whose best class is `best`, the others in order.
    fn frame(best: usize) -> Vec<f32> {
        (0..7).map(|class| if class == best { 9.0 } else { -(class as f32) }).collect()
    }

    fn judged(best: &[usize], against: Against) -> Clip {
        let frames: Vec<Vec<f32>> = best.iter().map(|best| frame(*best)).collect();
        clip(&frames.iter().map(Vec::as_slice).collect::<Vec<_>>(), against)
    }

    #[test]
    fn noise_is_compared_with_the_clean_frame_and_a_sweep_with_the_frame_before() {
        // Against the first: 0 1 1 0 flips of 4; against the one before: 0 1 0 1.
        let best = [2, 2, 3, 3, 2];
        assert_eq!(judged(&best, Against::First).flips, 0.5);
        assert_eq!(judged(&best, Against::Before(1)).flips, 0.5);
        let best = [2, 3, 3, 3, 3];
        assert_eq!(judged(&best, Against::First).flips, 1.0);
        assert_eq!(judged(&best, Against::Before(1)).flips, 0.25);
    }

    #[test]
    fn a_higher_difficulty_pools_the_interleaved_subsequences() {
        assert_eq!(pairs(5, Against::Before(2)), [(0, 2), (1, 3), (2, 4)]);
        assert_eq!(pairs(5, Against::Before(3)), [(0, 3), (1, 4)]);
        // Flickering every frame, steady every second one.
        let best = [0, 1, 0, 1, 0];
        assert_eq!(judged(&best, Against::Before(1)).flips, 1.0);
        assert_eq!(judged(&best, Against::Before(2)).flips, 0.0);
    }

    #[test]
    fn equal_logits_rank_by_index() {
        assert_eq!(ranking(&[1.0, 3.0, 3.0, 2.0]), [1, 2, 3, 0]);
    }

    #[test]
    fn distances_by_hand() {
        // Reference 0 1 2 3 4 5 6; class 1 overtakes class 0: |0 - 1| + |1 - 0|.
        let swapped = places(&[0, 1, 2, 3, 4, 5, 6], &[1, 0, 2, 3, 4, 5, 6]);
        assert_eq!(top5_distance(&swapped), 2.0);
        // |1 - 1/2| / 1 + |1/2 - 1| / 2.
        assert!((zipf_distance(&swapped) - 0.75).abs() < 1e-12);
        // The best class falls to the last place, which counts as the sixth, and four others rise by one.
        let fallen = places(&[0, 1, 2, 3, 4, 5, 6], &[1, 2, 3, 4, 5, 6, 0]);
        assert_eq!(top5_distance(&fallen), 9.0);
        assert_eq!(judged(&[4, 4, 4], Against::First), Clip::default());
    }

    #[test]
    fn a_sequence_without_a_comparison_is_steady() {
        assert_eq!(judged(&[1], Against::First), Clip::default());
        assert_eq!(judged(&[1, 2], Against::Before(3)), Clip::default());
    }
}
