//! Running a model over pictures on all cores.

use anyhow::Result;
use burn::Tensor;
use burn::tensor::Device;
use vitro::image::{Preprocess, Rgb8};
use vitro::model::Model;

use crate::data::batch::Batch;
use crate::train::step::argmax;
use crate::workers::Workers;

/// Pictures per forward pass and worker.
const BATCH: usize = 32;

/// What the model made of one picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Whether its best class was the label.
    pub top1: bool,
    /// Whether the label was among its best five.
    pub top5: bool,
    /// Probability of its best class.
    pub confidence: f64,
    /// -log of the label's probability.
    pub loss: f64,
}

/// A model ready to be measured.
pub struct Measure<'a> {
    /// On the plain device, in validation mode.
    pub model: &'a Model,
    /// Where the model is.
    pub device: &'a Device,
    /// The cores.
    pub workers: &'a Workers,
    /// How pictures become its input.
    pub preprocess: &'a Preprocess,
}

impl Measure<'_> {
    /// The outcome of each of `indices`, in order. `make` gives a picture of the model's size, and its label.
    pub fn outcomes(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
    ) -> Result<Vec<Outcome>> {
        self.outcomes_after(indices, make, |pictures, _, _| Ok(pictures))
    }

    /// [`Self::outcomes`] with the normalised pictures `[b, 3, y, x]` changed by `alter` before the model sees them. It gets
    /// their labels, and the index of the first of them.
    pub fn outcomes_after(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
        alter: impl Fn(Tensor<4>, &[usize], usize) -> Result<Tensor<4>> + Sync,
    ) -> Result<Vec<Outcome>> {
        let work = |shard: &[usize]| -> Result<Vec<Outcome>> {
            let mut outcomes = Vec::with_capacity(shard.len());
            for chunk in shard.chunks(BATCH) {
                let batch = Batch::of(chunk, |index| make(*index), self.preprocess)?;
                let labels = batch.labels.clone();
                let pictures = alter(batch.tensor(self.device), &labels, chunk[0])?;
                let logits = self.model.forward(pictures);
                let classes = logits.dims()[1];
                let scores: Vec<f32> = logits.into_data().try_into_vec().unwrap_or_default();
                outcomes.extend(scores.chunks(classes).zip(labels).map(|(row, label)| outcome(row, label)));
            }
            Ok(outcomes)
        };
        let parts = self.workers.each(self.workers.shard(indices), work);
        Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.concat())
    }
}

/// Judges one row of logits.
pub fn outcome(row: &[f32], label: usize) -> Outcome {
    let best = argmax(row);
    let largest = f64::from(row[best]);
    let sum: f64 = row.iter().map(|score| (f64::from(*score) - largest).exp()).sum();
    let better =
        row.iter().enumerate().filter(|(i, score)| **score > row[label] || (**score == row[label] && *i < label));
    Outcome {
        top1: best == label,
        top5: better.count() < 5,
        confidence: 1.0 / sum,
        loss: sum.ln() - (f64::from(row[label]) - largest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_logits_is_judged() {
        let outcome = outcome(&[0.0, 2.0, 1.0, 0.5, 0.4, 0.3, 0.2], 0);
        assert!(!outcome.top1 && !outcome.top5);
        assert!(super::outcome(&[0.0, 2.0, 1.0], 0).top5);
        assert!((super::outcome(&[0.0, 0.0], 1).confidence - 0.5).abs() < 1e-12);
        assert!((super::outcome(&[0.0, 0.0], 1).loss - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn equal_logits_go_to_the_first_class() {
        assert!(outcome(&[1.0, 1.0], 0).top1);
        assert!(!outcome(&[1.0, 1.0], 1).top1);
    }
}
