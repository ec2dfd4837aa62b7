//! Tensors of the processor engine as slices and back, and operations of ours on its tape.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Flex, TensorMetadata};
use burn::prelude::*;
use burn::tensor::{DType, Shape, TensorData};

use super::vector::{changed, share_out};

/// A tensor of the processor engine.
pub(super) type Flat = FloatTensor<Flex>;

/// Whether operations of ours take `x`: it lives on the processor engine and holds 32-bit numbers.
pub(super) fn is_ours<const D: usize>(x: &Tensor<D>) -> bool {
    let device = x.device();
    let device = if device.is_autodiff() { device.inner() } else { device };
    device == Device::flex() && x.dtype() == DType::F32
}

/// `x` itself if its elements lie in order and fill their memory; a copy of which that is true otherwise.
pub(super) fn in_order(x: Flat) -> Flat {
    let whole = x.layout().num_elements() * size_of::<f32>() == x.bytes().len();
    if whole && x.is_contiguous() && x.layout().start_offset() == 0 { x } else { x.to_contiguous() }
}

/// The elements of a tensor that is [`in_order`].
pub(super) fn values(x: &Flat) -> &[f32] {
    x.storage::<f32>()
}

/// A tensor of `values`.
pub(super) fn tensor(values: Vec<f32>, shape: Shape) -> Flat {
    Flex::float_from_data(TensorData::new(values, shape), &Default::default())
}

/// A tensor like `x` with rows of `row` elements changed by `part`: in place if nobody else holds its elements, else in a copy.
/// Called as [`rewrite`], which compiles `part`.
pub(super) fn rewritten(x: Flat, row: usize, part: impl Fn(usize, &mut [f32]) + Sync) -> Flat {
    let mut x = in_order(x);
    if let Some(own) = x.try_storage_mut::<f32>() {
        share_out(own, row, part);
        return x;
    }
    tensor(changed(values(&x), row, part), x.shape())
}

/// [`rewritten`], with the body as its `part`: it finds rows of `$row` elements in `$rows`, the first of which is row `$first`.
macro_rules! rewrite {
    ($x:expr, $row:expr, |$first:pat_param, $rows:ident| $body:expr) => {
        $crate::ops::engine::rewritten($x, $row, $crate::ops::vector::part!(|$first, $rows| $body))
    };
}

pub(super) use rewrite;

/// Rows and their length, where a row is the last axis.
pub(super) fn rows(x: &Flat) -> (usize, usize) {
    let shape = x.shape();
    let row = shape[shape.num_dims() - 1];
    (shape.num_elements() / row.max(1), row)
}

#[cfg(feature = "autodiff")]
pub(super) use tape::record;

#[cfg(feature = "autodiff")]
mod tape {
    use std::fmt::Debug;

    use burn::backend::autodiff::checkpoint::base::Checkpointer;
    use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
    use burn::backend::autodiff::grads::Gradients;
    use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
    use burn::backend::tensor::FloatTensor;
    use burn::backend::{Autodiff, Flex};

    use super::Flat;

    /// Turns what an operation kept and the gradient of its output into those of its inputs, each only where it is wanted.
    pub(in crate::ops) type BackwardOf<S, const N: usize> = fn(S, Flat, [bool; N]) -> [Option<Flat>; N];

    #[derive(Debug)]
    struct Step<S, const N: usize> {
        backward: BackwardOf<S, N>,
    }

    impl<S: Clone + Debug + Send + 'static, const N: usize> Backward<Flex, N> for Step<S, N> {
        type State = S;

        fn backward(self, ops: Ops<S, N>, gradients: &mut Gradients, _: &mut Checkpointer) {
            let gradient = gradients.consume::<Flex>(&ops.node);
            let wanted = ops.parents.each_ref().map(Option::is_some);
            let found = (self.backward)(ops.state, gradient, wanted);
            for (node, gradient) in ops.parents.into_iter().zip(found) {
                if let (Some(node), Some(gradient)) = (node, gradient) {
                    gradients.register::<Flex>(node.id, gradient);
                }
            }
        }
    }

    /// Runs an operation of `N` inputs on the tape: `forward` gives the output and what `backward` needs of it.
    pub(in crate::ops) fn record<C: CheckpointStrategy, S: Clone + Debug + Send + 'static, const N: usize>(
        inputs: [FloatTensor<Autodiff<Flex, C>>; N],
        forward: impl FnOnce([Flat; N]) -> (Flat, S),
        backward: BackwardOf<S, N>,
    ) -> FloatTensor<Autodiff<Flex, C>> {
        let nodes = inputs.each_ref().map(|input| input.node());
        let inputs = inputs.map(|input| input.into_primitive());
        match (Step { backward }).prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(step) => {
                let (output, state) = forward(inputs);
                step.finish(state, output)
            }
            OpsKind::UnTracked(step) => step.finish(forward(inputs).0),
        }
    }
}
