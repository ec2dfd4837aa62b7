//! Which images an epoch sees, and in which order.

use rand::seq::SliceRandom;
use vitro::random::stream;

use crate::data::Images;

/// Training images in one epoch.
pub fn epoch_size(images: &dyn Images, asked: usize) -> usize {
    match (asked, images.len()) {
        (0, all) => all,
        (asked, _) if images.is_endless() => asked,
        (asked, all) => asked.min(all),
    }
}

/// The indices of epoch `epoch`, counted from 0: a fresh shuffle of all images, or of further ones if they never end.
pub fn epoch(images: &dyn Images, asked: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let size = epoch_size(images, asked);
    if images.is_endless() {
        return (epoch * size..(epoch + 1) * size).collect();
    }
    let mut order: Vec<usize> = (0..images.len()).collect();
    order.shuffle(&mut stream(seed, epoch as u64, "order"));
    order.truncate(size);
    order
}
