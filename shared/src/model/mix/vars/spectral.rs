//! Filters on square maps, applied in the Fourier domain by matrix products: the static dictionary of VARS-S.
//!
//! A real map has a half spectrum of m = ⌊S/2⌋ + 1 columns; a filter multiplies it bin by bin. The released code calls an
//! FFT, which the engines here lack for most sizes; a map of 14 × 14 is small enough that two products with constant real
//! matrices on either side are fast everywhere and have gradients by themselves. Transforms have the factor 1/S both ways.
//!
//! The inverse keeps a silent rule of complex-to-real transforms: after the columns are transformed, what is imaginary in
//! width bin 0, and in bin S/2 of an even side, is dropped. Filters need no symmetry for the output to be real.

use std::f64::consts::TAU;

use burn::prelude::*;
use burn::tensor::TensorData;

/// The Fourier transform of maps of one size.
#[derive(Clone, Debug)]
pub struct Dft {
    side: usize,
    matrices: DftMatrices<Tensor<2>>,
}

/// The matrices that a transform is made of.
#[derive(Clone, Debug)]
pub struct DftMatrices<M> {
    /// cos θ / √S, `[S, S]`, with angles θ = 2π j k / S.
    pub cos: M,
    /// sin θ / √S, `[S, S]`.
    pub sin: M,
    /// The first m columns of `cos`, `[S, m]`.
    pub cos_half: M,
    /// The first m columns of `sin`, `[S, m]`.
    pub sin_half: M,
    /// From half a spectrum back, real part: `cos_half` transposed, bins that stand for two counted twice, `[m, S]`.
    pub cos_back: M,
    /// The same of `sin_half`, `[m, S]`.
    pub sin_back: M,
}

/// Half spectra `[b, g, i, S·m]` of maps: real and imaginary parts.
#[derive(Clone, Debug)]
pub struct Spectrum {
    /// Real part.
    pub re: Tensor<4>,
    /// Imaginary part.
    pub im: Tensor<4>,
}

/// Filters from i to o maps in each of g groups, `[1, g, o, i, S·m]`: real and imaginary parts.
#[derive(Clone, Debug)]
pub struct SpectralKernel {
    re: Tensor<5>,
    im: Tensor<5>,
}

impl DftMatrices<Vec<f32>> {
    /// The matrices of side `side`, row by row, worked out in 64 bits.
    pub fn of_side(side: usize) -> Self {
        let half = half(side);
        let norm = (side as f64).sqrt();
        // The product stays below S², so its remainder is exact where a large angle would not be.
        let angle = |j: usize, k: usize| TAU * ((j * k) % side) as f64 / side as f64;
        let count = |k: usize| if k == 0 || 2 * k == side { 1.0 } else { 2.0 };
        let table = |rows: usize, columns: usize, value: &dyn Fn(usize, usize) -> f64| -> Vec<f32> {
            (0..rows * columns).map(|i| (value(i / columns, i % columns) / norm) as f32).collect()
        };
        Self {
            cos: table(side, side, &|j, k| angle(j, k).cos()),
            sin: table(side, side, &|j, k| angle(j, k).sin()),
            cos_half: table(side, half, &|j, k| angle(j, k).cos()),
            sin_half: table(side, half, &|j, k| angle(j, k).sin()),
            cos_back: table(half, side, &|k, j| count(k) * angle(j, k).cos()),
            sin_back: table(half, side, &|k, j| count(k) * angle(j, k).sin()),
        }
    }
}

/// Columns of the half spectrum of a map of side `side`.
pub(super) fn half(side: usize) -> usize {
    side / 2 + 1
}

impl Dft {
    /// The transform of maps of side `side` on `device`.
    pub fn new(side: usize, device: &Device) -> Self {
        let values = DftMatrices::of_side(side);
        let half = half(side);
        let tensor = |values: Vec<f32>, shape: [usize; 2]| Tensor::from_data(TensorData::new(values, shape), device);
        let matrices = DftMatrices {
            cos: tensor(values.cos, [side, side]),
            sin: tensor(values.sin, [side, side]),
            cos_half: tensor(values.cos_half, [side, half]),
            sin_half: tensor(values.sin_half, [side, half]),
            cos_back: tensor(values.cos_back, [half, side]),
            sin_back: tensor(values.sin_back, [half, side]),
        };
        Self { side, matrices }
    }

