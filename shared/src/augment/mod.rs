//! Training augmentation: what happens to an image between the dataset and the model.
//!
//! Every augmentation is in two parts. A sampler (`RandAugment::plan`, `Mixup::plan`, …) turns a ChaCha8 stream into
//! decisions, which are plain data; applying decisions to images is arithmetic without chance. So a run can be repeated,
//! two branches can share decisions, and stored decisions of the published code give its stored bytes.
//!
//! [`randaugment`] or [`color_jitter`] changes one image, [`paired`] prepares the two views of self-emerging token labeling,
//! [`random_corruption`] corrupts, [`augmix`] blends the image with alterations of itself, [`mixup`] mixes a batch and
//! [`random_erasing`] blanks a box of the normalised input, in this order.

mod beta;
mod dirichlet;
mod draw;
mod error;

pub mod augmix;
pub mod color_jitter;
pub mod mixup;
pub mod paired;
pub mod randaugment;
pub mod random_corruption;
pub mod random_crop;
pub mod random_erasing;

pub use error::AugmentError;

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::image::Filter;

/// How a crop or a geometric operation reads between pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Interpolation {
    /// Two by two pixels.
    Bilinear,
    /// Four by four pixels.
    Bicubic,
}

impl Interpolation {
    /// Either, as timm's "random" does.
    pub fn draw(random: &mut ChaCha8Rng) -> Self {
        if draw::chance(random, 0.5) { Self::Bicubic } else { Self::Bilinear }
    }
}

impl From<Interpolation> for Filter {
    fn from(interpolation: Interpolation) -> Self {
        match interpolation {
            Interpolation::Bilinear => Self::Bilinear,
            Interpolation::Bicubic => Self::Bicubic,
        }
    }
}

/// A rectangle of pixels; it may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Left column.
    pub x: usize,
    /// Top row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Window {
    /// Whether the rectangle lies inside an image of `width`×`height`.
    pub fn fits(&self, width: usize, height: usize) -> bool {
        let inside = |start: usize, length: usize, side: usize| start <= side && length <= side - start;
        inside(self.x, self.width, width) && inside(self.y, self.height, height)
    }
}
