//! Which pictures an epoch sees, and in which order.

use rand::seq::SliceRandom;
use vitro::random::stream;

use crate::data::Pictures;

/// Training pictures in one epoch.
pub fn epoch_size(pictures: &dyn Pictures, asked: usize) -> usize {
    match (asked, pictures.len()) {
        (0, all) => all,
        (asked, _) if pictures.is_endless() => asked,
        (asked, all) => asked.min(all),
    }
}

/// The indices of epoch `epoch`, counted from 0: a fresh shuffle of all pictures, or of further ones if they never end.
pub fn epoch(pictures: &dyn Pictures, asked: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let size = epoch_size(pictures, asked);
    if pictures.is_endless() {
        return (epoch * size..(epoch + 1) * size).collect();
    }
    let mut order: Vec<usize> = (0..pictures.len()).collect();
    order.shuffle(&mut stream(seed, epoch as u64, "order"));
    order.truncate(size);
    order
}