    /// Maps `[b, g, i, S·S]`, row by row → half spectra.
    pub fn forward(&self, maps: Tensor<4>) -> Spectrum {
        let [b, g, i, _] = maps.dims();
        let (side, half, count) = (self.side, half(self.side), b * g * i);
        let DftMatrices { cos, sin, cos_half, sin_half, .. } = &self.matrices;
        // Along the width: [C | −S], real and imaginary columns side by side.
        let across = Tensor::cat(vec![cos_half.clone(), sin_half.clone().neg()], 1);
        let columns = maps.reshape([count * side, side]).matmul(across).reshape([count, side, 2 * half]);
        let stacked = Tensor::cat(vec![columns.clone().narrow(2, 0, half), columns.narrow(2, half, half)], 1);
        // Along the height: a complex product, as one real product of twice the size.
        let spectrum = complex(cos.clone(), sin.clone().neg()).matmul(stacked);
        let part = |first: usize| spectrum.clone().narrow(1, first, side).reshape([b, g, i, side * half]);
        Spectrum { re: part(0), im: part(side) }
    }

    /// Half spectra → maps `[b, g, i, S·S]`, row by row.
    pub fn inverse(&self, spectrum: Spectrum) -> Tensor<4> {
        let [b, g, i, _] = spectrum.re.dims();
        let (side, half, count) = (self.side, half(self.side), b * g * i);
        let DftMatrices { cos, sin, cos_back, sin_back, .. } = &self.matrices;
        let plane = |part: Tensor<4>| part.reshape([count, side, half]);
        let stacked = Tensor::cat(vec![plane(spectrum.re), plane(spectrum.im)], 1);
        let columns = complex(cos.clone(), sin.clone()).matmul(stacked);
        let beside = Tensor::cat(vec![columns.clone().narrow(1, 0, side), columns.narrow(1, side, side)], 2);
        let across = Tensor::cat(vec![cos_back.clone(), sin_back.clone().neg()], 0);
        beside.reshape([count * side, 2 * half]).matmul(across).reshape([b, g, i, side * side])
    }

    /// The matrices, to look at.
    pub fn matrices(&self) -> &DftMatrices<Tensor<2>> {
        &self.matrices
    }
}

/// The complex matrix re + i·im as a real one that acts on real above imaginary rows: `[1, 2S, 2S]`.
fn complex(re: Tensor<2>, im: Tensor<2>) -> Tensor<3> {
    let above = Tensor::cat(vec![re.clone(), im.clone().neg()], 1);
    let below = Tensor::cat(vec![im, re], 1);
    Tensor::cat(vec![above, below], 0).unsqueeze::<3>()
}

impl SpectralKernel {
    /// Filters as they are stored, `[g, o, i, S, m, 2]`, real and imaginary part on the last axis.
    pub fn new(weights: Tensor<6>) -> Self {
        let [g, o, i, side, half, _] = weights.dims();
        let part = |at: usize| weights.clone().narrow(5, at, 1).reshape([1, g, o, i, side * half]);
        Self { re: part(0), im: part(1) }
    }

    /// The filters from o back to i maps: transposed and conjugate.
    ///
    /// Between maps it is the adjoint but for the bins whose imaginary part the inverse transform drops.
    pub fn adjoint(&self) -> Self {
        Self { re: self.re.clone().swap_dims(2, 3), im: self.im.clone().swap_dims(2, 3).neg() }
    }

    /// Spectra `[b, g, i, S·m]` → filtered spectra `[b, g, o, S·m]`, summed over i.
    pub fn apply(&self, spectrum: &Spectrum) -> Spectrum {
        let re = spectrum.re.clone().unsqueeze_dim::<5>(2);
        let im = spectrum.im.clone().unsqueeze_dim::<5>(2);
        let sum = |terms: Tensor<5>| terms.sum_dim(3).squeeze_dim::<4>(3);
        Spectrum {
            re: sum(re.clone() * self.re.clone() - im.clone() * self.im.clone()),
            im: sum(re * self.im.clone() + im * self.re.clone()),
        }
    }
}
