//! A squeeze-and-excite gate over the channels of tokens, "Squeeze-and-Excitation Networks".
//!
//! One published FAN variant has it in place of the channel attention. The released whole model cannot run, since its
//! trunk does not pass the grid to this block, so there are no weights to load and here it exists as a layer and as a
//! block ([`FanBlockConfig::squeeze_excite`](super::FanBlockConfig::squeeze_excite)), not as a model.

use burn::module::Initializer;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use burn::tensor::activation::{relu, sigmoid};

/// Shape of the gate.
#[derive(Config, Debug)]
pub struct SqueezeExciteConfig {
    /// Channels of a token.
    pub width: usize,
}

/// Scales each channel by a number in (0, 1) computed from all channels' means.
#[derive(Module, Debug)]
pub struct SqueezeExcite {
    reduce: Conv2d,
    expand: Conv2d,
}

impl SqueezeExciteConfig {
    /// Builds the layer with fresh weights: normal with deviation √(2 / fan out), like the MLP that it follows.
    pub fn init(&self, device: &Device) -> SqueezeExcite {
        let pointwise = |inputs: usize, outputs: usize| {
            let weights = Initializer::Normal { mean: 0.0, std: (2.0 / outputs as f64).sqrt() };
            let mut layer = Conv2dConfig::new([inputs, outputs], [1, 1]).with_initializer(weights).init(device);
            layer.bias = Some(Initializer::Zeros.init([outputs], device));
            layer
        };
        let inner = self.reduced();
        SqueezeExcite { reduce: pointwise(self.width, inner), expand: pointwise(inner, self.width) }
    }

    /// A quarter of the channels, rounded; one more where rounding took over a tenth away; at least one.
    fn reduced(&self) -> usize {
        let quarter = self.width as f64 / 4.0;
        let rounded = (quarter + 0.5).floor().max(1.0);
        let kept = if rounded < 0.9 * quarter { rounded + 1.0 } else { rounded };
        kept as usize
    }
}

impl SqueezeExcite {
    /// `[b, n, c]` → `[b, n, c]`.
    pub fn forward(&self, x: Tensor<3>) -> Tensor<3> {
        let [b, _, c] = x.dims();
        let mean = x.clone().mean_dim(1).reshape([b, c, 1, 1]);
        let gate = sigmoid(self.expand.forward(relu(self.reduce.forward(mean))));
        x * gate.reshape([b, 1, c])
    }
}
