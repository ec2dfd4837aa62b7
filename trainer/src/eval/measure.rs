//! Running a model over images on all cores.

use anyhow::{Result, bail};
use burn::Tensor;
use burn::tensor::Device;
use vitro::image::{Preprocess, Rgb8};
pub use vitro::metric::Outcome;
use vitro::model::Model;

use crate::data::batch::Batch;
use crate::workers::Workers;

/// Images per forward pass and worker.
const BATCH: usize = 32;

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
        self.judged(indices, make, |images, _, _| Ok(images), Outcome::of)
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
            Outcome::of(&kept, label)
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
        self.judged(indices, make, alter, Outcome::of)
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
