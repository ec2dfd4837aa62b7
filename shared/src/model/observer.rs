//! A way to look inside a forward pass.
//!
//! Modules hand their intermediate tensors to an observer under the name of the place where they arise. The unit type
//! observes nothing and costs nothing; probes and the parity tests bring their own. Only attention weights go through an
//! observer, since their gradient reaches no one otherwise.

use burn::Tensor;

/// Sees the intermediate tensors of a forward pass.
pub trait Observer {
    /// Called once for each intermediate tensor, in order of computation.
    fn see<const D: usize>(&mut self, name: &str, tensor: &Tensor<D>);

    /// Called for the attention weights `[b, h, m, n]` of each layer that forms them, in order of computation. What comes back
    /// takes their place: zeros that are added there are differentiated with respect to the weights.
    fn attend(&mut self, weights: Tensor<4>) -> Tensor<4> {
        weights
    }
}

impl Observer for () {
    fn see<const D: usize>(&mut self, _name: &str, _tensor: &Tensor<D>) {}
}

/// Puts a place in front of every name: `Within::new(observer, "blocks.0")` turns `attn` into `blocks.0.attn`.
pub struct Within<'a, O> {
    observer: &'a mut O,
    place: &'a str,
}

impl<'a, O: Observer> Within<'a, O> {
    /// Observes for `observer` inside `place`.
    pub fn new(observer: &'a mut O, place: &'a str) -> Self {
        Self { observer, place }
    }
}

impl<O: Observer> Observer for Within<'_, O> {
    fn see<const D: usize>(&mut self, name: &str, tensor: &Tensor<D>) {
        self.observer.see(&format!("{}.{name}", self.place), tensor);
    }

    fn attend(&mut self, weights: Tensor<4>) -> Tensor<4> {
        self.observer.attend(weights)
    }
}
