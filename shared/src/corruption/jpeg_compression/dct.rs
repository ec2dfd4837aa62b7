//! The accurate integer DCT of libjpeg, its inverse, and the rounding of coefficients between them.
//!
//! Both are the 12-multiplication factorisation of Loeffler, Ligtenberg and Moschytz (1989) with 13 fraction bits. Eight
//! columns are transformed at once; rows are done as the columns of the transposed block.

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

/// Eight rows of eight.
type Block = [[i32; 8]; 8];

/// Transforms, rounds to multiples of `table` and transforms back every 8×8 block of a plane, in place.
pub(super) fn requantise(plane: &mut [u8], stride: usize, table: &[u16; 64]) {
    let reciprocals = Reciprocals::new(table);
    for band in plane.chunks_exact_mut(stride * 8) {
        for left in (0..stride).step_by(8) {
            let mut block = [[0; 8]; 8];
            for (y, row) in block.iter_mut().enumerate() {
                for (x, value) in row.iter_mut().enumerate() {
                    *value = i32::from(band[y * stride + left + x]) - 128;
                }
            }
            forward(&mut block);
            reciprocals.apply(&mut block);
            inverse(&mut block);
            for (y, row) in block.iter().enumerate() {
                for (x, value) in row.iter().enumerate() {
                    band[y * stride + left + x] = (value + 128).clamp(0, 255) as u8;
                }
            }
        }
    }
}

/// The quantisation table with what dividing by it needs.
struct Reciprocals {
    table: [[i32; 8]; 8],
    inverse: [[f32; 8]; 8],
}

impl Reciprocals {
    fn new(table: &[u16; 64]) -> Self {
        let table = std::array::from_fn(|y| std::array::from_fn(|x| i32::from(table[y * 8 + x])));
        Self { table, inverse: table.map(|row: [i32; 8]| row.map(|entry| 1.0 / (8 * entry) as f32)) }
    }

    /// Each coefficient (scaled by 8) to the nearest multiple of its entry, halves away from zero.
    ///
    /// `floor((|c| + 4q) / 8q)`: the quotient is at least 1/(8q) ≥ 1/2040 away from the next whole number from below, and
    /// the numerator is below 2¹⁶, so half a unit added to it makes the f32 product safe to cut.
    fn apply(&self, block: &mut Block) {
        for ((row, table), inverse) in block.iter_mut().zip(&self.table).zip(&self.inverse) {
            for ((value, entry), inverse) in row.iter_mut().zip(table).zip(inverse) {
                let numerator = (value.abs() + 4 * entry) as f32 + 0.5;
                let quotient = (numerator * inverse) as i32;
                *value = if *value < 0 { -quotient } else { quotient } * entry;
            }
        }
    }
}

fn forward(block: &mut Block) {
    transpose(block);
    forward_columns::<11>(block, |value| value << 2);
    transpose(block);
    forward_columns::<15>(block, rounded::<2>);
}

fn inverse(block: &mut Block) {
    inverse_columns::<11>(block);
    transpose(block);
    inverse_columns::<18>(block);
    transpose(block);
}

fn transpose(block: &mut Block) {
    let source = *block;
    for (y, row) in block.iter_mut().enumerate() {
        for (x, value) in row.iter_mut().enumerate() {
            *value = source[x][y];
        }
    }
}

fn rounded<const BITS: u32>(value: i32) -> i32 {
    (value + (1 << (BITS - 1))) >> BITS
}

/// Odd part shared by both directions: from the four odd inputs to the four odd outputs, before rounding.
fn odd(a: i32, b: i32, c: i32, d: i32) -> [i32; 4] {
    let z1 = -(a + d) * E;
    let z2 = -(b + c) * K;
    let z5 = (a + c + b + d) * F;
    let z3 = z5 - (a + c) * I;
    let z4 = z5 - (b + d) * B;
    [a * A + z1 + z3, b * J + z2 + z4, c * L + z2 + z3, d * G + z1 + z4]
}

fn forward_columns<const BITS: u32>(block: &mut Block, even: impl Fn(i32) -> i32) {
    let v = *block;
    for x in 0..8 {
        let s: [i32; 4] = std::array::from_fn(|i| v[i][x] + v[7 - i][x]);
        let t: [i32; 4] = std::array::from_fn(|i| v[i][x] - v[7 - i][x]);
        let e = [s[0] + s[3], s[1] + s[2], s[1] - s[2], s[0] - s[3]];
        let z = (e[2] + e[3]) * C;
        block[0][x] = even(e[0] + e[1]);
        block[4][x] = even(e[0] - e[1]);
        block[2][x] = rounded::<BITS>(z + e[3] * D);
        block[6][x] = rounded::<BITS>(z - e[2] * H);
        let [seven, five, three, one] = odd(t[3], t[2], t[1], t[0]);
        block[7][x] = rounded::<BITS>(seven);
        block[5][x] = rounded::<BITS>(five);
        block[3][x] = rounded::<BITS>(three);
        block[1][x] = rounded::<BITS>(one);
    }
}

fn inverse_columns<const BITS: u32>(block: &mut Block) {
    let v = *block;
    for x in 0..8 {
        let z = (v[2][x] + v[6][x]) * C;
        let p = [
            (v[0][x] + v[4][x]) * 8192,
            (v[0][x] - v[4][x]) * 8192,
            z - v[6][x] * H,
            z + v[2][x] * D,
        ];
        let even = [p[0] + p[3], p[1] + p[2], p[1] - p[2], p[0] - p[3]];
        let [y3, y2, y1, y0] = odd(v[7][x], v[5][x], v[3][x], v[1][x]);
        for (m, (even, odd)) in even.into_iter().zip([y0, y1, y2, y3]).enumerate() {
            block[m][x] = rounded::<BITS>(even + odd);
            block[7 - m][x] = rounded::<BITS>(even - odd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_block_has_only_its_mean() {
        let mut block = [[-28; 8]; 8];
        forward(&mut block);
        assert_eq!(block[0][0], -28 * 64);
        assert_eq!(block.iter().flatten().filter(|c| **c != 0).count(), 1);
        block[0][0] /= 8;
        inverse(&mut block);
        assert_eq!(block, [[-28; 8]; 8]);
    }

    #[test]
    fn rounding_is_to_the_nearest_multiple_halves_away_from_zero() {
        for entry in [1u16, 2, 3, 16, 99, 255] {
            let reciprocals = Reciprocals::new(&[entry; 64]);
            for value in -9000..9000 {
                let mut block = [[value; 8]; 8];
                reciprocals.apply(&mut block);
                let unit = 8 * i32::from(entry);
                let expected = value.signum() * ((value.abs() + unit / 2) / unit) * i32::from(entry);
                assert_eq!(block[3][5], expected, "{value} / {entry}");
            }
        }
    }
}
