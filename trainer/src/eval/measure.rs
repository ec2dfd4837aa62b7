//! Running a model over images on all cores, or on a list of devices.
//!
//! Logits that are not finite rank nothing: whatever they would be counted as is wrong, so they are refused ([`NotFinite`]).

use std::fmt;

use anyhow::{Result, anyhow, bail};
use burn::Tensor;
use burn::tensor::Device;
use vitro::image::{Preprocess, Rgb8};
pub use vitro::metric::Outcome;
use vitro::model::Model;

use crate::data::batch::Batch;
use crate::places::Posted;
use crate::workers::Workers;

/// Images per forward pass and worker.
const BATCH: usize = 32;

/// A model gave a number that is not finite for an image, so the image cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotFinite {
    /// Index of the image.
    pub index: usize,
    /// What is not finite.
    pub what: &'static str,
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, what } = self;
        write!(
            f,
            "the model's {what} for test image {index} are not finite; its weights cannot be used, train it again"
        )
    }
}

impl std::error::Error for NotFinite {}

/// The refusal of a model that gave such a number: with its name, the image's and the cell's. Other errors stay as they are.
pub fn named(error: anyhow::Error, model: &str, cell: &str, image: impl Fn(usize) -> String) -> anyhow::Error {
    match error.downcast_ref::<NotFinite>() {
        Some(NotFinite { index, what }) => anyhow!(
            "the {what} of `{model}` for {} ({cell}) are not finite, so nothing can be measured; its weights cannot be used, \
             train or import it again",
            image(*index)
        ),
        None => error,
    }
}

/// A model ready to be measured.
pub struct Measure<'a> {
    /// On the plain device, in validation mode.
    pub model: &'a Model,
    /// Where the model is.
    pub device: &'a Device,
    /// The cores.
    pub workers: &'a Workers,
    /// Copies of the model on the devices that share the images, one for each worker; empty: all use `model`.
    pub copies: &'a [Posted],
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
        self.judged(indices, make, |_, images, _, _| Ok(images), Outcome::of)
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
        self.judged(indices, make, |_, images, _, _| Ok(images), judge)
    }

    /// [`Self::outcomes`] with the normalised images `[b, 3, y, x]` changed by `alter` before the model sees them. It gets
    /// the model where the images are, them, their labels and their indices.
    pub fn outcomes_after(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
        alter: impl Fn(&Model, Tensor<4>, &[usize], &[usize]) -> Result<Tensor<4>> + Sync,
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
        let work = |(worker, shard): (usize, &[usize])| -> Result<Vec<T>> {
            let judged = |index: &usize| {
                let frames = make(*index)?;
                let mut rows = Vec::new();
                for chunk in frames.chunks(BATCH) {
                    let batch = Batch::of(chunk, |frame| Ok((frame.clone(), 0)), self.preprocess)?;
                    let indices = vec![*index; chunk.len()];
                    rows.extend(self.at(worker, |model, device| rows_of(model, batch.tensor(device), &indices))?);
                }
                Ok(judge(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>()))
            };
            shard.iter().map(judged).collect()
        };
        Ok(self.workers.try_each(self.shards(indices), work)?.concat())
    }

    fn judged(
        &self,
        indices: &[usize],
        make: impl Fn(usize) -> Result<(Rgb8, usize)> + Sync,
        alter: impl Fn(&Model, Tensor<4>, &[usize], &[usize]) -> Result<Tensor<4>> + Sync,
        judge: impl Fn(&[f32], usize) -> Outcome + Sync,
    ) -> Result<Vec<Outcome>> {
        let work = |(worker, shard): (usize, &[usize])| -> Result<Vec<Outcome>> {
            let mut outcomes = Vec::with_capacity(shard.len());
            for chunk in shard.chunks(BATCH) {
                let batch = Batch::of(chunk, |index| make(*index), self.preprocess)?;
                let labels = batch.labels.clone();
                let rows = self.at(worker, |model, device| {
                    rows_of(model, alter(model, batch.tensor(device), &labels, chunk)?, chunk)
                })?;
                outcomes.extend(rows.iter().zip(labels).map(|(row, label)| judge(row, label)));
            }
            Ok(outcomes)
        };
        Ok(self.workers.try_each(self.shards(indices), work)?.concat())
    }

    /// A part of `indices` for each worker, with the worker's number.
    fn shards<'i>(&self, indices: &'i [usize]) -> Vec<(usize, &'i [usize])> {
        self.workers.shard(indices).into_iter().enumerate().collect()
    }

    /// Runs `work` with the model of a worker, where it is.
    fn at<T>(&self, worker: usize, work: impl FnOnce(&Model, &Device) -> Result<T>) -> Result<T> {
        match self.copies.get(worker) {
            Some(Posted { place, model }) => place.run(|| work(model, &place.device)),
            None => work(self.model, self.device),
        }
    }
}

