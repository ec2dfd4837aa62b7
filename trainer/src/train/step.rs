//! One training step: every worker takes a shard of the batch through its own copy of the model, the gradients are
//! summed in the workers' order, clipped, and one optimiser step is taken.
//!
//! A copy shares the parameters' ids but has its own graph. Batch normalisation sees a shard at a time, and each copy
//! updates its own running statistics; afterwards the main model gets their mean, in the workers' order. So the number
//! of workers is part of the numbers, as the number of cards is in distributed training.
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
use crate::adamw::AdamW;
use crate::argmax::argmax;
use crate::data::batch::Batch;
use crate::rehearsal::{self, Place};
use crate::weights::{self, Values};
use crate::workers::Workers;

/// What a step reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct Report {
    /// Mean loss over the batch.
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

/// Everything but the model that a step needs.
pub struct Stepper<'a> {
    /// The workers; one of them on a card.
    pub workers: &'a Workers,
    /// Where the model is, without gradients.
    pub device: &'a Device,
    /// What is learned.
    pub task: Task<'a>,
}

impl Stepper<'_> {
    /// Takes one step over `total` images. `fetch` makes images of a shard, inside the worker.
    ///
    /// # Errors
    /// [`NotTaken`] when the loss or the gradient is not finite, and when a worker fails; `optimiser` is as it was then.
    pub fn step<S: Send>(
        &self,
        model: Model,
        optimiser: &mut AdamW,
        noise: Option<&Tensor<3>>,
        (shards, total): (Vec<S>, usize),
        fetch: impl Fn(S) -> Result<Batch> + Sync,
        learning_rate: f64,
    ) -> Result<(Model, Report)> {
        let shards = shards.into_iter().map(|shard| (model.clone(), shard)).collect();
        let parts = self.workers.try_each(shards, |(model, shard)| self.part(model, fetch(shard)?, noise, total))?;

        let mut sum = GradientsAccumulator::new();
        let mut report = Report::default();
        let mut buffers = Vec::new();
        for part in parts {
            sum.accumulate(&model, part.grads);
            report.loss += part.report.loss;
            report.correct += part.report.correct;
            report.count += part.report.count;
            buffers.push(part.buffers);
        }
        let grads = sum.grads();
        let [factor, norm] = global_norm_factor(&model, &grads, self.task.train.clip, self.device);
        report.norm = f64::from(norm.into_scalar::<f32>());
        let finite = report.loss.is_finite() && report.norm.is_finite();
        ensure!(finite, NotTaken { step: optimiser.steps + 1, loss: report.loss, norm: report.norm });
        let model = optimiser.step(model, grads, factor, learning_rate);
        Ok((mean_buffers(model, buffers), report))
    }

    /// The gradient of a shard weighs as much as its fraction of the batch, so that the sum is the batch's own.
    fn part(&self, model: Model, batch: Batch, noise: Option<&Tensor<3>>, total: usize) -> Result<Part> {
        rehearsal::at(Place::Shard)?;
        let mut model = model.train();
        // What is dropped goes by the samples, not by the workers.
        model.before_step(&Draws::new(self.task.train.seed, batch.serial..batch.serial + batch.len() as u64));
        let labels = batch.labels.clone();
        let weight = labels.len() as f64 / total as f64;
        let loss = self.task.loss(&model, batch, noise, &self.device.clone().autodiff())?;
        let scaled = loss.total.mul_scalar(weight);
        let grads = GradientsParams::from_grads(scaled.backward(), &model);
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
