//! A linear layer, x·W + b, that multiplies all rows of a batch at once ([`crate::ops`]).
//!
//! Names, initialisation and order of the weights are the framework's, so checkpoints fit either.

use burn::module::{Initializer, ModuleMapper, Param};
use burn::nn;
use burn::prelude::*;
use burn::tensor::FloatDType;

use crate::ops;

/// Shape of a linear layer.
#[derive(Config, Debug)]
pub struct LinearConfig {
    /// Numbers that go in.
    pub inputs: usize,
    /// Numbers that come out.
    pub outputs: usize,
    /// How the weights are drawn. The framework's default: uniform within ±1/√inputs.
    #[config(default = "Initializer::KaimingUniform { gain: 1.0 / 3f64.sqrt(), fan_out_only: false }")]
    pub initializer: Initializer,
}

/// A linear layer with a bias.
#[derive(Module, Debug)]
pub struct Linear {
    /// `[inputs, outputs]`.
    pub weight: Param<Tensor<2>>,
    /// `[outputs]`.
    pub bias: Option<Param<Tensor<1>>>,
}

impl LinearConfig {
    /// Builds the layer with fresh weights, the bias drawn like the weights.
    pub fn init(&self, device: &Device) -> Linear {
        let config = nn::LinearConfig::new(self.inputs, self.outputs).with_initializer(self.initializer.clone());
        let nn::Linear { weight, bias } = config.init(device);
        Linear { weight, bias }
    }
}

impl Linear {
    /// `[…, inputs]` → `[…, outputs]`.
    pub fn forward<const D: usize>(&self, x: Tensor<D>) -> Tensor<D> {
        ops::linear(x, self.weight.val(), self.bias.as_ref().map(|bias| bias.val()))
    }

    /// As [`Self::forward`], cut into `N` equal parts of the outputs, each with a product of its own: `[…, inputs]` → `N` times
    /// `[…, outputs / N]`. Cutting the weights costs less than cutting the outputs, whose gradient would be put together anew.
    pub fn parts<const D: usize, const N: usize>(&self, x: Tensor<D>) -> [Tensor<D>; N] {
        let ([_, outputs], weight) = (self.weight.dims(), self.weight.val());
        let length = outputs / N;
        std::array::from_fn(|i| {
            let bias = self.bias.as_ref().map(|bias| bias.val().narrow(0, i * length, length));
            ops::linear(x.clone(), weight.clone().narrow(1, i * length, length), bias)
        })
    }
}

/// `module` with the matrices of its linear layers as numbers of `kind`. Such layers multiply in those numbers and hand on the
/// numbers that they were given; everything else stays as it is: biases, norms, tokens, positions, convolutions.
pub fn with_matrices_of<M: Module>(module: M, kind: FloatDType) -> M {
    struct Cast {
        kind: FloatDType,
        /// Whether each of the structures around a parameter is a linear layer.
        within: Vec<bool>,
    }
    impl ModuleMapper for Cast {
        fn enter_module(&mut self, _name: &str, container: &str) {
            self.within.push(container == "Struct:Linear");
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.within.pop();
        }
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let is_matrix = D == 2 && self.within.last() == Some(&true);
            if is_matrix { param.map(|matrix| matrix.cast(self.kind)) } else { param }
        }
    }
    module.map(&mut Cast { kind, within: Vec::new() })
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::module::ModuleVisitor;
    use burn::tensor::{DType, Distribution};

    use super::*;
    use crate::model::PRESETS;

    /// Arrays of 16 and of 32 bits.
    #[derive(Default)]
    struct Count([usize; 2]);

    impl ModuleVisitor for Count {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0[usize::from(param.val().dtype() == DType::F32)] += 1;
        }
    }

    /// Every family and every mixer has such layers, and none trips over them.
    #[test]
    fn models_with_matrices_of_16_bits_give_nearly_the_logits_of_32_bits_as_numbers_of_32_bits() {
        let device = Device::flex();
        let small: Vec<_> = PRESETS.iter().filter(|preset| preset.name.contains("_nano_")).collect();
        assert!(small.len() >= 10, "{} presets", small.len());
        for preset in small {
            let config = preset.config(5);
            let side = config.image_size();
            device.seed(3);
            let model = config.init(&device).unwrap();
            let images = Tensor::<4>::random([2, 3, side, side], Distribution::Normal(0.0, 1.0), &device);
            let exact = model.forward(images.clone());
            let narrow = with_matrices_of(model, FloatDType::BF16);
            let mut count = Count::default();
            narrow.visit(&mut count);
            let [of_16, of_32] = count.0;
            assert!(of_16 >= 4 && of_32 > of_16, "{}: {of_16} and {of_32}", preset.name);
            let logits = narrow.forward(images);
            assert_eq!(logits.dtype(), DType::F32, "{}", preset.name);
            let scale = exact.clone().abs().max().into_scalar::<f32>();
            let apart = (logits - exact).abs().max().into_scalar::<f32>();
            assert!(apart > 0.0 && apart < 0.1 * scale, "{}: {apart} of {scale}", preset.name);
        }
    }

    #[test]
    fn gradients_come_in_the_numbers_of_what_they_belong_to() {
        let device = Device::flex().autodiff();
        let layer = LinearConfig::new(8, 4).init(&device.clone().inner());
        let x = Tensor::<2>::random([6, 8], Distribution::Normal(0.0, 1.0), &device).require_grad();
        let gradients = |layer: Linear| {
            let layer = layer.train();
            let found = layer.forward(x.clone()).powi_scalar(2).sum().backward();
            (x.grad(&found).unwrap(), layer.weight.val().grad(&found).unwrap())
        };
        let (of_x, of_weight) = gradients(layer.clone());
        let (narrow_x, narrow_weight) = gradients(with_matrices_of(layer, FloatDType::BF16));
        assert_eq!((narrow_x.dtype(), narrow_weight.dtype()), (DType::F32, DType::BF16));
        for (exact, narrow) in [(of_x, narrow_x), (of_weight, narrow_weight.cast(DType::F32))] {
            let scale = exact.clone().abs().max().into_scalar::<f32>();
            let apart = (narrow - exact).abs().max().into_scalar::<f32>();
            assert!(apart > 0.0 && apart < 0.03 * scale, "{apart} of {scale}");
        }
    }
}
