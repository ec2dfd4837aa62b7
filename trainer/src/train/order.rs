//! Which images an epoch sees, and in which order.

use rand::seq::SliceRandom;
use vitro::random::stream;
use vitro::training::repeated_augmentation;

use crate::data::Images;
use crate::recipe::Data;

/// Training images in one epoch.
pub fn epoch_size(images: &dyn Images, data: &Data) -> usize {
    let size = distinct(images, data.epoch_size);
    if data.repeats > 1 { repeated_augmentation::epoch_size(size) } else { size }
}

/// The indices of epoch `epoch`, counted from 0: a fresh shuffle of all images, or of further ones if they never end. With
/// repeated augmentation each is there several times in a row, and correspondingly fewer are.
pub fn epoch(images: &dyn Images, data: &Data, seed: u64, epoch: usize) -> Vec<usize> {
    let size = distinct(images, data.epoch_size);
    let order = if images.is_endless() {
        (epoch * size..(epoch + 1) * size).collect()
    } else {
        let mut order: Vec<usize> = (0..images.len()).collect();
        order.shuffle(&mut stream(seed, epoch as u64, "order"));
        order.truncate(size);
        order
    };
    // One replica: workers share a batch, they do not have batches of their own.
    if data.repeats > 1 { repeated_augmentation::share(&order, data.repeats, 1, 0) } else { order }
}

fn distinct(images: &dyn Images, asked: usize) -> usize {
    match (asked, images.len()) {
        (0, all) => all,
        (asked, _) if images.is_endless() => asked,
        (asked, all) => asked.min(all),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anyhow::Result;

    use super::*;
    use crate::data::Sample;

    struct Numbered(usize);

    impl Images for Numbered {
        fn len(&self) -> usize {
            self.0
        }
        fn sample(&self, _index: usize) -> Result<Arc<Sample>> {
            anyhow::bail!("an order needs no pixels")
        }
        fn name(&self, index: usize) -> String {
            index.to_string()
        }
    }

    #[test]
    fn repeats_are_neighbours_and_an_epoch_is_a_multiple_of_256() {
        let data = Data { repeats: 3, ..Data::default() };
        let order = epoch(&Numbered(600), &data, 1, 0);
        assert_eq!((order.len(), epoch_size(&Numbered(600), &data)), (512, 512));
        assert!(order.chunks_exact(3).all(|images| images.iter().all(|image| *image == images[0])));
        let once = Data::default();
        assert_eq!(epoch(&Numbered(600), &once, 1, 0)[..2], [order[0], order[3]]);
        assert_eq!(epoch_size(&Numbered(600), &once), 600);
        assert_eq!(epoch_size(&Numbered(200), &data), 0);
    }
}
