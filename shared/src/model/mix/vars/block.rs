//! The block of VARS-S, section 3.4 of the VARS paper: every channel of the token map is reconstructed from its own bank of
//! filters.
//!
//! Norms are batch norms over the channels, and the first stands behind the reconstruction, so the filters see tokens that
//! were not normalised. Heads play no part. The bound L of the recurrence is stored: [`Mix::after_step`] lets it follow
//! the filters during training. It is worked out from the real part of the filters' overlap alone, as released, which makes it
//! 0.6 to 0.9 of what is safe.
//!
//! Where tokens stand before the map (the class token of a plain ViT), they take no part in the reconstruction and read its
//! mean over the map: the smallest rule that lets them follow the patches. The MLP then treats them like the others.

use burn::module::{Initializer, Param};
use burn::nn::{BatchNorm, BatchNormConfig};
use burn::prelude::*;
use burn::tensor::Distribution;

use super::codes::Codes;
use super::recurrent_code::soft_threshold;
use super::spectral::{Dft, SpectralKernel, half};
use crate::model::drop_path::{Draws, DropPath};
use crate::model::linear::{Linear, LinearConfig};
use crate::model::mix::tap::{Tap, TapConfig};
use crate::model::mix::vars_s::SpectralRecurrence;
use crate::model::mix::{Context, Mix, Mixed};
use crate::model::observer::{Observer, Within};
use crate::model::rvt::{RvtMlp, RvtMlpConfig};

/// Deviation of the fresh second filters.
const SECOND_FILTER_DEVIATION: f64 = 0.02;

/// Training steps between two updates of the bound, and the weight of the new value.
const UPDATE_EVERY: u64 = 100;
const UPDATE_WEIGHT: f64 = 0.1;

/// Shape of a block.
#[derive(Config, Debug)]
pub struct VarsSBlockConfig {
    /// Channels of a token.
    pub width: usize,
    /// Side S of the token map.
    pub side: usize,
    /// Hidden channels of the MLP. Paper: 4 × width.
    pub hidden: usize,
    /// Steps, sparsity and number of filters.
    pub recurrence: SpectralRecurrence,
    /// Whether the MLP treats tokens one by one. It must where tokens stand before the map.
    #[config(default = false)]
    pub linear_mlp: bool,
    /// Number of TAP scales; none: no TAP.
    pub tap_scales: Option<usize>,
    /// Drop-path rate of this block.
    #[config(default = 0.0)]
    pub drop_path: f64,
}

/// A block that reconstructs its tokens from filters.
#[derive(Module, Debug)]
pub struct VarsSBlock {
    tap: Option<Tap>,
    v: Linear,
    kernel: Param<Tensor<6>>,
    kernel2: Param<Tensor<6>>,
    lipschitz: Param<Tensor<1>>,
    kernel_norm: Param<Tensor<1>>,
    norm1: ChannelNorm,
    proj: Linear,
    norm2: ChannelNorm,
    mlp: RvtMlp,
    side: usize,
    num_step: usize,
    lambda: f64,
    normalize: bool,
    drop_path: DropPath,
}

/// Batch norm over the channels of tokens.
#[derive(Module, Debug)]
struct ChannelNorm {
    bn: BatchNorm,
}

impl VarsSBlockConfig {
    /// Builds the block with fresh weights: filters of unit power, and the bound that belongs to them.
    pub fn init(&self, device: &Device) -> VarsSBlock {
        let Self { width, side, recurrence, .. } = *self;
        let shape = |outputs: usize| [width, outputs, 1, side, half(side), 2];
        let drawn = Tensor::random(shape(recurrence.templates), Distribution::Normal(0.0, 1.0), device);
        let kernel = unit_power(drawn);
        let square = || LinearConfig::new(width, width).init(device);
        let norm = || ChannelNorm { bn: BatchNormConfig::new(width).init(device) };
        VarsSBlock {
            tap: self.tap_scales.map(|scales| TapConfig::new(width).with_scales(scales).init(device)),
            v: square(),
            lipschitz: Param::from_tensor(real_bound(kernel.clone())),
            kernel: Param::from_tensor(kernel),
            kernel2: Initializer::Normal { mean: 0.0, std: SECOND_FILTER_DEVIATION }.init(shape(1), device),
            kernel_norm: Initializer::Ones.init([1], device),
            norm1: norm(),
            proj: square(),
            norm2: norm(),
            mlp: RvtMlpConfig::new(width, self.hidden).with_linear(self.linear_mlp).init(device),
            side,
            num_step: recurrence.num_step,
            lambda: recurrence.lambda,
            normalize: recurrence.normalize,
            drop_path: DropPath::new(self.drop_path),
        }
    }
}

