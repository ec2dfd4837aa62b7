//! The inverse Fourier transform of a square of side 2ᵏ, unscaled.

use crate::lanes::widest;

/// A complex number: real part, imaginary part.
pub(super) type Complex = (f64, f64);

/// Lines that are transformed side by side, so that the compiler can do the same step of several at once.
const LANES: usize = 8;

/// One place of [`LANES`] lines: real parts, imaginary parts.
type Lanes = ([f64; LANES], [f64; LANES]);

/// Transforms `values` `[y, x]` of a square in place: first along x, then along y.
pub(super) fn inverse(values: &mut [Complex], side: usize) {
    let waves: Vec<Complex> = (0..side / 2)
        .map(|i| {
            let (sin, cos) = libm::sincos(std::f64::consts::TAU * i as f64 / side as f64);
            (cos, sin)
        })
        .collect();
    let bits = side.trailing_zeros();
    let mirrored = |at: usize| if bits == 0 { at } else { at.reverse_bits() >> (usize::BITS - bits) };
    let mut lines: Vec<Lanes> = vec![([0.0; LANES], [0.0; LANES]); side];
    // Distance of lines, distance of their places.
    for (line, place) in [(side, 1), (1, side)] {
        for first in (0..side).step_by(LANES) {
            let lanes = LANES.min(side - first);
            for (at, lines) in lines.iter_mut().enumerate() {
                let from = first * line + mirrored(at) * place;
                for lane in 0..lanes {
                    (lines.0[lane], lines.1[lane]) = values[from + lane * line];
                }
            }
            widest!(transform(&mut lines, &waves));
            for (at, lines) in lines.iter().enumerate() {
                let to = first * line + at * place;
                for lane in 0..lanes {
                    values[to + lane * line] = (lines.0[lane], lines.1[lane]);
                }
            }
        }
    }
}

/// Lines whose places are in bit-reversed order: decimation in time.
#[inline(always)]
fn transform(lines: &mut [Lanes], waves: &[Complex]) {
    let length = lines.len();
    let mut half = 1;
    while half < length {
        for block in lines.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((low, high), wave) in low.iter_mut().zip(high).zip(waves.iter().step_by(length / (2 * half))) {
                for lane in 0..LANES {
                    let (x, y) = (high.0[lane], high.1[lane]);
                    let turned = (x * wave.0 - y * wave.1, x * wave.1 + y * wave.0);
                    (high.0[lane], high.1[lane]) = (low.0[lane] - turned.0, low.1[lane] - turned.1);
                    (low.0[lane], low.1[lane]) = (low.0[lane] + turned.0, low.1[lane] + turned.1);
                }
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_coefficient_is_one_wave() {
        let mut values = vec![(0.0, 0.0); 64];
        values[2 * 8 + 3] = (1.0, 0.0);
        inverse(&mut values, 8);
        for (at, value) in values.iter().enumerate() {
            let angle = std::f64::consts::TAU * (2 * (at / 8) + 3 * (at % 8)) as f64 / 8.0;
            assert!((value.0 - angle.cos()).abs() < 1e-12 && (value.1 - angle.sin()).abs() < 1e-12);
        }
    }
}
