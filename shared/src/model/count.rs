//! Counting what training changes, and what a checkpoint holds besides.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;

use super::Role;

/// Number of trained values. Running statistics of batch norms are not parameters and are left out.
pub fn parameters(module: &impl Module) -> u64 {
    count(module, Role::is_trained)
}

/// Number of stored values that are neither trained nor running statistics.
///
/// What other frameworks count as parameters without a gradient; together with [`parameters`] it is their total.
pub fn fixed_parameters(module: &impl Module) -> u64 {
    count(module, |role| role == Role::Constant)
}

fn count(module: &impl Module, counts: fn(Role) -> bool) -> u64 {
    let mut count = Count { place: Vec::new(), counts, total: 0 };
    module.visit(&mut count);
    count.total
}

struct Count {
    place: Vec<String>,
    counts: fn(Role) -> bool,
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
        if self.place.last().is_some_and(|name| (self.counts)(Role::of(name, D))) {
            self.total += param.shape().num_elements() as u64;
        }
    }
}
