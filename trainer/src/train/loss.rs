//! What training minimises: cross-entropy with label smoothing, and λ times ADL where the recipe asks for it.

use burn::Tensor;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, TensorData};
use vitro::method::adl::{BatchOfOne, adl};
use vitro::model::Model;

use crate::recipe::{Method, Train};

/// The parts of the loss of some pictures, and how many were right.
pub struct Loss {
    /// Mean over the pictures, `[1]`, with gradients.
    pub total: Tensor<1>,
    /// Logits `[b, classes]`, without gradients.
    pub logits: Tensor<2>,
}

/// Computes the loss of `pictures` `[b, 3, y, x]` with `labels`.
pub fn loss(model: &Model, pictures: Tensor<4>, labels: &[usize], train: &Train, method: &Method) -> Loss {
    let device = pictures.device().inner();
    let (logits, attention) = if method.adl > 0.0 {
        let seen = model.trace(pictures);
        (seen.logits, seen.attention)
    } else {
        (model.forward(pictures), Vec::new())
    };
    let targets = targets(labels, logits.dims()[1], train.smoothing, &device);
    let entropy = cross_entropy(logits.clone(), targets);
    let total = if method.adl > 0.0 {
        entropy + adl(&attention, method.adl_theta, BatchOfOne::Keep).mul_scalar(method.adl)
    } else {
        entropy
    };
    Loss { total, logits: logits.inner() }
}

/// Smoothed one-hot targets `[b, classes]`: the label keeps 1 - s, all classes share s.
pub fn targets(labels: &[usize], classes: usize, smoothing: f64, device: &Device) -> Tensor<2> {
    let share = (smoothing / classes as f64) as f32;
    let mut targets = vec![share; labels.len() * classes];
    for (row, label) in labels.iter().enumerate() {
        targets[row * classes + label] += (1.0 - smoothing) as f32;
    }
    Tensor::from_data(TensorData::new(targets, [labels.len(), classes]), device)
}

/// Mean over the batch of -Σ target · log softmax, `[1]`.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let count = logits.dims()[0] as f64;
    (log_softmax(logits, 1) * targets).sum().div_scalar(-count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoothing_spreads_a_share_over_all_classes() {
        let targets: Vec<f32> = targets(&[1], 4, 0.2, &Device::flex()).into_data().try_into_vec().unwrap();
        for (target, expected) in targets.iter().zip([0.05, 0.85, 0.05, 0.05]) {
            assert!((target - expected).abs() < 1e-6);
        }
    }

    #[test]
    fn even_logits_cost_the_logarithm_of_the_number_of_classes() {
        let device = Device::flex();
        let loss = cross_entropy(Tensor::zeros([3, 10], &device), targets(&[0, 4, 9], 10, 0.1, &device));
        assert!((loss.into_scalar::<f32>() - 10f32.ln()).abs() < 1e-5);
    }
}
