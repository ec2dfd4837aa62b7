//! Counting what training changes.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;

/// Number of trained values. Running statistics of batch norms are not parameters and are left out.
pub fn parameters(module: &impl Module) -> u64 {
    let mut count = Count { place: Vec::new(), total: 0 };
    module.visit(&mut count);
    count.total
}

struct Count {
    place: Vec<String>,
    total: u64,
}

impl ModuleVisitor for Count {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.place.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.place.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.place.last().is_some_and(|name| name.starts_with("running_")) {
            self.total += param.shape().num_elements() as u64;
        }
    }
}
