//! Gradient clipping by the norm of all gradients together. The engine's own clips each tensor by itself.

use burn::Tensor;
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Device;

use crate::weights::Values;

/// Scales all gradients by `largest / norm` when their norm exceeds `largest`; 0 leaves them. Returns the norm before.
///
/// The factor stays on the device, so a card is not made to wait for it.
pub fn clip_by_global_norm<M: Module>(model: &M, grads: Values, largest: f64, device: &Device) -> (Values, Tensor<1>) {
    let mut squares = Squares { grads: &grads, sum: Tensor::zeros([1], device) };
    model.visit(&mut squares);
    let norm = squares.sum.sqrt();
    if largest == 0.0 {
        return (grads, norm);
    }
    // As in PyTorch, the small number keeps a zero norm from dividing.
    let factor = norm.clone().add_scalar(1e-6).recip().mul_scalar(largest).clamp_max(1.0);
    let mut scale = Scale { grads, scaled: Values::new(), factor };
    model.visit(&mut scale);
    (scale.scaled, norm)
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

struct Scale {
    grads: Values,
    scaled: Values,
    factor: Tensor<1>,
}

impl ModuleVisitor for Scale {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(grad) = self.grads.remove::<D>(param.id) {
            self.scaled.register(param.id, grad * self.factor.clone().reshape([1; D]));
        }
    }
}
