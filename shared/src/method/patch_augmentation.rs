//! Patch-wise augmentation, from "Towards Robust Vision Transformer": every patch of a training image is cropped, made
//! noisy or flipped by itself, so that a network cannot lean on any single patch.
//!
//! As released, the crop is all or nothing: with probability 0.1 every patch of the batch gets a window of its own, else
//! none does. The released recipe adds the gradient of cross-entropy on the augmented images to that of the whole loss on
//! the clean ones, then takes one step; the attention diversification loss sees the clean images only.
//!
//! Windows have whole pixels, as in the library that the released code uses: a side is drawn up to ten times until it is
//! shorter than the patch, and if it never is, the window is the whole patch. Patches of 16 get windows of 15; patches of
//! 4 are never cropped.
//!
//! [`Draws`] holds the random part, so that the arithmetic can be fed with any numbers.

use burn::prelude::*;
use burn::tensor::TensorData;
use thiserror::Error;

use crate::random::normal::{normals, uniform};
use crate::random::stream;

/// Probability that all patches of a batch are cropped, and for each patch that it is made noisy, and that it is flipped.
const PROBABILITY: f64 = 0.1;

/// Least fraction of a patch's area that a window keeps.
const LEAST_AREA: f64 = 0.85;

/// How often a window is drawn before the whole patch is taken.
const TRIES: usize = 10;

/// Deviation of the noise, in units of the normalised image.
const NOISE: f32 = 0.01;

/// Augments the patches of normalised images.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchAugmentation {
    /// Side of a patch, pixels; see [`Self::patch_side`].
    pub side: usize,
    /// What normalisation subtracted from each channel, in units of 0..1.
    pub mean: [f32; 3],
    /// What normalisation divided each channel by, in units of 0..1.
    pub std: [f32; 3],
}

/// The random part for all patches of a batch, image by image, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Draws {
    /// A window for each patch, or none for any.
    pub windows: Option<Vec<Window>>,
    /// What is added to each patch, `[p, 3, side, side]`, last axis fastest.
    pub noise: Vec<f32>,
    /// Whether each patch is flipped left to right.
    pub flips: Vec<bool>,
}

/// A square window of a patch, pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Rows and columns.
    pub side: usize,
}

/// Why patches cannot be augmented.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PatchAugmentationError {
    /// Images are not whole patches.
    #[error(
        "images of {columns} × {rows} pixels cannot be cut into patches of {side}; choose a side that divides both"
    )]
    SideDoesNotDivide {
        /// Height of the images.
        rows: usize,
        /// Width of the images.
        columns: usize,
        /// Side of a patch.
        side: usize,
    },
    /// The random part is for another batch.
    #[error("{given} patches were drawn for, but the images have {needed}; draw for as many")]
    Draws {
        /// Patches that the draws are for.
        given: usize,
        /// Patches of the images.
        needed: usize,
    },
}

impl PatchAugmentation {
    /// The released patch side for square images of this side: 4 at 32 pixels, else 16.
    pub fn patch_side(image_size: usize) -> usize {
        if image_size == 32 { 4 } else { 16 }
    }

    /// Draws for `patches` patches of training step `step`.
    pub fn draw(&self, patches: usize, seed: u64, step: u64) -> Draws {
        let mut random = stream(seed, step, "patch_augmentation");
        let windows = (uniform(&mut random) < PROBABILITY)
            .then(|| (0..patches).map(|_| Window::draw(self.side, || uniform(&mut random))).collect());
        let mut chosen = || (0..patches).map(|_| uniform(&mut random) < PROBABILITY).collect::<Vec<bool>>();
        let (noisy, flips) = (chosen(), chosen());
        let values = 3 * self.side * self.side;
        let mut noise = vec![0.0; patches * values];
        for (patch, _) in noise.chunks_exact_mut(values.max(1)).zip(noisy).filter(|(_, noisy)| *noisy) {
            let normals = normals(&mut random, values);
            patch.iter_mut().zip(normals).for_each(|(value, normal)| *value = NOISE * normal);
        }
        Draws { windows, noise, flips }
    }

