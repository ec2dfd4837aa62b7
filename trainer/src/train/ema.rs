//! A moving average of the weights, running statistics included. It is what a run evaluates and exports.
//!
//! The decay warms up, min(decay, (1 + t) / (10 + t)), so that short runs are not dominated by the random start.

use burn::Tensor;
use burn::module::{Module, ModuleMapper, Param};
use vitro::ops::blend;

use crate::weights::{self, Values};

/// The average after `steps` steps moves towards `model`.
pub fn update<M: Module>(average: M, model: &M, decay: f64, steps: u64) -> M {
    let steps = steps as f64;
    let decay = decay.min((1.0 + steps) / (10.0 + steps));
    let values = weights::values(model, |_| true);
    average.map(&mut Blend { values, decay })
}

struct Blend {
    values: Values,
    decay: f64,
}

impl ModuleMapper for Blend {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match self.values.remove::<D>(param.id) {
            Some(value) => param.map(|average| blend(average, value, self.decay)),
            None => param,
        }
    }
}