impl Mix for VarsSBlock {
    /// `[b, k + n, c]`, the last n tokens on a square grid of the configured side → the same shape, and the codes
    /// `[b, c, templates, n]` of every iteration.
    ///
    /// Another grid is an error of the caller and gives a panic in the engine.
    fn forward(&self, x: Tensor<3>, Context { grid, .. }: Context, observer: &mut impl Observer) -> Mixed {
        let seen = match &self.tap {
            Some(tap) => tap.forward_past_class_token(x.clone(), grid, observer),
            None => x.clone(),
        };
        let [b, rows, c] = seen.dims();
        let (n, before) = (self.side * self.side, rows - grid[0] * grid[1]);
        let value = self.v.forward(seen.narrow(1, before, n)).swap_dims(1, 2);
        let (maps, codes) = self.reconstruct(value.reshape([b, c, 1, n]), &mut Within::new(observer, "attn"));
        let patches = maps.reshape([b, c, n]).swap_dims(1, 2);
        let tokens = if before == 0 {
            patches
        } else {
            Tensor::cat(vec![patches.clone().mean_dim(1).expand([b, before, c]), patches], 1)
        };

        let mixed = self.proj.forward(self.norm1.forward(tokens));
        observer.see("attn", &mixed);
        let x = x + self.drop_path.forward(mixed);
        observer.see("after_attention", &x);
        let hidden = self.mlp.forward(self.norm2.forward(x.clone()), grid);
        observer.see("mlp", &hidden);
        Mixed {
            tokens: x + self.drop_path.forward(hidden),
            attention: None,
            codes: Some(Codes::on_tokens(codes)),
            carried: None,
        }
    }

    fn before_step(&mut self, draws: &Draws) {
        self.drop_path.before_step(draws);
    }

    /// Every hundredth step of an epoch moves the bound by a tenth towards the filters. Filters are scaled back first where
    /// the settings say so.
    fn after_step(&mut self, iteration: u64) {
        if self.normalize {
            self.normalize_kernel();
        }
        if iteration.is_multiple_of(UPDATE_EVERY) {
            self.update_lipschitz(UPDATE_WEIGHT);
        }
    }
}

impl VarsSBlock {
    /// Maps `[b, c, 1, n]` → filtered reconstructions of the same shape, and the codes.
    fn reconstruct(&self, maps: Tensor<4>, observer: &mut impl Observer) -> (Tensor<4>, Vec<Tensor<4>>) {
        observer.see("value", &maps);
        let dft = Dft::new(self.side, &maps.device());
        let atoms = SpectralKernel::new(self.kernel.val());
        let adjoint = atoms.adjoint();
        let u = dft.inverse(atoms.apply(&dft.forward(maps)));
        observer.see("u", &u);

        let bound = self.lipschitz.val().detach();
        let [channels] = bound.dims();
        let bound = bound.reshape([1, channels, 1, 1]);
        let lambda = bound.ones_like().mul_scalar(self.lambda);
        let mut code = soft_threshold(u.clone(), lambda.clone());
        observer.see("code_0", &code);
        let mut codes = vec![code.clone()];
        let threshold = lambda / bound.clone();
        for t in 0..self.num_step {
            // One input map for each bank: the overlap of the filters acts as reconstructing and analysing again.
            let overlap = dft.inverse(atoms.apply(&adjoint.apply(&dft.forward(code.clone()))));
            observer.see(&format!("gram_code_{t}"), &overlap);
            code = soft_threshold(code - (overlap - u.clone()) / bound.clone(), threshold.clone());
            observer.see(&format!("code_{}", t + 1), &code);
            codes.push(code.clone());
        }
        let reconstruction = dft.inverse(adjoint.apply(&dft.forward(code)));
        observer.see("recon", &reconstruction);
        let filtered = dft.inverse(SpectralKernel::new(self.kernel2.val()).apply(&dft.forward(reconstruction)));
        observer.see("filtered", &filtered);
        (filtered, codes)
    }

