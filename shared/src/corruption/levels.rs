//! From bytes to the unit range and back.
//!
//! The generators work on `p / 255` and end with clip, ×255 and a cut toward zero. What should be a whole number can land
//! just below it and lose a level, so the order of these operations matters.

use crate::image::Rgb8;

/// `p / 255` for every byte.
pub(super) static UNIT: [f64; 256] = {
    let mut table = [0.0; 256];
    let mut value = 0;
    while value < 256 {
        table[value] = value as f64 / 255.0;
        value += 1;
    }
    table
};

/// `p / 255` in the unit range.
pub(super) fn unit(byte: u8) -> f64 {
    UNIT[usize::from(byte)]
}

/// Clip to the unit range, times 255, cut.
pub(super) fn to_byte(value: f64) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0) as u8
}

/// [`to_byte`] for numbers that the generators keep in f32.
pub(super) fn to_byte_single(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0) as u8
}

/// `a · b + c` in f32 rounded once, the same on platforms with and without the instruction.
pub(super) fn fused(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}

/// Each byte of `image` as `p / 255`, `[y, x, c]`.
pub(super) fn to_unit(image: &Rgb8) -> Vec<f64> {
    image.bytes().iter().map(|byte| unit(*byte)).collect()
}

/// [`to_unit`] rounded to f32.
pub(super) fn to_unit_single(image: &Rgb8) -> Vec<f32> {
    image.bytes().iter().map(|byte| unit(*byte) as f32).collect()
}

/// An image of the size of `like` from bytes `[y, x, c]`.
pub(super) fn like(like: &Rgb8, bytes: impl Iterator<Item = u8>) -> Rgb8 {
    Rgb8::from_parts(like.width(), like.height(), bytes.collect())
}

/// An image whose every byte is replaced by `f(byte, index)`.
pub(super) fn map_bytes(image: &Rgb8, f: impl Fn(u8, usize) -> u8) -> Rgb8 {
    let data = image.bytes().iter().enumerate().map(|(at, byte)| f(*byte, at)).collect();
    Rgb8::from_parts(image.width(), image.height(), data)
}
