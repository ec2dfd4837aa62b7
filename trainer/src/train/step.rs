//! One training step: every worker takes a shard of the batch through its own copy of the model, the gradients are
//! summed in the workers' order, clipped, and one optimiser step is taken. A step over several batches sums the gradients of
//! one after the other, so that it takes the memory of one.
//!
//! A copy shares the parameters' ids but has its own graph. Batch normalisation sees a shard at a time, and each copy
//! updates its own running statistics; afterwards the main model gets their mean, in the workers' order. So the number
//! of workers is part of the numbers, as the number of cards is in distributed training.
//!
//! Where a list of devices shares the batch, each copy is on the device of its worker ([`Seats`]), and gradients and running
//! statistics come back to the main model's.
//!
//! The main model lives on the plain device: [`Module::train`] makes a copy with gradients and with running statistics
//! of its own, where `clone` alone would share them between threads.

use std::fmt;

use anyhow::{Result, ensure};
use burn::Tensor;
use burn::module::Module;
use burn::optim::{GradientsAccumulator, GradientsParams};
use burn::tensor::Device;
use vitro::model::{Draws, Model};

use super::clip::global_norm_factor;
use super::loss::Task;
use super::precision::{rounded, widened};
use super::seats::Seats;
use crate::adamw::AdamW;
use crate::argmax::argmax;
use crate::data::batch::Batch;
use crate::places;
use crate::rehearsal::{self, Place};
use crate::weights::{self, Values};
use crate::workers::Workers;

/// What a step reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Mean loss over its images.
    pub loss: f64,
    /// Images whose best class was right.
    pub correct: usize,
    /// Images.
    pub count: usize,
    /// Norm of the gradient before clipping.
    pub norm: f64,
}

/// A step that was not taken, since its loss or gradient is not finite.
#[derive(Clone, Copy, Debug)]
pub struct NotTaken {
    step: u64,
    loss: f64,
    norm: f64,
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { step, loss, norm } = self;
        write!(
            f,
            "step {step} has a loss of {loss} and a gradient of norm {norm}, so it was not taken; lower train.lr and start again"
        )
    }
}

impl std::error::Error for NotTaken {}

/// What a worker hands back.
struct Part {
    grads: GradientsParams,
    buffers: Values,
    report: Report,
}

/// The gradient of the batches of a step so far.
#[derive(Default)]
pub struct Gathered {
    sum: GradientsAccumulator<Model>,
    report: Report,
    /// Batches in it.
    pub batches: usize,
    /// Running statistics of the model before the first of them.
    before: Values,
}

impl Gathered {
    /// `model` as it was before the first batch, for a step that is not taken. A clone from before would not do: clones share
    /// their running statistics.
    pub fn undone(self, model: Model) -> Model {
        mean_buffers(model, vec![self.before])
    }
}

/// Everything but the model that a step needs.
pub struct Stepper<'a> {
    /// The workers; one of them on a card.
    pub workers: &'a Workers,
    /// Where the model is, without gradients.
    pub device: &'a Device,
    /// Who shares the batch; empty: the workers do, on that device.
    pub seats: &'a Seats,
    /// What is learned.
    pub task: Task<'a>,
}