    /// L ← (1 − weight) L + weight · (what the filters' real overlap gives).
    pub fn update_lipschitz(&mut self, weight: f64) {
        let target = real_bound(self.kernel.val().detach());
        let blend = |old: Tensor<1>| old.detach().mul_scalar(1.0 - weight) + target.mul_scalar(weight);
        self.lipschitz = self.lipschitz.clone().map(blend);
    }

    /// Scales every filter to unit power.
    pub fn normalize_kernel(&mut self) {
        self.kernel = self.kernel.clone().map(|kernel| {
            let trained = kernel.is_require_grad();
            unit_power(kernel.detach()).set_require_grad(trained)
        });
    }

    /// The bound L of each channel as it is stored, `[c]`.
    pub fn lipschitz(&self) -> Tensor<1> {
        self.lipschitz.val().detach()
    }

    /// What L would have to be for the recurrence to be safe: the largest eigenvalue of K Kᴴ over all bins, `[c]`.
    pub fn safe_lipschitz(&self) -> Tensor<1> {
        let [c, o, _, side, half, _] = self.kernel.val().dims();
        let kernel = self.kernel.val().detach().reshape([c, o, side * half, 2]);
        // One input map for each bank: the matrix has rank one, and its eigenvalue is its trace.
        (kernel.clone() * kernel).sum_dim(3).sum_dim(1).max_dim(2).reshape([c])
    }
}

impl ChannelNorm {
    /// `[b, n, c]` → `[b, n, c]`.
    fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        self.bn.forward(x.swap_dims(1, 2)).swap_dims(1, 2)
    }
}

/// Filters `[c, o, 1, S, m, 2]` scaled so that (2 / S²) Σ |K|² over the stored bins is one for each of them.
fn unit_power(kernel: Tensor<6>) -> Tensor<6> {
    let [c, o, _, side, half, _] = kernel.dims();
    let flat = kernel.reshape([c * o, side * half * 2]);
    let power = (flat.clone() * flat.clone()).sum_dim(1).mul_scalar(2.0 / (side * side) as f64);
    (flat / power.sqrt()).reshape([c, o, 1, side, half, 2])
}

/// The largest eigenvalue of Re(K Kᴴ) over all bins, `[c]`, of filters `[c, o, 1, S, m, 2]`.
///
/// With a and b the real and imaginary parts of the filters at a bin, Re(K Kᴴ) = a aᵀ + b bᵀ, whose largest eigenvalue has a
/// closed form.
fn real_bound(kernel: Tensor<6>) -> Tensor<1> {
    let [c, o, _, side, half, _] = kernel.dims();
    let part = |at: usize| kernel.clone().narrow(5, at, 1).reshape([c, o, side * half]);
    let product = |x: Tensor<3>, y: Tensor<3>| (x * y).sum_dim(1);
    let (a, b) = (part(0), part(1));
    let (aa, bb, ab) = (product(a.clone(), a.clone()), product(b.clone(), b.clone()), product(a, b));
    let difference = aa.clone() - bb.clone();
    let root = (difference.clone() * difference + (ab.clone() * ab).mul_scalar(4.0)).sqrt();
    (aa + bb + root).mul_scalar(0.5).max_dim(2).reshape([c])
}
