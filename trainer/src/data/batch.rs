//! From images to the numbers a model takes: `[b, 3, y, x]` and labels.

use std::ops::Range;

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

/// The views of one image, before it is mixed.
pub struct Views {
    student: Rgb8,
    teacher: Option<Rgb8>,
    label: usize,
}

impl Maker<'_> {
    /// The images of `draws`, augmented and mixed with each other: a function of the seed and the draws alone.
    pub fn make(&self, draws: &[Draw]) -> Result<Batch> {
        self.part(draws, &self.views(draws)?, 0..draws.len())
    }

    /// The images of `draws`, augmented, before they are mixed.
    pub fn views(&self, draws: &[Draw]) -> Result<Vec<Views>> {
        draws.par_iter().map(|draw| self.view(draw)).collect()
    }

    /// The images `range` of a batch, of which `views` are all. An image may be mixed with one outside of the range, so
    /// the workers that share a batch make together what one makes alone.
    pub fn part(&self, draws: &[Draw], views: &[Views], range: Range<usize>) -> Result<Batch> {
        let side = self.preprocess.image_size;
        let serial = |draws: &[Draw]| draws.first().map_or(0, |draw| draw.serial);
        let mixes = match &self.augment.mixup {
            Some(mixup) => mixup.plan(&mut stream(self.seed, serial(draws), "mixup"), views.len(), side, side),
            None => vec![Mix::Keep; views.len()],
        };
        let students: Vec<&Rgb8> = views.iter().map(|view| &view.student).collect();
        let mut batch = Batch { size: side, serial: serial(&draws[range.clone()]), ..Batch::default() };
        for index in range {
            let (view, mix, draw) = (&views[index], &mixes[index], &draws[index]);
            if let Some(teacher) = &view.teacher {
                self.preprocess.normalise(teacher, &mut batch.teacher);
            }
            batch.labels.push(view.label);
            let partner = views[mixup::partner(index, views.len())].label;
            batch.targets.extend(mix.target(view.label, partner, self.classes, self.smoothing));
            let start = batch.pixels.len();
            match mix {
                Mix::Keep => self.preprocess.normalise(&view.student, &mut batch.pixels),
                mix => self.preprocess.normalise(&mixup::mixed(mix, &students, index)?, &mut batch.pixels),
            }
            let erasing = self.augment.erasing.as_ref();
            let plan =
                |erasing: &RandomErasing| erasing.plan(&mut stream(self.seed, draw.serial, "erasing"), side, side);
            if let Some(erasure) = erasing.and_then(plan) {
                erasure.apply(&mut batch.pixels[start..], side, side)?;
            }
        }
        Ok(batch)
    }

    fn view(&self, draw: &Draw) -> Result<Views> {
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
