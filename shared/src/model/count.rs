//! Counting what training changes, and what a checkpoint holds besides.

use burn::module::{Module, ModuleVisitor, Param};
use burn::prelude::*;

/// Names of stored values that no gradient changes: the random features and bounds of VARS and the Performer.
const FIXED: [&str; 3] = ["rand_matrix", "lipschitz", "kernel_norm"];

/// Whether the parameter at `path` is kept and not trained: running statistics of batch norms, and [`FIXED`] values.
pub fn is_fixed(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or(path);
    is_statistic(name) || FIXED.contains(&name)
}

fn is_statistic(name: &str) -> bool {
    name.starts_with("running_")
}

/// Number of trained values. Running statistics of batch norms are not parameters and are left out.
pub fn parameters(module: &impl Module) -> u64 {
    count(module, |name| !is_fixed(name))
}

/// Number of stored values that are neither trained nor running statistics.
///
/// What other frameworks count as parameters without a gradient; together with [`parameters`] it is their total.
pub fn fixed_parameters(module: &impl Module) -> u64 {
    count(module, |name| is_fixed(name) && !is_statistic(name))
}

fn count(module: &impl Module, counts: fn(&str) -> bool) -> u64 {
    let mut count = Count { place: Vec::new(), counts, total: 0 };
    module.visit(&mut count);
    count.total
}

struct Count {
    place: Vec<String>,
    counts: fn(&str) -> bool,
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
        if self.place.last().is_some_and(|name| (self.counts)(name)) {
            self.total += param.shape().num_elements() as u64;
        }
    }
}
