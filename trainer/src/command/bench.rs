//! `vitro bench`: how long this machine takes for a forward pass and for a training step, on noise, with nothing to read.
//!
//! A training step is the whole of it: cross-entropy, gradients, clipping, AdamW, as `vitro train` does it, on all workers.

use std::time::Instant;

use anyhow::{Result, ensure};
use burn::Tensor;
use burn::module::Module;
use burn::tensor::TensorData;
use clap::Args;
use rand::RngExt;
use vitro::image::Preprocess;
use vitro::model::{Model, preset};
use vitro::random::stream;

use crate::adamw::AdamW;
use crate::data::batch::Batch;
use crate::device::{Choice, Processor};
use crate::job::processors;
use crate::recipe::{Method, Train};
use crate::train::loss::Task;
use crate::train::step::Stepper;
use crate::workers::Workers;

/// Calls before the clock counts: allocations, thread pools, shaders.
const WARM_UP: usize = 3;

/// What still fits a machine; more would end in an allocation that fails.
const MOST_IMAGES: usize = 4096;
const MOST_CLASSES: usize = 100_000;

/// Flags of `vitro bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    /// Models, by preset name.
    #[arg(default_values = ["vit_nano_p8_64", "vit_small_p8_64", "deit_tiny_patch16_224"], value_name = "PRESET")]
    models: Vec<String>,
    /// Batch sizes; a batch of one is not trained on.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 32], value_name = "N,…")]
    batch: Vec<usize>,
    /// Timed calls of each.
    #[arg(long, default_value_t = 10)]
    runs: usize,
    /// CPU workers; 0: one per core.
    #[arg(long, default_value_t = 0)]
    workers: usize,
    /// Number of classes [default: 1000 for deit presets, 10 for others].
    #[arg(long)]
    classes: Option<usize>,
    /// Device to compute on.
    #[arg(long, value_enum, default_value_t)]
    device: Choice,
    /// Prints comma-separated values.
    #[arg(long)]
    csv: bool,
}

/// What is timed.
struct Bench<'a> {
    model: Model,
    preprocess: Preprocess,
    classes: usize,
    processor: &'a Processor,
    workers: &'a Workers,
}

/// Times.
pub fn run(arguments: BenchArguments) -> Result<()> {
    ensure!(arguments.runs > 0, "--runs is 0; take at least 1");
    for &count in &arguments.batch {
        ensure!((1..=MOST_IMAGES).contains(&count), "--batch has {count}; take 1 to {MOST_IMAGES} images");
    }
    if let Some(classes) = arguments.classes {
        ensure!((1..=MOST_CLASSES).contains(&classes), "--classes is {classes}; take 1 to {MOST_CLASSES}");
    }
    let (processor, workers) = processors(arguments.device, arguments.workers)?;
    if arguments.csv {
        println!("preset,work,batch,median_ms,min_ms,images_per_s");
    } else {
        println!("{processor}, {} workers, {} runs each", workers.count(), arguments.runs);
    }
    for name in &arguments.models {
        let preset = preset(name)?;
        let classes = arguments.classes.unwrap_or(if name.ends_with("_224") { 1000 } else { 10 });
        let config = preset.config(classes);
        let model = config.init(&processor.device)?.valid();
        let preprocess = Preprocess::imagenet(config.image_size());
        let mut bench = Bench { model, preprocess, classes, processor: &processor, workers: &workers };
        for &count in &arguments.batch {
            let show = |work: &str, times: &[f64]| print(&arguments, name, work, count, times);
            show("forward", &bench.forward(count, arguments.runs)?);
            if count > 1 {
                show("train", &bench.train(count, arguments.runs)?);
            }
        }
    }
    Ok(())
}

impl Bench<'_> {
    /// Milliseconds of each forward pass, ascending.
    fn forward(&self, count: usize, runs: usize) -> Result<Vec<f64>> {
        let device = &self.processor.device;
        let batch = self.noise(count);
        let pass = |shard: Batch| read(self.model.forward(shard.tensor(device)));
        timed(runs, || {
            // One image has nothing to share out: the engine's own threads take it.
            if count == 1 {
                return pass(batch.clone());
            }
            self.workers.each(self.shards(&batch), pass).into_iter().collect()
        })
    }

    /// Milliseconds of each training step, ascending.
    fn train(&mut self, count: usize, runs: usize) -> Result<Vec<f64>> {
        let device = &self.processor.device;
        let batch = self.noise(count);
        let (train, method) = (Train::default(), Method { tap: 0, adl: 0.0, ..Method::default() });
        let task = Task {
            train: &train,
            method: &method,
            preprocess: &self.preprocess,
            labeler: None,
            teacher: None,
            epoch: 0,
        };
        let stepper = Stepper { workers: self.workers, device, task };
        let mut optimiser = AdamW::new(train.weight_decay);
        let mut model = self.model.clone();
        timed(runs, || {
            let shards = (self.shards(&batch), count);
            let step = stepper.step(model.clone(), &mut optimiser, None, shards, Ok, train.lr)?;
            model = step.0;
            Ok(())
        })
    }

    fn noise(&self, count: usize) -> Batch {
        let size = self.preprocess.image_size;
        let mut random = stream(0, 0, "bench");
        let labels: Vec<usize> = (0..count).map(|_| random.random_range(0..self.classes)).collect();
        let mut targets = vec![0.0; count * self.classes];
        for (i, label) in labels.iter().enumerate() {
            targets[i * self.classes + label] = 1.0;
        }
        let pixels = (0..count * 3 * size * size).map(|_| random.random_range(-2.0..2.0)).collect();
        Batch { pixels, labels, targets, size, ..Batch::default() }
    }

    /// The batch, shared out; whole for a card.
    fn shards(&self, batch: &Batch) -> Vec<Batch> {
        let indices: Vec<usize> = (0..batch.len()).collect();
        let shards = if self.processor.is_cpu { self.workers.shard(&indices) } else { vec![&indices[..]] };
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

fn timed(runs: usize, mut call: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    for _ in 0..WARM_UP {
        call()?;
    }
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let start = Instant::now();
        call()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

fn print(arguments: &BenchArguments, name: &str, work: &str, count: usize, times: &[f64]) {
    let (median, least) = (times[times.len() / 2], times[0]);
    let per_second = count as f64 / median * 1e3;
    if arguments.csv {
        println!("{name},{work},{count},{median:.2},{least:.2},{per_second:.1}");
    } else {
        println!(
            "{name:<24} {work:<8} b{count:<4} median {median:9.2} ms  min {least:9.2} ms  {per_second:9.1} images/s"
        );
    }
}
