//! What every model must do, whatever it is made of: give gradients to all of its parameters and come back from a bundle.

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::Distribution;
use vitro::bundle::{self, Manifest, Precision};
use vitro::model::{Model, ModelConfig, Role, parameters};

use crate::small_models::manifest;

/// `batch` images of noise at the size that the model takes, `[b, 3, h, w]`, the same in every call.
pub fn images(batch: usize, config: &ModelConfig, device: &Device) -> Tensor<4> {
    device.seed(7);
    Tensor::random([batch, 3, config.image_size(), config.image_size()], Distribution::Normal(0.0, 1.0), device)
}

/// All numbers of a tensor, row by row.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().convert::<f32>().iter::<f32>().collect()
}

/// The numbers of every parameter and running statistic of a module, one list for each.
pub fn arrays<M: Module>(module: &M) -> Vec<Vec<f32>> {
    struct Arrays(Vec<Vec<f32>>);
    impl ModuleVisitor for Arrays {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0.push(values(param.val().inner()));
        }
    }
    let mut arrays = Arrays(Vec::new());
    module.visit(&mut arrays);
    arrays.0
}

/// Paths of the parameters that the squares of all outputs send no gradient to. The model must record gradients.
///
/// # Panics
///
/// If a parameter that is fixed has a gradient.
pub fn without_gradient(model: &Model, images: Tensor<4>) -> Vec<String> {
    let seen = model.trace(images);
    let mut loss = seen.logits.powf_scalar(2.0).sum() + seen.tokens.powf_scalar(2.0).sum();
    if let Some(scores) = seen.token_logits {
        loss = loss + scores.powf_scalar(2.0).sum();
    }
    let gradients = GradientsParams::from_grads(loss.backward(), model);
    let mut check = EveryParameter { gradients, without: Vec::new(), path: Vec::new() };
    model.visit(&mut check);
    check.without
}

struct EveryParameter {
    gradients: GradientsParams,
    without: Vec<String>,
    path: Vec<String>,
}

impl ModuleVisitor for EveryParameter {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.path.join(".");
        if !Role::of(&path, D).is_trained() {
            assert!(self.gradients.get::<D>(param.id).is_none(), "{path} is fixed, but has a gradient");
            return;
        }
        // The predictor of a token's own scale cancels out in a softmax only where all scales agree; zero is suspicious.
        let reached = self.gradients.get::<D>(param.id).is_some_and(|g| values(g).iter().any(|value| *value != 0.0));
        if !reached {
            self.without.push(path);
        }
    }
}

/// Logits of two images before and after a bundle.
///
/// # Panics
///
/// If the bundle cannot be written or read, or counts other parameters.
pub fn through_a_bundle(model: &Model, config: &ModelConfig, precision: Precision) -> (Vec<f32>, Vec<f32>) {
    let device = Device::flex();
    let bytes = bundle::write(&manifest(config.clone()), model, precision).expect("a bundle");
    let (read, again): (Manifest, Model) = bundle::read(&bytes, &device).expect("the same bundle");
    assert_eq!(read.params, parameters(model));
    let x = images(2, config, &device);
    (values(model.forward(x.clone())), values(again.forward(x)))
}

/// The largest difference between two lists of the same length.
pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Asserts that storing the weights in 16 bits moves no logit by 2·10⁻³, and that it does round unless the model must not be.
///
/// # Panics
///
/// If it does not hold.
pub fn assert_half_precision_is_enough(name: &str, model: &Model, config: &ModelConfig) {
    let (before, after) = through_a_bundle(model, config, Precision::F16);
    let worst = before.iter().zip(&after).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!("{name}: 16 bits move a logit by {worst:.1e}");
    assert!(worst < 2e-3, "{name}: {worst}");
    assert_eq!(before == after, config.attention().jumps(), "{name}: 16 bits should round unless codes jump");
}