    /// Normalised images `[b, 3, y, x]` → the same with crop, noise and flip in this order, within the range of pixels.
    pub fn apply(&self, images: Tensor<4>, draws: &Draws) -> Result<Tensor<4>, PatchAugmentationError> {
        let [b, c, rows, columns] = images.dims();
        let needed = b * (rows / self.side.max(1)) * (columns / self.side.max(1));
        let windows = draws.windows.as_ref().map_or(needed, Vec::len);
        let noisy = draws.noise.len() / (c * self.side * self.side).max(1);
        for given in [windows, draws.flips.len(), noisy] {
            if given != needed {
                return Err(PatchAugmentationError::Draws { given, needed });
            }
        }
        self.each_patch(images, |patches| {
            let shape = patches.dims();
            let noise = TensorData::new(draws.noise.clone(), shape);
            let noise = Tensor::from_data(noise, &patches.device());
            let patches = match &draws.windows {
                Some(windows) => crop(patches, windows),
                None => patches,
            };
            flip(patches + noise, &draws.flips)
        })
    }

    /// Cuts images `[b, 3, y, x]` into patches `[p, 3, side, side]`, transforms them, puts them back, and holds each
    /// channel to the normalised range of pixels. Patches are in order of image, row, column.
    pub fn each_patch(
        &self,
        images: Tensor<4>,
        transform: impl FnOnce(Tensor<4>) -> Tensor<4>,
    ) -> Result<Tensor<4>, PatchAugmentationError> {
        let ([b, c, rows, columns], side) = (images.dims(), self.side);
        if side == 0 || rows % side != 0 || columns % side != 0 {
            return Err(PatchAugmentationError::SideDoesNotDivide { rows, columns, side });
        }
        let (down, across) = (rows / side, columns / side);
        let count = b * down * across;
        let patches = images.reshape([b, c, down, side, across, side]).permute([0, 2, 4, 1, 3, 5]);
        let images = transform(patches.reshape([count, c, side, side]))
            .reshape([b, down, across, c, side, side])
            .permute([0, 3, 1, 4, 2, 5])
            .reshape([b, c, rows, columns]);
        let bound = |pixel: f32| {
            let values: Vec<f32> = self.mean.iter().zip(self.std).map(|(mean, std)| (pixel - mean) / std).collect();
            Tensor::<4>::from_data(TensorData::new(values, [1, 3, 1, 1]), &images.device()).expand(images.dims())
        };
        let (lower, upper) = (bound(0.0), bound(1.0));
        Ok(images.max_pair(lower).min_pair(upper))
    }
}

impl Window {
    fn draw(patch: usize, mut uniform: impl FnMut() -> f64) -> Self {
        let area = (patch * patch) as f64;
        let mut draw_side = || ((LEAST_AREA + (1.0 - LEAST_AREA) * uniform()) * area).sqrt().round() as usize;
        let side = (0..TRIES).map(|_| draw_side()).find(|side| (1..patch).contains(side)).unwrap_or(patch);
        let mut place = || (uniform() * (patch - side + 1) as f64) as usize;
        Self { top: place(), left: place(), side }
    }
}

/// Resizes a window of each patch to the whole patch, bilinear, corner pixels on corner pixels: `[p, c, s, s]` → the same.
pub fn crop(patches: Tensor<4>, windows: &[Window]) -> Tensor<4> {
    let [count, _, side, _] = patches.dims();
    let device = patches.device();
    let along = |start: fn(&Window) -> usize| {
        let values: Vec<f32> = windows.iter().flat_map(|window| resampling(side, start(window), window.side)).collect();
        Tensor::<4>::from_data(TensorData::new(values, [count, 1, side, side]), &device)
    };
    along(|window| window.top).matmul(patches).matmul(along(|window| window.left).swap_dims(2, 3))
}

/// Flips the chosen patches left to right: `[p, c, s, s]` → the same.
pub fn flip(patches: Tensor<4>, chosen: &[bool]) -> Tensor<4> {
    let marks: Vec<f32> = chosen.iter().map(|chosen| f32::from(u8::from(*chosen))).collect();
    let marks = Tensor::<4>::from_data(TensorData::new(marks, [chosen.len(), 1, 1, 1]), &patches.device());
    let mask = marks.expand(patches.dims()).greater_elem(0.5);
    let flipped = patches.clone().flip([3]);
    patches.mask_where(mask, flipped)
}

/// The matrix `[length, length]` that stretches `size` pixels from `start` on over `length` pixels.
fn resampling(length: usize, start: usize, size: usize) -> Vec<f32> {
    let mut matrix = vec![0.0; length * length];
    for (i, row) in matrix.chunks_exact_mut(length).enumerate() {
        let place = i as f64 * (size - 1) as f64 / (length.max(2) - 1) as f64;
        let (near, fraction) = (place as usize, place.fract() as f32);
        row[start + near] += 1.0 - fraction;
        if fraction > 0.0 {
            row[start + near + 1] += fraction;
        }
    }
    matrix
}