/// The logits of each image; `indices` are theirs.
fn rows_of(model: &Model, images: Tensor<4>, indices: &[usize]) -> Result<Vec<Vec<f32>>> {
    let logits = model.forward(images);
    let classes = logits.dims()[1];
    let scores: Vec<f32> = match logits.into_data().try_into_vec() {
        Ok(scores) => scores,
        Err(error) => bail!("the logits cannot be read back: {error:?}; try --device cpu"),
    };
    let rows: Vec<Vec<f32>> = scores.chunks(classes).map(<[f32]>::to_vec).collect();
    match rows.iter().zip(indices).find(|(row, _)| row.iter().any(|score| !score.is_finite())) {
        Some((_, index)) => bail!(NotFinite { index: *index, what: "logits" }),
        None => Ok(rows),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use burn::module::{Module, ModuleMapper, Param};
    use vitro::attack::{self, Budget, PixelSpace, Start, Victim};
    use vitro::model::ModelConfig;
    use vitro::model::vit::VitConfig;

    use super::*;
    use crate::places::{self, Place, Places};

    const SIDE: usize = 8;

    fn tiny() -> Model {
        let device = Device::flex();
        device.seed(3);
        ModelConfig::Vit(VitConfig::new(SIDE, 4, 8, 1, 2, 3)).init(&device).expect("a legal model").valid()
    }

    /// Image `index`, whatever is drawn for it.
    fn image(index: usize) -> Result<(Rgb8, usize)> {
        Ok((Rgb8::from_fn(SIDE, SIDE, |x, y| [(x * 20 + index) as u8, (y * 30) as u8, (index * 7) as u8]), index % 3))
    }

    /// Runs `use_it` with a measure of `workers` workers.
    fn with<T>(model: &Model, workers: usize, use_it: impl FnOnce(&Measure<'_>) -> T) -> T {
        let (device, workers) = (Device::flex(), Workers::new(workers).expect("threads"));
        let preprocess = Preprocess::imagenet(SIDE);
        use_it(&Measure { model, device: &device, workers: &workers, copies: &[], preprocess: &preprocess })
    }

    #[test]
    fn logits_that_are_not_finite_are_refused_with_the_image_they_belong_to() {
        struct Broken(f32);
        impl ModuleMapper for Broken {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                param.map(|tensor| tensor.zeros_like() + self.0)
            }
        }
        for number in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let model = tiny().map(&mut Broken(number));
            let refused = |result: Result<()>| {
                let error = result.expect_err("nothing to rank");
                error.downcast_ref::<NotFinite>().copied().expect("the reason")
            };
            for workers in [1, 3] {
                with(&model, workers, |measure| {
                    let indices = [4, 6, 9];
                    let expected = NotFinite { index: 4, what: "logits" };
                    assert_eq!(refused(measure.outcomes(&indices, image).map(drop)), expected);
                    assert_eq!(refused(measure.outcomes_among(&[0, 2], &indices, image).map(drop)), expected);
                    let altered = measure.outcomes_after(&indices, image, |_, images, _, _| Ok(images));
                    assert_eq!(refused(altered.map(drop)), expected);
                    let frames = |index| Ok(vec![image(index)?.0; 2]);
                    assert_eq!(refused(measure.sequences(&indices, frames, |_| ()).map(drop)), expected);
                });
            }
        }
    }

    #[test]
    fn copies_on_a_list_of_devices_say_what_the_model_says() {
        let model = tiny();
        let places = Places::from(vec![Place::here(Device::flex(), "one"), Place::here(Device::flex(), "other")]);
        let copies = places::post(&places, &model).expect("copies");
        let indices: Vec<usize> = (0..70).collect();
        let alone = with(&model, 2, |measure| measure.outcomes(&indices, image)).expect("measured");
        let shared = with(&model, 2, |measure| Measure { copies: &copies, ..*measure }.outcomes(&indices, image));
        assert_eq!(shared.expect("measured"), alone);
    }

    #[test]
    fn an_attack_starts_at_the_same_place_with_any_number_of_workers() {
        let model = tiny();
        // A limit leaves gaps between the indices.
        let indices: Vec<usize> = (0..40).map(|index| 3 * index + index % 2).collect();
        let pgd = attack::find("pgd").expect("in the list");
        let starts = |workers| {
            let seen = Mutex::new(BTreeMap::new());
            let alter = |model: &Model, images: Tensor<4>, labels: &[usize], indices: &[usize]| {
                let victim = Victim::new(model, PixelSpace::UNIT);
                // Steps too small to leave the start.
                let budget = Budget { step: 1e-9, steps: 1, ..pgd.defaults };
                let start = Start::Drawn { seed: 5, samples: indices.iter().map(|index| *index as u64).collect() };
                let attacked = attack::attack(pgd, &victim, images, labels, budget, start)?;
                let values: Vec<f32> = attacked.clone().into_data().iter::<f32>().collect();
                let all = indices.iter().copied().zip(values.chunks(3 * SIDE * SIDE).map(<[f32]>::to_vec));
                seen.lock().expect("no panic").extend(all);
                Ok(attacked)
            };
            with(&model, workers, |measure| measure.outcomes_after(&indices, image, alter)).expect("measured");
            seen.into_inner().expect("no panic")
        };
        let (one, three) = (starts(1), starts(3));
        assert_eq!(one.keys().copied().collect::<Vec<_>>(), indices);
        for (index, values) in &one {
            let apart = values.iter().zip(&three[index]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-6, "image {index}: {apart}");
        }
    }
}
