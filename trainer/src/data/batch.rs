//! From images to the numbers a model takes: `[b, 3, y, x]` and labels.

use anyhow::Result;
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use rayon::prelude::*;
use vitro::augment::mixup::{self, Mix};
use vitro::augment::paired::Pair;
use vitro::augment::random_erasing::RandomErasing;
use vitro::image::{Preprocess, Rgb8};
use vitro::random::stream;

use super::Images;
use super::augment::Augment;

/// Where one training image comes from.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Index of the image.
    pub index: usize,
    /// How many images were drawn before it since training began; names its augmentation.
    pub serial: u64,
}

/// Pixels and labels, still on the host.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Normalised, `[b, 3, y, x]`, flat.
    pub pixels: Vec<f32>,
    /// One per image; of a mixed one, that of the image and not of its partner.
    pub labels: Vec<usize>,
    /// Smoothed and mixed targets, `[b, classes]`, flat; empty outside of training.
    pub targets: Vec<f32>,
    /// What a labeler sees, laid out like `pixels`; empty without one.
    pub teacher: Vec<f32>,
    /// How many images were drawn before the first; names the chance within the step.
    pub serial: u64,
    /// Side of an image.
    pub size: usize,
}

/// Makes training batches.
pub struct Maker<'a> {
    /// Where images come from.
    pub images: &'a dyn Images,
    /// What is done to them.
    pub augment: Augment,
    /// How they become input.
    pub preprocess: &'a Preprocess,
    /// Number of classes.
    pub classes: usize,
    /// Label smoothing.
    pub smoothing: f64,
    /// Seed of the training.
    pub seed: u64,
}

/// The views of one image.
struct Views {
    student: Rgb8,
    teacher: Option<Rgb8>,
    label: usize,
}

impl Maker<'_> {
    /// The images of `draws`, augmented: a function of the seed and the draws alone, whatever worker runs it.
    pub fn make(&self, draws: &[Draw]) -> Result<Batch> {
        let views = draws.par_iter().map(|draw| self.views(draw)).collect::<Result<Vec<_>>>()?;
        let side = self.preprocess.image_size;
        let count = views.len();
        let serial = draws.first().map_or(0, |draw| draw.serial);
        let mut batch = Batch { size: side, serial, ..Batch::default() };
        batch.labels.extend(views.iter().map(|view| view.label));
        for teacher in views.iter().filter_map(|view| view.teacher.as_ref()) {
            self.preprocess.normalise(teacher, &mut batch.teacher);
        }
        let mut students: Vec<Rgb8> = views.into_iter().map(|view| view.student).collect();
        let mixes = match &self.augment.mixup {
            Some(mixup) => mixup.plan(&mut stream(self.seed, serial, "mixup"), count, side, side),
            None => vec![Mix::Keep; count],
        };
        if self.augment.mixup.is_some() {
            students = mixup::apply(&mixes, &students)?;
        }
        for (i, (student, draw)) in students.iter().zip(draws).enumerate() {
            let (label, partner) = (batch.labels[i], batch.labels[count - 1 - i]);
            batch.targets.extend(mixes[i].target(label, partner, self.classes, self.smoothing));
            let start = batch.pixels.len();
            self.preprocess.normalise(student, &mut batch.pixels);
            let erasing = self.augment.erasing.as_ref();
            let plan =
                |erasing: &RandomErasing| erasing.plan(&mut stream(self.seed, draw.serial, "erasing"), side, side);
            if let Some(erasure) = erasing.and_then(plan) {
                erasure.apply(&mut batch.pixels[start..], side, side)?;
            }
        }
        Ok(batch)
    }

    fn views(&self, draw: &Draw) -> Result<Views> {
        let sample = self.images.sample(draw.index)?;
        let image = &sample.image;
        let mut random = stream(self.seed, draw.serial, "augment");
        let plan = self.augment.views.plan(&mut random, image.width(), image.height());
        let label = sample.label;
        if self.augment.paired {
            let Pair { teacher, student } = plan.both(image);
            return Ok(Views { student, teacher: Some(teacher), label });
        }
        Ok(Views { student: plan.student(image), teacher: None, label })
    }
}

impl Batch {
    /// What `make` makes of each item: an image of the model's size and its label. Uses the threads of the worker.
    pub fn of<T: Sync>(
        items: &[T],
        make: impl Fn(&T) -> Result<(Rgb8, usize)> + Sync + Send,
        preprocess: &Preprocess,
    ) -> Result<Self> {
        let made = items.par_iter().map(make).collect::<Result<Vec<_>>>()?;
        let mut batch = Self { size: preprocess.image_size, ..Self::default() };
        for (image, label) in made {
            preprocess.normalise(&image, &mut batch.pixels);
            batch.labels.push(label);
        }
        Ok(batch)
    }

    /// How many images there are.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The pixels as a tensor `[b, 3, y, x]`.
    pub fn tensor(self, device: &Device) -> Tensor<4> {
        let shape = [self.labels.len(), 3, self.size, self.size];
        Tensor::from_data(TensorData::new(self.pixels, shape), device)
    }
}