impl Stepper<'_> {
    /// Takes one step over one batch of `total` images. `fetch` makes images of a shard, inside the worker.
    ///
    /// # Errors
    /// [`NotTaken`] when the loss or the gradient is not finite, and when a worker fails or another machine that shares the
    /// batch is lost; `optimiser` is as it was then.
    pub fn step<S: Send>(
        &self,
        model: Model,
        optimiser: &mut AdamW,
        noise: Option<&Tensor<3>>,
        (shards, total): (Vec<S>, usize),
        fetch: impl Fn(S) -> Result<Batch> + Sync,
        learning_rate: f64,
    ) -> Result<(Model, Report)> {
        let mut gathered = Gathered::default();
        let model = self.gather(model, &mut gathered, noise, (shards, total), fetch)?;
        self.take(model, optimiser, gathered, learning_rate)
    }

    /// Adds the gradient of one batch to that of a step over `total` images. The model comes back with its running statistics
    /// moved on by the batch.
    ///
    /// # Errors
    /// When a worker fails, or another machine that shares the batch is lost; nothing is added then.
    pub fn gather<S: Send>(
        &self,
        model: Model,
        gathered: &mut Gathered,
        noise: Option<&Tensor<3>>,
        (shards, total): (Vec<S>, usize),
        fetch: impl Fn(S) -> Result<Batch> + Sync,
    ) -> Result<Model> {
        if gathered.batches == 0 {
            gathered.before = weights::values(&model, weights::is_buffer);
        }
        let shards = shards.into_iter().enumerate().map(|(worker, shard)| (worker, model.clone(), shard)).collect();
        let part = |(worker, model, shard)| self.part(worker, model, fetch(shard)?, noise, total);
        let parts = self.seats.counted(|| self.workers.try_each(shards, part))?;

        let Gathered { sum, report, batches, .. } = gathered;
        let mut buffers = Vec::new();
        for part in parts {
            sum.accumulate(&model, part.grads);
            report.loss += part.report.loss;
            report.correct += part.report.correct;
            report.count += part.report.count;
            buffers.push(part.buffers);
        }
        *batches += 1;
        Ok(mean_buffers(model, buffers))
    }

    /// Takes the step that the gathered gradient leads to.
    ///
    /// # Errors
    /// When the loss or the gradient is not finite; `optimiser` is as it was then.
    pub fn take(
        &self,
        model: Model,
        optimiser: &mut AdamW,
        gathered: Gathered,
        learning_rate: f64,
    ) -> Result<(Model, Report)> {
        let Gathered { mut sum, mut report, .. } = gathered;
        let grads = sum.grads();
        let [factor, norm] = global_norm_factor(&model, &grads, self.task.train.clip, self.device);
        report.norm = f64::from(norm.into_scalar::<f32>());
        self.seats.end_step();
        let finite = report.loss.is_finite() && report.norm.is_finite();
        ensure!(finite, NotTaken { step: optimiser.steps + 1, loss: report.loss, norm: report.norm });
        Ok((optimiser.step(model, grads, factor, learning_rate), report))
    }

    /// What the shard of a worker says, on the worker's own device if there is a list of them.
    fn part(&self, worker: usize, model: Model, batch: Batch, noise: Option<&Tensor<3>>, total: usize) -> Result<Part> {
        rehearsal::at(Place::Shard)?;
        let Some(seat) = self.seats.of(worker, self.device) else {
            return Self::on(&self.task, model, batch, noise, total, self.device);
        };
        seat.place.run(|| {
            let device = &seat.place.device;
            let noise = noise.map(|noise| noise.clone().to_device(device));
            let copy = places::copy(&model, &seat.place);
            let part = Self::on(&seat.task(&self.task), copy, batch, noise.as_ref(), total, device)?;
            let carried = |values| places::carried(values, &model, self.device);
            Ok(Part { grads: carried(part.grads), buffers: carried(part.buffers), report: part.report })
        })
    }

    /// The gradient of a shard weighs as much as its fraction of the step's images, so that the sum is their mean.
    fn on(
        task: &Task<'_>,
        model: Model,
        batch: Batch,
        noise: Option<&Tensor<3>>,
        total: usize,
        device: &Device,
    ) -> Result<Part> {
        let mut model = rounded(model, task.train.precision).train();
        // What is dropped goes by the samples, not by the workers. It is drawn here, wherever the model is.
        model.before_step(&Draws::new(task.train.seed, batch.serial..batch.serial + batch.len() as u64));
        let labels = batch.labels.clone();
        let weight = labels.len() as f64 / total as f64;
        let loss = task.loss(&model, batch, noise, &device.clone().autodiff())?;
        let scaled = loss.total.mul_scalar(weight);
        let grads = widened(GradientsParams::from_grads(scaled.backward(), &model), &model);
        let report = Report {
            loss: f64::from(scaled.inner().into_scalar::<f32>()),
            correct: correct(loss.logits, &labels),
            count: labels.len(),
            norm: 0.0,
        };
        Ok(Part { grads, buffers: weights::values(&model.valid(), weights::is_buffer), report })
    }
}

/// How many rows of `[b, classes]` have their largest value at the label. Ties go to the first, as in argmax.
pub fn correct(logits: Tensor<2>, labels: &[usize]) -> usize {
    let classes = logits.dims()[1];
    let scores: Vec<f32> = logits.into_data().try_into_vec().unwrap_or_default();
    scores.chunks(classes).zip(labels).filter(|(row, label)| argmax(row) == **label).count()
}

/// Gives `model` the mean of the workers' running statistics.
fn mean_buffers(model: Model, parts: Vec<Values>) -> Model {
    use burn::module::{ModuleMapper, Param};
    struct Mean(Vec<Values>);
    impl ModuleMapper for Mean {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let values: Vec<Tensor<D>> = self.0.iter_mut().filter_map(|part| part.remove(param.id)).collect();
            let count = values.len();
            match values.into_iter().reduce(|sum, value| sum + value) {
                Some(sum) => param.map(|_| sum.div_scalar(count as f64)),
                None => param,
            }
        }
    }
    if parts.iter().all(Values::is_empty) { model } else { model.map(&mut Mean(parts)) }
}

