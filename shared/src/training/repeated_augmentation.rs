//! Repeated augmentation, "Augment your batch", in the form of the DeiT, RVT and VARS recipes: several differently augmented
//! copies of each image come near each other, and an epoch sees correspondingly fewer images.
//!
//! The released sampler shuffles with the epoch as seed of its framework's generator; here the order is an argument, so that
//! any generator serves.

/// Copies of each image. Paper: 3.
pub const REPEATS: usize = 3;

/// An epoch's length is a multiple of this over all replicas, as released.
const MULTIPLE: usize = 256;

/// Images of an epoch over `count`: rounded down to a multiple of 256.
pub fn epoch_size(count: usize) -> usize {
    count / MULTIPLE * MULTIPLE
}

/// What replica `rank` of `replicas` sees in an epoch of `order`: every image `repeats` times in a row, the replicas taking
/// turns, cut so that all replicas together see the length of `order` rounded down to 256.
///
/// Fewer images than 256 give an empty epoch, as released; so does an empty order. `rank` counts from 0.
pub fn share(order: &[usize], repeats: usize, replicas: usize, rank: usize) -> Vec<usize> {
    let replicas = replicas.max(1);
    let repeated = order.len() * repeats;
    // Padded with the beginning, so that every replica gets as many.
    let padded = repeated.div_ceil(replicas) * replicas;
    let kept = epoch_size(order.len()) / replicas;
    (rank..padded).step_by(replicas).take(kept).map(|i| order[i % repeated.max(1) / repeats.max(1)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_neighbours_and_go_to_different_replicas() {
        let order: Vec<usize> = (0..512).collect();
        let shares: Vec<Vec<usize>> = (0..3).map(|rank| share(&order, 3, 3, rank)).collect();
        assert!(shares.iter().all(|share| share.len() == 512 / 3));
        assert_eq!(shares[0], shares[1]);
        assert_eq!(shares[0][..4], [0, 1, 2, 3]);
    }

    #[test]
    fn an_epoch_is_a_whole_number_of_256_and_pads_with_the_beginning() {
        let order: Vec<usize> = (0..600).rev().collect();
        assert_eq!(share(&order, 3, 2, 0).len(), 256);
        assert_eq!(share(&order, 3, 2, 1)[..3], [599, 598, 598]);
        assert!(share(&order[..255], 3, 1, 0).is_empty());
        assert_eq!(share(&order[..256], 1, 255, 0).len(), 1);
    }
}
