//! Cross-entropy with soft targets: what training minimises and attacks maximise.

use burn::prelude::*;
use burn::tensor::TensorData;
use burn::tensor::activation::log_softmax;

/// Mean over the batch of −Σ target · log softmax, `[1]`: logits and targets `[b, classes]`.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let count = logits.dims()[0] as f64;
    (log_softmax(logits, 1) * targets).sum().div_scalar(-count)
}

/// Targets `[b, classes]`, one at the label of each row and zero elsewhere; zero everywhere for a label ≥ `classes`.
pub fn one_hot(labels: &[usize], classes: usize, device: &Device) -> Tensor<2> {
    let values: Vec<f32> =
        labels.iter().flat_map(|label| (0..classes).map(move |class| f32::from(u8::from(class == *label)))).collect();
    Tensor::from_data(TensorData::new(values, [labels.len(), classes]), device)
}