#[cfg(test)]
mod tests {
    use vitro::image::Preprocess;
    use vitro::model::ModelConfig;
    use vitro::model::vit::VitConfig;

    use super::*;
    use crate::recipe::{Method, Precision, Train};

    const SIDE: usize = 8;
    const CLASSES: usize = 3;

    /// Images `range` of an endless row of them, with soft labels.
    fn images(range: std::ops::Range<usize>) -> Batch {
        let each = 3 * SIDE * SIDE;
        let pixel = |i: usize| (i * 37 % 101) as f32 / 50.0 - 1.0;
        let labels: Vec<usize> = range.clone().map(|image| image * 7 % CLASSES).collect();
        let soft =
            |label: &usize| (0..CLASSES).map(|class| if class == *label { 0.8 } else { 0.1 }).collect::<Vec<f32>>();
        Batch {
            pixels: (range.start * each..range.end * each).map(pixel).collect(),
            targets: labels.iter().flat_map(soft).collect(),
            labels,
            serial: range.start as u64,
            size: SIDE,
            ..Batch::default()
        }
    }

    /// The gradient of one step over 16 images, in batches of `batch`, parameter by parameter, and what is said of it.
    fn gradient(batch: usize, workers: usize, precision: Precision) -> (Vec<f32>, Report) {
        let device = Device::flex();
        device.seed(5);
        let config = ModelConfig::Vit(VitConfig::new(SIDE, 4, 8, 2, 2, CLASSES));
        let mut model = config.init(&device).unwrap();
        // Drawn here, and not by each copy for itself.
        drop(weights::values(&model, |_| true));
        let workers = Workers::new(workers).unwrap();
        let (train, method, preprocess) =
            (Train { precision, ..Train::default() }, Method::default(), Preprocess::imagenet(SIDE));
        let task = Task {
            train: &train,
            method: &method,
            preprocess: &preprocess,
            class_weights: None,
            labeler: None,
            teacher: None,
            epoch: 0,
        };
        let seats = Seats::default();
        let stepper = Stepper { workers: &workers, device: &device, seats: &seats, task };
        let mut gathered = Gathered::default();
        for start in (0..16).step_by(batch) {
            let shards: Vec<_> =
                workers.ranges(batch).into_iter().map(|range| start + range.start..start + range.end).collect();
            model = stepper.gather(model, &mut gathered, None, (shards, 16), |range| Ok(images(range))).unwrap();
        }
        assert_eq!(gathered.batches, 16 / batch);
        let (grads, mut numbers) = (gathered.sum.grads(), Vec::new());
        weights::store(&model, &grads, "gradient", &mut numbers).unwrap();
        let bytes = weights::to_safetensors(&numbers, "of", String::new()).unwrap();
        let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let mut arrays: Vec<_> = file.iter().collect();
        arrays.sort_by_key(|(name, _)| (*name).to_owned());
        let values = arrays.iter().flat_map(|(_, array)| array.data().as_chunks::<4>().0);
        (values.map(|bytes| f32::from_le_bytes(*bytes)).collect(), gathered.report)
    }

    #[test]
    fn batches_one_after_the_other_have_the_gradient_of_one_large_batch() {
        let (whole, of_whole) = gradient(16, 1, Precision::F32);
        assert!(whole.iter().any(|value| value.abs() > 1e-3), "a gradient to compare");
        for (batch, workers) in [(8, 1), (4, 2), (2, 2)] {
            let (parts, of_parts) = gradient(batch, workers, Precision::F32);
            assert_eq!(whole.len(), parts.len());
            let apart = whole.iter().zip(&parts).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(apart < 1e-5, "batches of {batch}: {apart}");
            assert!((of_whole.loss - of_parts.loss).abs() < 1e-5, "{} {}", of_whole.loss, of_parts.loss);
            assert_eq!((of_whole.correct, of_whole.count), (of_parts.correct, of_parts.count));
        }
    }

    #[test]
    fn in_bf16_the_gradient_is_rounded_but_points_where_it_did() {
        let [(exact, _), (narrow, of_narrow)] = [Precision::F32, Precision::Bf16].map(|kind| gradient(16, 2, kind));
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
        let cosine = dot(&exact, &narrow) / (dot(&exact, &exact) * dot(&narrow, &narrow)).sqrt();
        assert!(exact != narrow && cosine > 0.9995, "{cosine}");
        assert!(of_narrow.loss.is_finite() && of_narrow.count == 16);
    }
}
