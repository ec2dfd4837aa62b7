//! From pictures to the numbers a model takes: `[b, 3, y, x]` and labels.

use anyhow::Result;
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use rayon::prelude::*;
use vitro::image::{Preprocess, Rgb8};
use vitro::random::stream;

use super::Pictures;
use super::augment::Augment;

/// Where one training picture comes from.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Index of the picture.
    pub index: usize,
    /// How many pictures were drawn before it since training began; names its augmentation.
    pub serial: u64,
}

/// Pixels and labels, still on the host.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Normalised, `[b, 3, y, x]`, flat.
    pub pixels: Vec<f32>,
    /// One per picture.
    pub labels: Vec<usize>,
    /// Side of a picture.
    pub size: usize,
}

impl Batch {
    /// Training pictures, augmented. A function of the seed and the draws alone, whatever worker runs it.
    pub fn train(
        pictures: &dyn Pictures,
        draws: &[Draw],
        augment: &Augment,
        preprocess: &Preprocess,
        seed: u64,
    ) -> Result<Self> {
        let draw = |draw: &Draw| {
            let sample = pictures.sample(draw.index)?;
            let picture = augment.apply(&sample.picture, &mut stream(seed, draw.serial, "augment"));
            Ok((picture, sample.label))
        };
        Self::of(draws, draw, preprocess)
    }

    /// What `make` makes of each item: a picture of the model's size and its label. Uses the threads of the worker.
    pub fn of<T: Sync>(
        items: &[T],
        make: impl Fn(&T) -> Result<(Rgb8, usize)> + Sync + Send,
        preprocess: &Preprocess,
    ) -> Result<Self> {
        let made = items.par_iter().map(make).collect::<Result<Vec<_>>>()?;
        let mut batch = Self { size: preprocess.image_size, ..Self::default() };
        for (picture, label) in made {
            preprocess.normalise(&picture, &mut batch.pixels);
            batch.labels.push(label);
        }
        Ok(batch)
    }

    /// How many pictures there are.
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
