//! How much an image counts in the class loss, where classes are not equally common: images / (classes · images of its class),
//! which is 1 in the mean over the training images, so that the learning rate need not change.
//!
//! An image of several classes, by mixup or by smoothing, counts as much as its labels say: Σ label · weight. Multiplying its
//! labels by that number gives the loss of the image times the number, since the loss is linear in the labels.

use anyhow::Result;

use crate::data::Images;
use crate::recipe::ClassWeights;

/// A weight for each of `classes` classes of `images`; none where all count alike. A class without an image weighs nothing.
///
/// # Errors
/// When a label cannot be read.
pub fn weights(asked: ClassWeights, images: &dyn Images, classes: usize) -> Result<Option<Vec<f32>>> {
    if asked == ClassWeights::None {
        return Ok(None);
    }
    let mut counts = vec![0usize; classes];
    for index in 0..images.len() {
        counts[images.label(index)?] += 1;
    }
    let present = counts.iter().filter(|count| **count > 0).count();
    let weight = |count: &usize| match count {
        0 => 0.0,
        count => (images.len() as f64 / (present * count) as f64) as f32,
    };
    Ok(Some(counts.iter().map(weight).collect()))
}

/// Multiplies each row of `targets`, the labels of an image, by what the image counts.
pub fn weigh(targets: &mut [f32], weights: &[f32]) {
    for row in targets.chunks_mut(weights.len().max(1)) {
        let weight: f32 = row.iter().zip(weights).map(|(label, weight)| label * weight).sum();
        row.iter_mut().for_each(|label| *label *= weight);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use anyhow::bail;
    use burn::Tensor;
    use burn::tensor::{Device, TensorData};
    use vitro::method::cross_entropy::cross_entropy;

    use super::*;
    use crate::data::Sample;

    /// Images known by their labels alone.
    struct Labelled(&'static [usize]);

    impl Images for Labelled {
        fn len(&self) -> usize {
            self.0.len()
        }
        fn sample(&self, _index: usize) -> Result<Arc<Sample>> {
            bail!("weights need no pixels")
        }
        fn label(&self, index: usize) -> Result<usize> {
            Ok(self.0[index])
        }
        fn name(&self, index: usize) -> String {
            index.to_string()
        }
    }

    #[test]
    fn a_rare_class_weighs_more_and_the_mean_over_the_images_is_one() {
        let labels = &[0, 0, 0, 1, 3, 3];
        let found = weights(ClassWeights::Balanced, &Labelled(labels), 4).unwrap().unwrap();
        // Six images of three classes: 6/(3·3), 6/(3·1), none, 6/(3·2).
        assert_eq!(found, [2.0 / 3.0, 2.0, 0.0, 1.0]);
        let mean = labels.iter().map(|label| found[*label]).sum::<f32>() / 6.0;
        assert!((mean - 1.0).abs() < 1e-6, "{mean}");
        assert_eq!(weights(ClassWeights::None, &Labelled(labels), 4).unwrap(), None);
    }

    #[test]
    fn a_mixed_image_counts_as_its_labels_say() {
        let (weights, device) = ([0.5, 2.0], Device::flex());
        let labels = [[1.0, 0.0], [0.25, 0.75]];
        let logits = [[0.2, -0.4], [1.5, 0.3]];
        let loss = |rows: &[[f32; 2]], scores: &[[f32; 2]]| -> f32 {
            let tensor =
                |rows: &[[f32; 2]]| Tensor::<2>::from_data(TensorData::new(rows.concat(), [rows.len(), 2]), &device);
            cross_entropy(tensor(scores), tensor(rows)).into_scalar::<f32>()
        };
        let each = [loss(&labels[..1], &logits[..1]), loss(&labels[1..], &logits[1..])];
        let mut weighed = labels.concat();
        weigh(&mut weighed, &weights);
        let rows = [[weighed[0], weighed[1]], [weighed[2], weighed[3]]];
        // 1 · 0.5, and 0.25 · 0.5 + 0.75 · 2.
        let expected = (each[0] * 0.5 + each[1] * 1.625) / 2.0;
        assert!((loss(&rows, &logits) - expected).abs() < 1e-6);
        let mut plain = labels.concat();
        weigh(&mut plain, &[1.0, 1.0]);
        assert_eq!(plain, labels.concat());
    }
}
