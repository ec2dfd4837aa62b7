//! AdamW, "Decoupled Weight Decay Regularization" (arXiv 1711.05101), algorithm 2.
//!
//! Ours rather than the engine's because of its state: it is kept by parameter, in the model's order, so that it goes
//! into the checkpoint under the parameters' names and comes back on the device that trains.

use burn::Tensor;
use burn::module::{Module, ModuleMapper, Param};
use vitro::model::{Layers, Role};
use vitro::ops::{AdamwRates, adamw};

use crate::weights::Values;

/// Decay rates of the two moments and the usual small number.
const BETAS: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;

/// The optimiser with its moments.
#[derive(Debug, Default)]
pub struct AdamW {
    /// Decoupled weight decay of matrices and kernels.
    pub weight_decay: f64,
    /// Where the network's layers are, and what the learning rate of a layer is over that of the next; none: one rate for all.
    pub layers: Option<(Layers, f64)>,
    /// Steps taken.
    pub steps: u64,
    /// Mean of the gradients.
    pub first: Values,
    /// Mean of their squares.
    pub second: Values,
}

impl AdamW {
    /// With no steps taken.
    pub fn new(weight_decay: f64) -> Self {
        Self { weight_decay, ..Self::default() }
    }

    /// One step of `model` down `grads` times `factor`. Parameters without a gradient stay.
    pub fn step<M: Module>(&mut self, model: M, grads: Values, factor: Tensor<1>, learning_rate: f64) -> M {
        self.steps += 1;
        let corrections = BETAS.map(|beta| 1.0 - beta.powf(self.steps as f64));
        let rates = AdamwRates { learning_rate, betas: BETAS, corrections, epsilon: EPSILON, decay: 0.0 };
        model.map(&mut Step { optimiser: self, grads, factor, rates, path: Vec::new() })
    }
}

impl AdamW {
    /// That of the parameter at `path` where the head's is `full`.
    fn learning_rate(&self, path: &str, full: f64) -> f64 {
        match &self.layers {
            Some((layers, decay)) => full * layers.factor(path, *decay).unwrap_or(1.0),
            None => full,
        }
    }
}

struct Step<'a> {
    optimiser: &'a mut AdamW,
    grads: Values,
    factor: Tensor<1>,
    rates: AdamwRates,
    path: Vec<String>,
}

impl ModuleMapper for Step<'_> {
    fn enter_module(&mut self, name: &str, _kind: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _kind: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let id = param.id;
        let Some(grad) = self.grads.remove::<D>(id) else { return param };
        let path = self.path.join(".");
        let learning_rate = self.optimiser.learning_rate(&path, self.rates.learning_rate);
        let AdamW { first, second, weight_decay, .. } = &mut *self.optimiser;
        let moments = [&mut *first, second].map(|values| values.remove(id).unwrap_or_else(|| grad.zeros_like()));
        let decay = if Role::of(&path, D).decays() { *weight_decay } else { 0.0 };
        let (rates, factor) = (AdamwRates { learning_rate, decay, ..self.rates }, self.factor.clone());
        param.map(|value| {
            let (value, [mean, square]) = adamw(value.inner(), grad, moments, factor, &rates);
            first.register(id, mean);
            second.register(id, square);
            value
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::{Linear, LinearConfig};
    use burn::tensor::Device;

    #[test]
    fn the_first_step_moves_every_weight_by_the_learning_rate_against_its_gradient() {
        let device = Device::flex();
        let linear = LinearConfig::new(2, 2).with_bias(false).init(&device);
        let before: Vec<f32> = linear.weight.val().into_data().try_into_vec().unwrap();
        let mut grads = Values::new();
        grads.register(linear.weight.id, Tensor::<2>::from_floats([[1.0, -2.0], [0.5, -0.1]], &device));
        let after = AdamW::new(0.0).step(linear, grads, Tensor::ones([1], &device), 0.1);
        let after: Vec<f32> = after.weight.val().into_data().try_into_vec().unwrap();
        for ((before, after), sign) in before.iter().zip(after).zip([-1.0, 1.0, -1.0, 1.0]) {
            assert!((after - before - 0.1 * sign).abs() < 1e-5);
        }
    }

    #[derive(Module, Debug)]
    struct Pair {
        patch_embed: Linear,
        head: Linear,
    }

    #[test]
    fn a_layer_nearer_to_the_image_moves_less() {
        let device = Device::flex();
        let linear = || LinearConfig::new(2, 1).with_bias(false).init(&device);
        let pair = Pair { patch_embed: linear(), head: linear() };
        let values = |pair: &Pair| -> Vec<f32> {
            let layers = [&pair.patch_embed, &pair.head].into_iter();
            layers.flat_map(|layer| layer.weight.val().into_data().iter::<f32>().collect::<Vec<_>>()).collect()
        };
        let before = values(&pair);
        let mut grads = Values::new();
        for layer in [&pair.patch_embed, &pair.head] {
            grads.register(layer.weight.id, Tensor::<2>::ones([2, 1], &device));
        }
        // A block lies between the two, so the first is two layers away from the last.
        let layers = Layers::new(&["patch_embed"]).blocks("blocks", 1).heads(&["head"]);
        let mut optimiser = AdamW { layers: Some((layers, 0.5)), ..AdamW::new(0.0) };
        let after = values(&optimiser.step(pair, grads, Tensor::ones([1], &device), 0.1));
        for ((before, after), moved) in before.iter().zip(after).zip([0.025, 0.025, 0.1, 0.1]) {
            assert!((before - after - moved).abs() < 1e-5, "{before} {after} instead of {moved}");
        }
    }
}
