//! GELU in its exact form, forward and backward.

use std::f64::consts::FRAC_1_SQRT_2;

use burn::prelude::*;
use burn::tensor::activation;

/// x · Φ(x), any shape.
///
/// The processor engine has an exact GELU with an exact derivative. The other engines differentiate theirs through the
/// tanh approximation, which is off by about 10⁻³; composed from the error function, the derivative is exact there too.
pub(crate) fn gelu<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    if !x.is_autodiff() || has_exact_derivative(&x.device().inner()) {
        return activation::gelu(x);
    }
    let cdf = x.clone().mul_scalar(FRAC_1_SQRT_2).erf().add_scalar(1.0).mul_scalar(0.5);
    x * cdf
}

#[cfg(feature = "flex")]
fn has_exact_derivative(device: &Device) -> bool {
    *device == Device::flex()
}

#[cfg(not(feature = "flex"))]
fn has_exact_derivative(_device: &Device) -> bool {
    false
}
