//! Random fields with a given spectrum, for [`blue_noise_sample`](super::blue_noise_sample) and
//! [`brownish_noise`](super::brownish_noise) (arXiv 2102.11273).
//!
//! Phases are drawn for the left half and turned by 180° into the right one without changing their sign, so the spectrum is
//! not Hermitian, and half of the structure leaves with the imaginary part. Kept as published.
//!
//! The transform is rustfft without its vector code, whose sums depend on the processor.

use std::sync::Arc;

use rustfft::Fft;
use rustfft::num_complex::Complex;

/// Larger fields repeat.
const MOST: usize = 2048;

/// The phases of one field on [0, 1), of a whole turn.
pub struct Phases<'a> {
    /// The left half, `[n, n / 2]`.
    pub left: &'a [f64],
    /// Odd sides: the upper half of the middle column, `[n / 2]`.
    pub middle: &'a [f64],
}

/// The side of the field that covers `side` pixels.
pub(super) fn field_side(side: usize) -> usize {
    side.min(MOST)
}

/// The numbers that [`Phases`] of a field of `side` need.
pub(super) fn counts(side: usize) -> [usize; 2] {
    [side * (side / 2), if side % 2 == 1 { side / 2 } else { 0 }]
}

/// The field, `[side, side]`, divided by its standard deviation; its mean stays. `power` takes the distance from the centre of
/// the spectrum.
pub(super) fn field(side: usize, phases: &Phases<'_>, power: impl Fn(f64) -> f64) -> Vec<f64> {
    let half = side / 2;
    let number = |of: &[f64], at: usize| of.get(at).copied().unwrap_or(0.0);
    let phase = |y: usize, x: usize| match (side % 2 == 1, x) {
        (true, x) if x == half => match y {
            _ if y < half => number(phases.middle, y),
            _ if y == half => 0.0,
            _ => number(phases.middle, side - 1 - y),
        },
        (_, x) if x < half => number(phases.left, y * half + x),
        _ => number(phases.left, (side - 1 - y) * half + (side - 1 - x)),
    };
    let centre = side as f64 / 2.0;
    let mut values = vec![Complex::new(0.0, 0.0); side * side];
    for y in 0..side {
        for x in 0..side {
            let (dy, dx) = (y as f64 - centre, x as f64 - centre);
            let strength = power(libm::sqrt(dy * dy + dx * dx));
            let (sin, cos) = libm::sincos(std::f64::consts::TAU * phase(y, x));
            // The transform of the columns comes first, so the spectrum stands on its side.
            let to = (x + half) % side * side + (y + half) % side;
            values[to] = Complex::new(strength * cos, strength * sin);
        }
    }
    let transform = plan(side);
    transform.process(&mut values);
    let mut turned: Vec<Complex<f64>> = (0..side * side).map(|at| values[at % side * side + at / side]).collect();
    transform.process(&mut turned);

    let count = (side * side) as f64;
    let mean = turned.iter().map(|value| value.re).sum::<f64>() / count;
    let variance = turned.iter().map(|value| (value.re - mean) * (value.re - mean)).sum::<f64>() / count;
    // A single point does not deviate.
    let scale = if variance > 0.0 { libm::sqrt(variance) } else { f64::INFINITY };
    turned.into_iter().map(|value| value.re / scale).collect()
}

/// The transform of `side` values.
#[cfg(feature = "any-image")]
fn plan(side: usize) -> Arc<dyn Fft<f64>> {
    rustfft::FftPlanner::new().plan_fft_inverse(side)
}

/// The planner holds the code of every side, more than all corruptions together.
#[cfg(not(feature = "any-image"))]
fn plan(side: usize) -> Arc<dyn Fft<f64>> {
    small_plan(side)
}

/// What the planner makes of the sides of views and of most models, to the last bit; for any other, the sum as it is written,
/// whose time grows with the square of the side. Its last bits differ, which no pixel shows.
#[cfg(any(test, not(feature = "any-image")))]
fn small_plan(side: usize) -> Arc<dyn Fft<f64>> {
    use rustfft::FftDirection::Inverse;
    use rustfft::algorithm::butterflies::{Butterfly7, Butterfly16, Butterfly32};
    use rustfft::algorithm::{Dft, GoodThomasAlgorithmSmall, Radix4};
    match side {
        32 => Arc::new(Butterfly32::new(Inverse)),
        64 => Arc::new(Radix4::new_with_base(1, Arc::new(Butterfly16::new(Inverse)))),
        112 => Arc::new(GoodThomasAlgorithmSmall::new(
            Arc::new(Butterfly7::new(Inverse)),
            Arc::new(Butterfly16::new(Inverse)),
        )),
        224 => Arc::new(GoodThomasAlgorithmSmall::new(
            Arc::new(Butterfly7::new(Inverse)),
            Arc::new(Butterfly32::new(Inverse)),
        )),
        side => Arc::new(Dft::new(side, Inverse)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transformed(transform: &dyn Fft<f64>) -> Vec<Complex<f64>> {
        let side = transform.len();
        let mut values: Vec<Complex<f64>> = (0..side * 3)
            .map(|at| Complex::new(libm::sin(at as f64 * 1.7), libm::cos((at * at) as f64 * 0.3)))
            .collect();
        transform.process(&mut values);
        values
    }

    fn planned(side: usize) -> Vec<Complex<f64>> {
        transformed(&*rustfft::FftPlanner::new().plan_fft_inverse(side))
    }

    #[test]
    fn the_small_build_transforms_views_and_usual_images_to_the_same_bits() {
        let bits =
            |values: Vec<Complex<f64>>| -> Vec<_> { values.iter().map(|v| (v.re.to_bits(), v.im.to_bits())).collect() };
        for side in [32, 64, 112, crate::view::SIDE] {
            assert_eq!(bits(transformed(&*small_plan(side))), bits(planned(side)), "side {side}");
        }
    }

    #[test]
    fn the_small_build_transforms_every_other_side_to_the_same_twelve_digits() {
        for side in (1..=150).chain([192, 196, 211, 240, 256, 384]) {
            let far = transformed(&*small_plan(side))
                .iter()
                .zip(planned(side))
                .map(|(one, other)| (one - other).norm())
                .fold(0.0, f64::max);
            assert!(far <= 1e-12 * side as f64, "side {side}: {far}");
        }
    }
}
