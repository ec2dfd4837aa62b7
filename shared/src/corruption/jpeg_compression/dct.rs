//! The accurate integer DCT of libjpeg, its inverse, and the rounding of coefficients between them.
//!
//! Both are the 12-multiplication factorisation of Loeffler, Ligtenberg and Moschytz (1989) with 13 fraction bits. Eight
//! columns are transformed at once; rows are done as the columns of the transposed block. Products with a common factor are
//! regrouped so that only sums of two values are multiplied.

use crate::lanes::widest;

const fn fixed(value: f64) -> i32 {
    (value * 8192.0 + 0.5) as i32
}

const A: i32 = fixed(0.298_631_336);
const B: i32 = fixed(0.390_180_644);
const C: i32 = fixed(0.541_196_100);
const D: i32 = fixed(0.765_366_865);
const E: i32 = fixed(0.899_976_223);
const F: i32 = fixed(1.175_875_602);
const G: i32 = fixed(1.501_321_110);
const H: i32 = fixed(1.847_759_065);
const I: i32 = fixed(1.961_570_560);
const J: i32 = fixed(2.053_119_869);
const K: i32 = fixed(2.562_915_447);
const L: i32 = fixed(3.072_711_026);

/// Eight rows of eight. Every value fits 16 bits, which lets the compiler multiply eight of them at once.
pub(super) type Block = [[i16; 8]; 8];

/// Transforms, rounds to multiples of `table` and transforms back every 8×8 block of a plane, in place.
pub(super) fn requantise(plane: &mut [u8], stride: usize, table: &[u16; 64]) {
    let steps = Steps::new(table);
    plane.chunks_exact_mut(stride * 8).for_each(|band| widest!(requantise_band(band, stride, &steps)));
}

#[inline(always)]
fn requantise_band(band: &mut [u8], stride: usize, steps: &Steps) {
    for left in (0..stride).step_by(8) {
        let mut block = forward(load(band, stride, left));
        steps.round(&mut block);
        let block = inverse(block);
        for (row, bytes) in block.iter().zip(band.chunks_exact_mut(stride)) {
            for (value, byte) in row.iter().zip(&mut bytes[left..left + 8]) {
                *byte = (value + 128).clamp(0, 255) as u8;
            }
        }
    }
}

/// The coefficients of every block of a plane, `[band, column, y, x]`, as multiples of their entries of `table`.
pub(super) fn coefficients(plane: &[u8], stride: usize, table: &[u16; 64]) -> Vec<Block> {
    let steps = Steps::new(table);
    let mut blocks = Vec::with_capacity(plane.len() / 64);
    for band in plane.chunks_exact(stride * 8) {
        for left in (0..stride).step_by(8) {
            let mut block = forward(load(band, stride, left));
            steps.round(&mut block);
            for (value, entry) in block.iter_mut().flatten().zip(table) {
                *value /= *entry as i16;
            }
            blocks.push(block);
        }
    }
    blocks
}

/// The block of a band of eight rows that begins at column `left`, around zero.
#[inline(always)]
fn load(band: &[u8], stride: usize, left: usize) -> Block {
    let mut block = [[0; 8]; 8];
    for (row, bytes) in block.iter_mut().zip(band.chunks_exact(stride)) {
        for (value, byte) in row.iter_mut().zip(&bytes[left..left + 8]) {
            *value = i16::from(*byte) - 128;
        }
    }
    block
}

/// The quantisation table with what dividing by it needs.
struct Steps {
    table: [[i16; 8]; 8],
    /// `2^(16 + s) / 4q`, rounded up, with the largest `s` for which it fits 16 bits.
    inverse: [[u16; 8]; 8],
    /// `2^(16 - s)`: times this and shifted by 16 is shifted by `s`.
    shift: [[u16; 8]; 8],
}

impl Steps {
    fn new(table: &[u16; 64]) -> Self {
        let square = |f: &dyn Fn(u32) -> u16| -> [[u16; 8]; 8] {
            std::array::from_fn(|y| std::array::from_fn(|x| f(4 * u32::from(table[y * 8 + x]))))
        };
        let bits = |divisor: u32| (divisor - 1).ilog2();
        Self {
            table: std::array::from_fn(|y| std::array::from_fn(|x| table[y * 8 + x] as i16)),
            inverse: square(&|divisor| (1u32 << (16 + bits(divisor))).div_ceil(divisor) as u16),
            shift: square(&|divisor| (1u32 << (16 - bits(divisor))) as u16),
        }
    }

    /// Each coefficient (scaled by 8) to the nearest multiple of its entry, halves away from zero.
    ///
    /// `floor((|c| + 4q) / 8q)` = `floor(n / 4q)` with `n = floor((|c| + 4q) / 2)` below 2¹⁵. The inverse is too large by less
    /// than one, so `n` times it is too large by less than 2¹⁵ ≤ 2^(16 + s) / 4q: never enough for the next quotient.
    #[inline(always)]
    fn round(&self, block: &mut Block) {
        let high = |a: u16, b: u16| ((u32::from(a) * u32::from(b)) >> 16) as u16;
        for (((row, table), inverse), shift) in block.iter_mut().zip(&self.table).zip(&self.inverse).zip(&self.shift) {
            for (((value, entry), inverse), shift) in row.iter_mut().zip(table).zip(inverse).zip(shift) {
                let n = (value.unsigned_abs() + 4 * *entry as u16) >> 1;
                let size = high(high(n, *inverse), *shift) as i16 * entry;
                *value = if *value < 0 { -size } else { size };
            }
        }
    }
}

