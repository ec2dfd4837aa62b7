//! e to the power of x without a branch, for loops over vectors.
//!
//! x = k·ln 2 + r with |r| ≤ ln 2 / 2; e^r is 1 + r + r²·Q(r), Q of degree 4 fitted to a relative error of 3·10⁻⁹, and 2^k is
//! put together from its bits. The error against 64-bit arithmetic is below one unit in the last place (a test measures it).

use std::f32::consts::LOG2_E;

/// ln 2 in two parts: the first has so few bits that k times it is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// Q(r), constant first.
const Q: [f32; 5] = [0.499_999_93, 0.166_665_2, 0.041_668_39, 0.008_368_745, 0.001_381_453_9];

/// Added to a small number, it leaves its nearest integer in the low bits.
const ROUNDER: f32 = 12_582_912.0;

/// Below it the result is zero: the last numbers before that would not be normal.
const LEAST: f32 = -87.33;
/// Above it the result is infinite.
const MOST: f32 = 88.72;

/// e^x. What is not a number stays so.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let inside = if x < LEAST { LEAST } else { x };
    let inside = if inside > MOST { MOST } else { inside };
    let shifted = inside * LOG2_E + ROUNDER;
    let k = shifted - ROUNDER;
    let r = inside - k * LN_2_HIGH - k * LN_2_LOW;
    let mut q = Q[4];
    for c in [Q[3], Q[2], Q[1], Q[0]] {
        q = q * r + c;
    }
    let fraction = q * (r * r) + r + 1.0;
    // 2^k is two factors: k may be 128, which no exponent holds.
    let bits = shifted.to_bits();
    let half = (bits.wrapping_sub(ROUNDER.to_bits()) as i32) >> 1;
    let rest = (bits.wrapping_sub(ROUNDER.to_bits()) as i32).wrapping_sub(half);
    let power = |k: i32| f32::from_bits((k.wrapping_add(127) as u32) << 23);
    let value = fraction * power(half) * power(rest);
    let value = if x < LEAST { 0.0 } else { value };
    if x > MOST { f32::INFINITY } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_below_one_unit_in_the_last_place() {
        let steps = 400_000;
        let mut worst = 0.0f64;
        for i in 0..=steps {
            let x = (-87.0 + 175.7 * f64::from(i) / f64::from(steps)) as f32;
            let exact = f64::from(x).exp();
            let unit = f64::from(f32::from_bits((exact as f32).to_bits() + 1)) - f64::from(exact as f32);
            worst = worst.max((f64::from(exp(x)) - exact).abs() / unit);
        }
        assert!(worst < 1.0, "{worst} units in the last place");
    }

    #[test]
    fn the_ends_are_zero_and_infinity() {
        assert_eq!(exp(-1000.0), 0.0);
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(1000.0), f32::INFINITY);
        assert_eq!(exp(f32::INFINITY), f32::INFINITY);
        assert!(exp(f32::NAN).is_nan());
    }
}
