//! Running a model over images on all cores.

use anyhow::{Result, bail};
use burn::Tensor;
use burn::tensor::Device;
use vitro::image::{Preprocess, Rgb8};
use vitro::model::Model;

use crate::argmax::argmax;
use crate::data::batch::Batch;
use crate::workers::Workers;

/// Images per forward pass and worker.
const BATCH: usize = 32;

/// What the model made of one image.
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
    /// Squared distance between the probabilities and the truth, summed over classes.
    pub brier: f64,
}

/// A model ready to be measured.
pub struct Measure<'a> {
    /// On the plain device, in validation mode.
    pub model: &'a Model,
    /// Where the model is.
    pub device: &'a Device,
    /// The cores.
    pub workers: &'a Workers,
    /// How images become its input.
    pub preprocess: &'a Preprocess,
}

impl Measure<'_> {
    /// The outcome of each of `indices`, in order. `make` gives an image of the model's size, and its label.
    pub fn outcomes(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
    ) -> Result<Vec<Outcome>> {
        self.judged(indices, make, |images, _, _| Ok(images), outcome)
    }

    /// [`Self::outcomes`] when only the classes in `columns` can be chosen; label k means the k-th of them.
    pub fn outcomes_among(
        &self,
        columns: &[usize],
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
    ) -> Result<Vec<Outcome>> {
        let judge = |row: &[f32], label| {
            let kept: Vec<f32> = columns.iter().map(|column| row[*column]).collect();
            outcome(&kept, label)
        };
        self.judged(indices, make, |images, _, _| Ok(images), judge)
    }

    /// [`Self::outcomes`] with the normalised images `[b, 3, y, x]` changed by `alter` before the model sees them. It gets
    /// their labels, and the index of the first of them.
    pub fn outcomes_after(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
        alter: impl Fn(Tensor<4>, &[usize], usize) -> Result<Tensor<4>> + Sync,
    ) -> Result<Vec<Outcome>> {
        self.judged(indices, make, alter, outcome)
    }

    /// What `judge` makes of the logits of each sequence, frame by frame; `make` gives the frames at the model's size.
    pub fn sequences<T: Clone + Send>(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<Vec<Rgb8>> + Sync,
        judge: impl Fn(&[&[f32]]) -> T + Sync,
    ) -> Result<Vec<T>> {
        let work = |shard: &[usize]| -> Result<Vec<T>> {
            let judged = |index: &usize| {
                let frames = make(*index)?;
                let mut rows = Vec::new();
                for chunk in frames.chunks(BATCH) {
                    let batch = Batch::of(chunk, |frame| Ok((frame.clone(), 0)), self.preprocess)?;
                    rows.extend(self.rows(batch.tensor(self.device))?);
                }
                Ok(judge(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>()))
            };
            shard.iter().map(judged).collect()
        };
        let parts = self.workers.each(self.workers.shard(indices), work);
        Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.concat())
    }

    fn judged(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
        alter: impl Fn(Tensor<4>, &[usize], usize) -> Result<Tensor<4>> + Sync,
        judge: impl Fn(&[f32], usize) -> Outcome + Sync,
    ) -> Result<Vec<Outcome>> {
        let work = |shard: &[usize]| -> Result<Vec<Outcome>> {
            let mut outcomes = Vec::with_capacity(shard.len());
            for chunk in shard.chunks(BATCH) {
                let batch = Batch::of(chunk, |index| make(*index), self.preprocess)?;
                let labels = batch.labels.clone();
                let images = alter(batch.tensor(self.device), &labels, chunk[0])?;
                outcomes.extend(self.rows(images)?.iter().zip(labels).map(|(row, label)| judge(row, label)));
            }
            Ok(outcomes)
        };
        let parts = self.workers.each(self.workers.shard(indices), work);
        Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.concat())
    }

    /// The logits of each image.
    fn rows(&self, images: Tensor<4>) -> Result<Vec<Vec<f32>>> {
        let logits = self.model.forward(images);
        let classes = logits.dims()[1];
        let scores: Vec<f32> = match logits.into_data().try_into_vec() {
            Ok(scores) => scores,
            Err(error) => bail!("the logits cannot be read back: {error:?}; try --device cpu"),
        };
        Ok(scores.chunks(classes).map(<[f32]>::to_vec).collect())
    }
}

/// Judges one row of logits.
pub fn outcome(row: &[f32], label: usize) -> Outcome {
    let best = argmax(row);
    let largest = f64::from(row[best]);
    let exponential = |score: f32| (f64::from(score) - largest).exp();
    let sum: f64 = row.iter().map(|score| exponential(*score)).sum();
    let squares: f64 = row.iter().map(|score| exponential(*score).powi(2)).sum();
    let better =
        row.iter().enumerate().filter(|(i, score)| **score > row[label] || (**score == row[label] && *i < label));
    Outcome {
        top1: best == label,
        top5: better.count() < 5,
        confidence: 1.0 / sum,
        loss: sum.ln() - (f64::from(row[label]) - largest),
        // Σ (p_k - [k = y])² = Σ p_k² - 2 p_y + 1.
        brier: squares / (sum * sum) - 2.0 * exponential(row[label]) / sum + 1.0,
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
        // Probabilities 1/2, 1/4, 1/4 and label 1: 1/4 + 9/16 + 1/16.
        assert!((super::outcome(&[2f32.ln(), 0.0, 0.0], 1).brier - 0.875).abs() < 1e-6);
    }

    #[test]
    fn equal_logits_go_to_the_first_class() {
        assert!(outcome(&[1.0, 1.0], 0).top1);
        assert!(!outcome(&[1.0, 1.0], 1).top1);
    }
}