#[inline(always)]
fn forward(block: Block) -> Block {
    let rows = forward_columns::<11>(&transposed(&block), |value| value << 2);
    forward_columns::<15>(&transposed(&rows), rounded::<2>)
}

#[inline(always)]
fn inverse(block: Block) -> Block {
    if block[0][1..].iter().chain(block[1..].iter().flatten()).all(|value| *value == 0) {
        return [[(4 * block[0][0] + 16) >> 5; 8]; 8];
    }
    let columns = inverse_columns::<11>(&block);
    transposed(&inverse_columns::<18>(&transposed(&columns)))
}

#[inline(always)]
fn transposed(block: &Block) -> Block {
    std::array::from_fn(|y| std::array::from_fn(|x| block[x][y]))
}

#[inline(always)]
fn rounded<const BITS: u32>(value: i32) -> i32 {
    (value + (1 << (BITS - 1))) >> BITS
}

/// A value that fits 16 bits times a constant.
#[inline(always)]
fn times(value: i16, constant: i32) -> i32 {
    i32::from(value) * constant
}

/// Odd part shared by both directions: from the four odd inputs to the four odd outputs, before rounding.
#[inline(always)]
fn odd(a: i16, b: i16, c: i16, d: i16) -> [i32; 4] {
    let (ad, bc, ac, bd) = (a + d, b + c, a + c, b + d);
    let z1 = -times(ad, E);
    let z2 = -times(bc, K);
    let z3 = times(ac, F - I) + times(bd, F);
    let z4 = times(bd, F - B) + times(ac, F);
    [times(a, A) + z1 + z3, times(b, J) + z2 + z4, times(c, L) + z2 + z3, times(d, G) + z1 + z4]
}

#[inline(always)]
fn forward_columns<const BITS: u32>(v: &Block, even: impl Fn(i32) -> i32) -> Block {
    let mut out = [[0; 8]; 8];
    for x in 0..8 {
        let s: [i16; 4] = std::array::from_fn(|i| v[i][x] + v[7 - i][x]);
        let t: [i16; 4] = std::array::from_fn(|i| v[i][x] - v[7 - i][x]);
        let e = [s[0] + s[3], s[1] + s[2], s[1] - s[2], s[0] - s[3]];
        out[0][x] = even(i32::from(e[0]) + i32::from(e[1])) as i16;
        out[4][x] = even(i32::from(e[0]) - i32::from(e[1])) as i16;
        out[2][x] = rounded::<BITS>(times(e[2], C) + times(e[3], C + D)) as i16;
        out[6][x] = rounded::<BITS>(times(e[3], C) + times(e[2], C - H)) as i16;
        let [seven, five, three, one] = odd(t[3], t[2], t[1], t[0]);
        out[7][x] = rounded::<BITS>(seven) as i16;
        out[5][x] = rounded::<BITS>(five) as i16;
        out[3][x] = rounded::<BITS>(three) as i16;
        out[1][x] = rounded::<BITS>(one) as i16;
    }
    out
}

#[inline(always)]
fn inverse_columns<const BITS: u32>(v: &Block) -> Block {
    let mut out = [[0; 8]; 8];
    for x in 0..8 {
        let (zero, four) = (i32::from(v[0][x]) << 13, i32::from(v[4][x]) << 13);
        let p = [
            zero + four,
            zero - four,
            times(v[2][x], C) + times(v[6][x], C - H),
            times(v[6][x], C) + times(v[2][x], C + D),
        ];
        let even = [p[0] + p[3], p[1] + p[2], p[1] - p[2], p[0] - p[3]];
        let [y3, y2, y1, y0] = odd(v[7][x], v[5][x], v[3][x], v[1][x]);
        for (m, (even, odd)) in even.into_iter().zip([y0, y1, y2, y3]).enumerate() {
            out[m][x] = rounded::<BITS>(even + odd) as i16;
            out[7 - m][x] = rounded::<BITS>(even - odd) as i16;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_block_has_only_its_mean() {
        let mut block = forward([[-28; 8]; 8]);
        assert_eq!(block[0][0], -28 * 64);
        assert_eq!(block.iter().flatten().filter(|c| **c != 0).count(), 1);
        block[0][0] /= 8;
        assert_eq!(inverse(block), [[-28; 8]; 8]);
    }

    #[test]
    fn rounding_is_to_the_nearest_multiple_halves_away_from_zero() {
        for entry in 1u16..=255 {
            let steps = Steps::new(&[entry; 64]);
            for first in (-16_384i16..16_384).step_by(64) {
                let mut block: Block = std::array::from_fn(|y| std::array::from_fn(|x| first + (y * 8 + x) as i16));
                steps.round(&mut block);
                for (at, value) in block.iter().flatten().enumerate() {
                    let (wide, unit) = (i32::from(first) + at as i32, 8 * i32::from(entry));
                    let expected = wide.signum() * ((wide.abs() + unit / 2) / unit) * i32::from(entry);
                    assert_eq!(i32::from(*value), expected, "{wide} / {entry}");
                }
            }
        }
    }
}
