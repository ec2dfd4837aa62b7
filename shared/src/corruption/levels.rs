//! From bytes to the unit range and back.
//!
//! The generators work on `p / 255` and end with clip, ×255 and a cut toward zero. What should be a whole number can land
//! just below it and lose a level, so the order of these operations matters.

use std::borrow::Cow;

use crate::image::Rgb8;
use crate::lanes::widest;

/// `p / 255` for every byte.
static UNIT: [f64; 256] = {
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

/// 1/255 in 45 bits, and what is missing.
const PART: f64 = f64::from_bits((1.0f64 / 255.0).to_bits() & !0xFF);
const REST: f64 = (1.0 - 255.0 * PART) / 255.0;

/// [`unit`] without a table, for loops over many bytes: the first product is exact, so the sum is rounded as the quotient is.
#[inline(always)]
pub(super) fn unit_of(byte: u8) -> f64 {
    f64::from(byte) * PART + f64::from(byte) * REST
}

/// Clip to the unit range, times 255, cut.
#[inline(always)]
pub(super) fn to_byte(value: f64) -> u8 {
    cut(value.clamp(0.0, 1.0) * 255.0)
}

/// [`to_byte`] for numbers that the generators keep in f32.
#[inline(always)]
pub(super) fn to_byte_single(value: f32) -> u8 {
    /// Adding it leaves no bits after the point.
    const WHOLE: f32 = (1u32 << 23) as f32;
    let value = value.clamp(0.0, 1.0) * 255.0;
    let near = value + WHOLE;
    (near.to_bits() as u8).wrapping_sub(u8::from(near - WHOLE > value))
}

/// A number of 0..256 cut toward zero, as `as u8` does it, but several at once.
#[inline(always)]
pub(super) fn cut(value: f64) -> u8 {
    let near = value + WHOLE;
    (near.to_bits() as u8).wrapping_sub(u8::from(near - WHOLE > value))
}

/// Adding it leaves no bits after the point, below zero neither.
const WHOLE: f64 = (3u64 << 51) as f64;

/// `f64::floor` of numbers within ±2⁵⁰, without a call and several at once.
#[inline(always)]
pub(super) fn floor(value: f64) -> f64 {
    let near = value + WHOLE - WHOLE;
    if near > value { near - 1.0 } else { near }
}

/// `a · b + c` in f32 rounded once, the same on platforms with and without the instruction.
#[inline(always)]
pub(super) fn fused(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}

/// Each byte of `image` as `p / 255`, `[y, x, c]`.
pub(super) fn to_unit(image: &Rgb8) -> Vec<f64> {
    let mut values = vec![0.0; image.bytes().len()];
    widest!(values.iter_mut().zip(image.bytes()).for_each(|(value, byte)| *value = unit_of(*byte)));
    values
}

/// [`to_unit`] rounded to f32.
pub(super) fn to_unit_single(image: &Rgb8) -> Vec<f32> {
    let mut values = vec![0.0; image.bytes().len()];
    widest!(values.iter_mut().zip(image.bytes()).for_each(|(value, byte)| *value = unit_of(*byte) as f32));
    values
}

/// [`to_unit_single`] as points of four values, the last of them 0.
pub(super) fn to_points(image: &Rgb8) -> Vec<[f32; 4]> {
    let point = |pixel: &[u8; 3]| [unit(pixel[0]) as f32, unit(pixel[1]) as f32, unit(pixel[2]) as f32, 0.0];
    image.bytes().as_chunks::<3>().0.iter().map(point).collect()
}

/// The image of the size of `like` whose bytes are [`to_byte`] of `values`.
pub(super) fn from_unit(like: &Rgb8, values: &[f64]) -> Rgb8 {
    let mut out = vec![0; values.len()];
    widest!(out.iter_mut().zip(values).for_each(|(out, value)| *out = to_byte(*value)));
    Rgb8::from_parts(like.width(), like.height(), out)
}

/// The image of the size of `like` whose bytes are `values` of 0..256, cut toward zero.
pub(super) fn from_levels(like: &Rgb8, values: &[f64]) -> Rgb8 {
    let mut out = vec![0; values.len()];
    widest!(out.iter_mut().zip(values).for_each(|(out, value)| *out = cut(*value)));
    Rgb8::from_parts(like.width(), like.height(), out)
}

/// The image whose bytes are [`to_byte`] of `f(p / 255, value)` for the value that belongs to each.
#[inline(always)]
pub(super) fn merged<T: Copy>(image: &Rgb8, values: &[T], f: impl Fn(f64, T) -> f64) -> Rgb8 {
    let mut out = image.clone();
    widest!(
        out.bytes_mut().iter_mut().zip(values).for_each(|(byte, value)| *byte = to_byte(f(unit_of(*byte), *value)))
    );
    out
}

/// `count` of `values`; missing ones are `missing`.
pub(super) fn completed<T: Copy>(values: &[T], count: usize, missing: T) -> Cow<'_, [T]> {
    if let Some(values) = values.get(..count) {
        return Cow::Borrowed(values);
    }
    let mut values = values.to_vec();
    values.resize(count, missing);
    Cow::Owned(values)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_over_255_needs_no_table() {
        assert!((0..=u8::MAX).all(|byte| unit_of(byte) == f64::from(byte) / 255.0 && unit(byte) == unit_of(byte)));
    }

    #[test]
    fn cutting_is_what_a_conversion_does() {
        for level in 0..=255u32 {
            let whole = f64::from(level);
            for value in [whole, whole.next_up(), whole.next_down().max(0.0), whole + 0.5, whole + 0.4999] {
                let value = value.min(255.0);
                assert_eq!(cut(value), value as u8, "{value}");
                assert_eq!([floor(value), floor(-value)], [value.floor(), (-value).floor()], "{value}");
                assert_eq!(to_byte(value / 255.0), ((value / 255.0).clamp(0.0, 1.0) * 255.0) as u8);
                let single = value as f32 / 255.0;
                for single in [single, single.next_up(), single.next_down()] {
                    assert_eq!(to_byte_single(single), (single.clamp(0.0, 1.0) * 255.0) as u8, "{single}");
                }
            }
        }
        assert_eq!([-1.0, 2.0, f64::INFINITY, f64::NEG_INFINITY].map(to_byte), [0, 255, 255, 0]);
    }

    #[test]
    fn missing_values_are_filled_in() {
        assert_eq!(*completed(&[1, 2, 3], 2, 9), [1, 2]);
        assert_eq!(*completed(&[1, 2, 3], 5, 9), [1, 2, 3, 9, 9]);
    }
}
