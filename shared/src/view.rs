//! The square image that a visitor sees, and its corruption at full size.
//!
//! Whatever comes in is cut to its central square and resized to one side; corruptions act there, with the constants made for
//! that size. A comparison of models takes another way, the one they were measured on: [`crate::measurement`] prepares the
//! image for the model and corrupts it there. On request models see the corrupted square instead, each through its own
//! preparation; nothing was measured so. The page and the command line go the same ways, so they agree to the pixel.

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
