//! One row of a network: a forward pass or a training step, timed in this process.
//!
//! A training step is the whole of it, as `vitro train` takes it, on all workers: cross-entropy (with the attention
//! diversification loss where it is asked for), gradients, clipping, AdamW. On noise there is nothing to read. On scenes
//! every step renders and augments its own images and moves the average of the weights, by the code that trains.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use burn::Tensor;
use burn::module::Module;
use burn::tensor::TensorData;
use rand::RngExt;
use vitro::image::Preprocess;
use vitro::model::{Model, ModelConfig};
use vitro::random::stream;

use super::machine::peak_memory_mib;
use super::row::{Input, Row, Subject, Work};
use super::stopwatch::{Budget, Stopwatch, Times};
use crate::adamw::AdamW;
use crate::data;
use crate::data::augment::Augment;
use crate::data::batch::{Batch, Draw, Maker, Views};
use crate::device::Processor;
use crate::places;
use crate::recipe::{Data, Method, Precision, Recipe, Train};
use crate::train::loss::Task;
use crate::train::prefetch::{Ahead, Next};
use crate::train::seats::Seats;
use crate::train::step::Stepper;
use crate::train::{ema, precision};
use crate::workers::Workers;

/// A row that is to be measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Which model.
    pub subject: Subject,
    /// Classes it tells apart.
    pub classes: usize,
    /// What is timed.
    pub work: Work,
    /// Images of a call.
    pub batch: usize,
    /// Where they come from.
    pub input: Input,
    /// What is multiplied in.
    pub precision: Precision,
    /// How much is measured.
    pub budget: Budget,
}

/// Measures a row here and now. Its memory is that of the process so far, so a process should measure one row.
pub fn measure(plan: &Plan, processor: &Processor, workers: &Workers) -> Result<Row> {
    measure_model(plan, &plan.subject.preset.config(plan.classes), processor, workers)
}

/// The same for a model that differs from its preset.
pub fn measure_model(plan: &Plan, config: &ModelConfig, processor: &Processor, workers: &Workers) -> Result<Row> {
    precision::check(plan.precision, processor)?;
    let model = config.init(&processor.device)?.valid();
    let preprocess = Preprocess::imagenet(config.image_size());
    let bench = Bench { plan, preprocess, processor, workers, seats: Seats::new(&processor.places, None, None)? };
    let (times, waiting) = match (plan.work, plan.input) {
        (Work::Forward, _) => (bench.forward(&precision::rounded(model, plan.precision))?, 0.0),
        (Work::Train, Input::Noise) => (bench.train(model)?, 0.0),
        (Work::Train, Input::Scenes) => bench.train_on_scenes(model)?,
    };
    let times = times.context("no call was counted; take --runs 1 or more")?;
    let traffic = processor.places.traffic_of_a_step();
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    Ok(Row {
        model: plan.subject.to_string(),
        work: plan.work,
        batch: plan.batch,
        input: plan.input,
        workers: workers.count(),
        times,
        images_per_second: plan.batch as f64 / times.median_ms * 1e3,
        peak_memory_mib: peak_memory_mib(),
        waiting,
        sent_mib: traffic.map(|traffic| mebibytes(traffic.sent)),
        received_mib: traffic.map(|traffic| mebibytes(traffic.received)),
    })
}

struct Bench<'a> {
    plan: &'a Plan,
    preprocess: Preprocess,
    processor: &'a Processor,
    workers: &'a Workers,
    seats: Seats,
}

