//! Gradient clipping by the norm of all gradients together. The engine's own clips each tensor by itself.

use burn::Tensor;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Device;

use crate::weights::Values;

/// What all gradients are multiplied by so that their common norm is at most `largest` (0: no limit), and that norm.
///
/// Both stay on the device, so a card is not made to wait for them.
pub fn global_norm_factor<M: Module>(model: &M, grads: &Values, largest: f64, device: &Device) -> [Tensor<1>; 2] {
    let mut squares = Squares { grads, sum: Tensor::zeros([1], device) };
    model.visit(&mut squares);
    let norm = squares.sum.sqrt();
    if largest == 0.0 {
        return [Tensor::ones([1], device), norm];
    }
    // As in PyTorch, the small number keeps a zero norm from dividing.
    [norm.clone().add_scalar(1e-6).recip().mul_scalar(largest).clamp_max(1.0), norm]
}

struct Squares<'a> {
    grads: &'a Values,
    sum: Tensor<1>,
}

impl ModuleVisitor for Squares<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.get::<D>(param.id) {
            self.sum = self.sum.clone() + grad.square().sum();
        }
    }
}
