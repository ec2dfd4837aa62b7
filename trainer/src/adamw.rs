//! AdamW, "Decoupled Weight Decay Regularization" (arXiv 1711.05101), algorithm 2.
//!
//! Ours rather than the engine's because of its state: it is kept by parameter, in the model's order, so that it goes
//! into the checkpoint under the parameters' names and comes back on the device that trains.

use burn::Tensor;
use burn::module::{Module, ModuleMapper, Param};
use vitro::model::Role;

use crate::weights::Values;

/// Decay rates of the two moments and the usual small number.
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The optimiser with its moments.
#[derive(Debug, Default)]
pub struct AdamW {
    /// Decoupled weight decay of matrices and kernels.
    pub weight_decay: f64,
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

    /// One step of `model` down `grads`. Parameters without a gradient stay.
    pub fn step<M: Module>(&mut self, model: M, grads: Values, learning_rate: f64) -> M {
        self.steps += 1;
        let correction = |beta: f64| 1.0 - beta.powf(self.steps as f64);
        let (first, second) = (correction(BETA_1), correction(BETA_2));
        model.map(&mut Step { optimiser: self, grads, learning_rate, first, second, path: Vec::new() })
    }
}

struct Step<'a> {
    optimiser: &'a mut AdamW,
    grads: Values,
    learning_rate: f64,
    first: f64,
    second: f64,
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
        let blend = |old: Option<Tensor<D>>, new: Tensor<D>, beta: f64| {
            let new = new.mul_scalar(1.0 - beta);
            match old {
                Some(old) => old.mul_scalar(beta) + new,
                None => new,
            }
        };
        let first = blend(self.optimiser.first.remove(id), grad.clone(), BETA_1);
        let second = blend(self.optimiser.second.remove(id), grad.square(), BETA_2);
        self.optimiser.first.register(id, first.clone());
        self.optimiser.second.register(id, second.clone());

        let spread = second.div_scalar(self.second).sqrt().add_scalar(EPSILON);
        let step = first.mul_scalar(self.learning_rate / self.first) / spread;
        let decay = if Role::of(&self.path.join("."), D).decays() { self.optimiser.weight_decay } else { 0.0 };
        param.map(|value| value.inner().mul_scalar(1.0 - self.learning_rate * decay) - step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::nn::LinearConfig;
    use burn::tensor::Device;

    #[test]
    fn the_first_step_moves_every_weight_by_the_learning_rate_against_its_gradient() {
        let device = Device::flex();
        let linear = LinearConfig::new(2, 2).with_bias(false).init(&device);
        let before: Vec<f32> = linear.weight.val().into_data().try_into_vec().unwrap();
        let mut grads = Values::new();
        grads.register(linear.weight.id, Tensor::<2>::from_floats([[1.0, -2.0], [0.5, -0.1]], &device));
        let after = AdamW::new(0.0).step(linear, grads, 0.1);
        let after: Vec<f32> = after.weight.val().into_data().try_into_vec().unwrap();
        for ((before, after), sign) in before.iter().zip(after).zip([-1.0, 1.0, -1.0, 1.0]) {
            assert!((after - before - 0.1 * sign).abs() < 1e-5);
        }
    }
}
