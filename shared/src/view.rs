//! The image that a comparison is about: the same pixels for the visitor and for every model.
//!
//! Whatever comes in is cut to its central square and resized to one side; corruptions act there, with the constants
//! made for that size; each model then makes its own input from the corrupted square. The page and the command line both
//! go this way, so they agree to the pixel.

use crate::corruption::{self, Corruption, Severity, Variant};
use crate::image::{Filter, Rgb8};

/// Side of the square, pixels: the size that the corruptions of ImageNet-C were made for.
pub const SIDE: usize = 224;

/// The square of an image that a comparison shows.
pub fn square(image: &Rgb8) -> Rgb8 {
    let square = image.center_square();
    if square.width() == SIDE { square } else { square.resize(SIDE, SIDE, Filter::Bicubic) }
}

/// Corrupts a [`square`] with the constants that fit its side.
pub fn corrupt(square: &Rgb8, corruption: &Corruption, severity: Severity, seed: u64) -> Rgb8 {
    corruption::corrupt(square, corruption, severity, Variant::ImageNet, seed)
}