impl Bench<'_> {
    fn forward(&self, model: &Model) -> Result<Option<Times>> {
        let device = &self.processor.device;
        let copies = places::post(&self.processor.places, model)?;
        let batch = self.noise();
        let here = |shard: Batch| read(model.forward(shard.tensor(device)));
        let pass = |(worker, shard): (usize, Batch)| match copies.get(worker) {
            Some(copy) => copy.place.run(|| read(copy.model.forward(shard.tensor(&copy.place.device)))),
            None => here(shard),
        };
        Stopwatch::new(self.plan.budget).time(|| {
            if batch.len() == 1 {
                return self.processor.alone(|| pass((0, batch.clone())));
            }
            let shards = self.shards(&batch).into_iter().enumerate().collect();
            self.workers.each(shards, pass).into_iter().collect()
        })
    }

    fn train(&self, mut model: Model) -> Result<Option<Times>> {
        let batch = self.noise();
        let (train, method) = self.recipe();
        let stepper = self.stepper(&train, &method);
        let mut optimiser = AdamW::new(train.weight_decay);
        Stopwatch::new(self.plan.budget).time(|| {
            let shards = (self.shards(&batch), batch.len());
            model = stepper.step(model.clone(), &mut optimiser, None, shards, Ok, train.lr)?.0;
            Ok(())
        })
    }

    /// The times of the steps, and the fraction of them that waited for images.
    ///
    /// On the CPU the workers make the images themselves: all wait for all views, then each for its part of the batch, of
    /// which the slowest is what the step waits for. A card waits for the thread that makes its batches ahead of time.
    fn train_on_scenes(&self, mut model: Model) -> Result<(Option<Times>, f64)> {
        let (train, method) = self.recipe();
        let data = Data { image_size: self.preprocess.image_size, ..Data::default() };
        let set = data::open(&data, data::title(&data), Path::new("."))?;
        let recipe = Recipe { data, method: method.clone(), train: train.clone(), ..Recipe::default() };
        let maker = Maker {
            images: set.train.as_ref(),
            augment: Augment::new(&recipe)?,
            preprocess: &self.preprocess,
            classes: self.plan.classes,
            smoothing: train.smoothing,
            seed: train.seed,
        };
        let stepper = self.stepper(&train, &method);
        let mut optimiser = AdamW::new(train.weight_decay);
        let mut average = Some(model.clone());
        let mut stopwatch = Stopwatch::new(self.plan.budget);
        let count = stopwatch.most_calls() * self.plan.batch;
        let draws: Vec<Draw> = (0..count).map(|index| Draw { index, serial: index as u64 }).collect();
        let batches: Vec<&[Draw]> = draws.chunks_exact(self.plan.batch).collect();
        let (mut waited, mut spent) = (Duration::ZERO, Duration::ZERO);
        let mut began = Instant::now();
        let make = |draws: &[Draw]| maker.make(draws);
        Ahead::new(!self.processor.shares_batches(), &batches, &make).drive(|draws, ready| {
            let (stepped, waiting) = match ready {
                Some(batch) => {
                    let waiting = began.elapsed();
                    let shards = (vec![batch?], draws.len());
                    (stepper.step(model.clone(), &mut optimiser, None, shards, Ok, train.lr)?, waiting)
                }
                None => {
                    let views = self.workers.each(self.workers.shard(draws), |shard| maker.views(shard));
                    let views: Vec<Views> =
                        views.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
                    let viewed = began.elapsed();
                    let slowest = Mutex::new(Duration::ZERO);
                    let part = |range| {
                        let start = Instant::now();
                        let part = maker.part(draws, &views, range);
                        if let Ok(mut slowest) = slowest.lock() {
                            *slowest = start.elapsed().max(*slowest);
                        }
                        part
                    };
                    let shards = (self.workers.ranges(draws.len()), draws.len());
                    let stepped = stepper.step(model.clone(), &mut optimiser, None, shards, part, train.lr)?;
                    (stepped, viewed + slowest.into_inner().unwrap_or_default())
                }
            };
            model = stepped.0;
            average = average.take().map(|average| ema::update(average, &model, train.ema, optimiser.steps));
            let time = began.elapsed();
            began = Instant::now();
            if stopwatch.record(time) {
                (waited, spent) = (waited + waiting, spent + time);
            }
            Ok(if stopwatch.is_done() { Next::Leave } else { Next::Continue })
        })?;
        Ok((stopwatch.times(), waited.as_secs_f64() / spent.as_secs_f64().max(1e-9)))
    }

    fn recipe(&self) -> (Train, Method) {
        // The preset has the pooling of TAP in it.
        (
            Train { batch: self.plan.batch, precision: self.plan.precision, ..Train::default() },
            Method { adl: self.plan.subject.adl, ..Method::default() },
        )
    }

    fn stepper<'s>(&'s self, train: &'s Train, method: &'s Method) -> Stepper<'s> {
        let preprocess = &self.preprocess;
        let task = Task { train, method, preprocess, class_weights: None, labeler: None, teacher: None, epoch: 0 };
        Stepper { workers: self.workers, device: &self.processor.device, seats: &self.seats, task }
    }

    fn noise(&self) -> Batch {
        let (count, classes, size) = (self.plan.batch, self.plan.classes, self.preprocess.image_size);
        let mut random = stream(0, 0, "bench");
        let labels: Vec<usize> = (0..count).map(|_| random.random_range(0..classes)).collect();
        let mut targets = vec![0.0; count * classes];
        for (i, label) in labels.iter().enumerate() {
            targets[i * classes + label] = 1.0;
        }
        let pixels = (0..count * 3 * size * size).map(|_| random.random_range(-2.0..2.0)).collect();
        Batch { pixels, labels, targets, size, ..Batch::default() }
    }

    /// The batch, shared out; whole for a card.
    fn shards(&self, batch: &Batch) -> Vec<Batch> {
        let indices: Vec<usize> = (0..batch.len()).collect();
        let shards = if self.processor.shares_batches() { self.workers.shard(&indices) } else { vec![&indices[..]] };
        let cut = |values: &[f32], shard: &[usize]| {
            let each = values.len() / batch.len();
            values[shard[0] * each..(shard[0] + shard.len()) * each].to_vec()
        };
        let part = |shard: &[usize]| Batch {
            pixels: cut(&batch.pixels, shard),
            targets: cut(&batch.targets, shard),
            labels: shard.iter().map(|i| batch.labels[*i]).collect(),
            size: batch.size,
            ..Batch::default()
        };
        shards.into_iter().map(part).collect()
    }
}

/// Waits for the answer, as everybody who asks a card for one does.
fn read(logits: Tensor<2>) -> Result<()> {
    let data: TensorData = logits.into_data();
    ensure!(data.num_elements() > 0, "the engine gave no answer");
    Ok(())
}
