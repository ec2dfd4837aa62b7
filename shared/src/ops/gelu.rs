//! GELU in its exact form, x · Φ(x), Φ the distribution function of the normal distribution ("Gaussian Error Linear Units",
//! arXiv 1606.08415).
//!
//! With u = |x|/√2 and φ the density, the tail beyond |x| is Φ(−|x|) = exp(−u²) · g(u), where g is half the scaled
//! complementary error function: smooth, and fitted as r · P(1 − 4r), r = 1/(u + 2), P of degree 8, to a relative error of
//! 4·10⁻⁸. So one exponential serves Φ and, in the derivative Φ(x) + x·φ(x), the density as well; and where x is far below
//! zero nothing cancels, as 1 + erf(x/√2) in 32 bits does. A test holds both against 64-bit arithmetic and the plain formula.

use std::f32::consts::FRAC_1_SQRT_2;

use burn::prelude::*;

use super::exp::exp;

/// P, constant first.
const P: [f32; 9] = [
    0.510_791_37,
    -0.343_580_5,
    0.139_734_82,
    -0.018_217_59,
    -0.010_741_793,
    0.003_218_634,
    0.001_489_529_6,
    -0.000_377_315_06,
    -0.000_230_726_03,
];

/// 1/√(2π).
#[cfg(feature = "autodiff")]
const DENSITY: f32 = 0.398_942_3;

/// x · Φ(x), any shape.
pub(crate) fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    #[cfg(feature = "flex")]
    if super::engine::is_ours(&x) {
        return fast::gelu(x);
    }
    reference(x)
}

/// Composed from the error function: engines with a GELU of their own differentiate it through the tanh approximation, which is
/// off by about 10⁻³.
pub(super) fn reference<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let phi = x.clone().mul_scalar(f64::from(FRAC_1_SQRT_2)).erf().add_scalar(1.0).mul_scalar(0.5);
    x * phi
}

/// Φ(x) and exp(−x²/2).
#[inline(always)]
pub(super) fn distribution(x: f32) -> (f32, f32) {
    let r = 1.0 / (x.abs() * FRAC_1_SQRT_2 + 2.0);
    let s = 1.0 - 4.0 * r;
    let mut p = P[8];
    for c in [P[7], P[6], P[5], P[4], P[3], P[2], P[1], P[0]] {
        p = p * s + c;
    }
    let bell = exp(-0.5 * x * x);
    let tail = bell * (r * p);
    (if x < 0.0 { tail } else { 1.0 - tail }, bell)
}

/// The derivative of GELU, Φ(x) + x·φ(x).
#[cfg(feature = "autodiff")]
#[inline(always)]
pub(super) fn slope(x: f32) -> f32 {
    let (phi, bell) = distribution(x);
    phi + x * (bell * DENSITY)
}

#[cfg(feature = "flex")]
mod fast {
    use burn::backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor};
    use burn::prelude::*;

    use super::distribution;
    use crate::ops::engine::{Flat, rewrite};

    /// GELU as an operation of the processor engine.
    #[backend_extension(Flex, Autodiff: cfg(feature = "autodiff"))]
    pub(crate) trait Gelu: Backend {
        /// x · Φ(x).
        fn gelu_exact(x: FloatTensor<Self>) -> FloatTensor<Self>;
    }

    pub(super) fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
        Tensor::from_dispatch(Dispatch::gelu_exact(x.into_dispatch()))
    }

    impl Gelu for Flex {
        fn gelu_exact(x: Flat) -> Flat {
            rewrite!(x, 1, |_, out| out.iter_mut().for_each(|x| *x *= distribution(*x).0))
        }
    }

    /// Gradient times the slope.
    #[cfg(feature = "autodiff")]
    fn backward(x: Flat, gradient: Flat, _: [bool; 1]) -> [Option<Flat>; 1] {
        let x = crate::ops::engine::values(&x);
        let gradient = rewrite!(gradient, 1, |first, gradient| {
            gradient.iter_mut().zip(&x[first..]).for_each(|(g, x)| *g *= super::slope(*x));
        });
        [Some(gradient)]
    }

    #[cfg(feature = "autodiff")]
    impl<C: burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy> Gelu for burn::backend::Autodiff<Flex, C> {
        fn gelu_exact(x: FloatTensor<Self>) -> FloatTensor<Self> {
            let forward = |[x]: [Flat; 1]| {
                let x = crate::ops::engine::in_order(x);
                (Flex::gelu_exact(x.clone()), x)
            };
            crate::ops::engine::record::<C, _, _>([x], forward, backward)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> impl Iterator<Item = f32> {
        (-90_000..=90_000).map(|i| i as f32 * 1e-4)
    }

    fn exact(x: f32) -> f64 {
        0.5 * f64::from(x) * libm::erfc(-f64::from(x) / std::f64::consts::SQRT_2)
    }

    #[test]
    fn the_error_is_below_that_of_the_plain_formula_in_the_same_width() {
        let error = |f: fn(f32) -> f32| grid().map(|x| (f64::from(f(x)) - exact(x)).abs()).fold(0.0, f64::max);
        let ours = error(|x| x * distribution(x).0);
        let plain = error(|x| 0.5 * x * (1.0 + libm::erff(x * FRAC_1_SQRT_2)));
        assert!(ours <= plain, "{ours:e} against {plain:e}");
    }

    #[test]
    fn far_below_zero_it_keeps_its_digits() {
        let relative = |x: f32| ((f64::from(x * distribution(x).0) - exact(x)) / exact(x)).abs();
        let worst = grid().filter(|x| (-5.0..-1e-3).contains(x)).map(relative).fold(0.0, f64::max);
        assert!(worst < 2e-6, "{worst:e}");
    }

    #[test]
    fn the_ends_are_zero_the_number_itself_and_not_a_number() {
        let gelu = |x: f32| x * distribution(x).0;
        assert_eq!(gelu(-40.0), 0.0);
        assert_eq!(gelu(0.0), 0.0);
        assert_eq!(gelu(40.0), 40.0);
        assert!(gelu(f32::NAN).is_nan());
    }
}
