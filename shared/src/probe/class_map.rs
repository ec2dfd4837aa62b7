//! Which patches speak for a class: attention weighted by its gradient, GETAM (arXiv 2112.02841, section 3.2).
//!
//! For the score of a class and the attention A of a layer, G = ∂score/∂A. The layer's relevance is
//! mean(relu(G ∘ A)) ∘ mean(relu(G)), means over heads; those of the second half of the layers are added, and the row of the
//! class token is the map. No layer is multiplied with another, and no residual branch is added, unlike in rollout.
//!
//! The paper has a class token among the tokens of all layers. What it has no case of is decided here: where the class token
//! joins behind the blocks (FAN), the layers are those that it looks from, all of them; where there is none (RVT), the map is
//! the mean over the rows of all tokens, in the second half of the layers whose tokens lie on the last grid. A map has a value
//! for each patch; it is not made smooth.

use burn::prelude::*;
use burn::tensor::activation::relu;
use thiserror::Error;

use super::map::scaled;
use crate::method::cross_entropy::one_hot;
use crate::model::observer::Observer;
use crate::model::{Model, ModelError};

/// Why there is no map.
#[derive(Debug, Error)]
pub enum ClassMapError {
    /// Not one class for each image.
    #[error("{images} images need as many classes, one each, and {classes} are given")]
    Count {
        /// Classes that are given.
        classes: usize,
        /// Images.
        images: usize,
    },
    /// A class that the model does not have.
    #[error("this model has {classes} classes, 0 to {}, and no class {class}", classes.saturating_sub(1))]
    Class {
        /// The class.
        class: usize,
        /// Classes of the model.
        classes: usize,
    },
    /// The model does not take such noise.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// How much each patch speaks for the class of its image, `[b, n]`: not negative, not scaled ([`read`]). None where no layer
/// forms attention on the grid of patches (VARS).
///
/// `images` `[b, 3, y, x]` are normalised, `noise` `[1, n, c]` is added to their patch tokens; `model` may live on a plain or on
/// a recording device and is not touched.
///
/// # Errors
/// When there is not one class of the model for each image, or it does not take the noise.
pub fn class_maps(
    model: &Model,
    images: Tensor<4>,
    noise: Option<Tensor<3>>,
    classes: &[usize],
) -> Result<Option<Tensor<2>>, ClassMapError> {
    let [b, ..] = images.dims();
    if classes.len() != b {
        return Err(ClassMapError::Count { classes: classes.len(), images: b });
    }
    let mut attended = Attended::default();
    let noise = noise.map(|noise| noise.inner().autodiff());
    let forward = model.valid().forward_with_noise(images.inner().autodiff(), noise, &mut attended)?;
    let [_, known] = forward.logits.dims();
    if let Some(class) = classes.iter().find(|class| **class >= known) {
        return Err(ClassMapError::Class { class: *class, classes: known });
    }
    if attended.is_empty() {
        return Ok(None);
    }
    // Images do not mix in evaluation mode, so the gradient of the sum is that of each image's score.
    let chosen = one_hot(classes, known, &forward.logits.device().inner()).autodiff();
    let layers = attended.differentiate(&(forward.logits * chosen).sum());
    Ok(relevance(&layers, b, forward.grid[0] * forward.grid[1]))
}

/// The map of one image from its numbers in [`class_maps`], summing to one; all zeros where nothing speaks for the class.
pub fn read(values: &[f32]) -> Vec<f32> {
    scaled(values)
}

/// Keeps the attention weights of a forward pass, for their gradients: zeros are added to them, which are differentiated.
/// The pass must be made on a device that records gradients.
#[derive(Debug, Default)]
pub struct Attended {
    weights: Vec<Tensor<4>>,
    zeros: Vec<Tensor<4>>,
}

impl Observer for Attended {
    fn see<const D: usize>(&mut self, _name: &str, _tensor: &Tensor<D>) {}

    fn attend(&mut self, weights: Tensor<4>) -> Tensor<4> {
        let zeros = weights.clone().inner().zeros_like().autodiff().require_grad();
        self.weights.push(weights.clone().inner());
        self.zeros.push(zeros.clone());
        weights + zeros
    }
}

impl Attended {
    /// Whether no layer formed any.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The weights A of each layer and ∂score/∂A, both `[b, h, m, n]`, first to last. `score` `[1]` comes of the same pass.
    pub fn differentiate(self, score: &Tensor<1>) -> Vec<[Tensor<4>; 2]> {
        let gradients = score.backward();
        let gradient = |zeros: Tensor<4>| zeros.grad(&gradients).unwrap_or_else(|| zeros.inner());
        self.weights.into_iter().zip(self.zeros).map(|(weights, zeros)| [weights, gradient(zeros)]).collect()
    }
}

/// What one layer adds, from its weights and gradient `[b, h, m, n]`: mean(relu(G ∘ A)) ∘ mean(relu(G)) over heads, `[b, 1, m, n]`.
pub fn layer_relevance([weights, gradient]: &[Tensor<4>; 2]) -> Tensor<4> {
    let mean = |x: Tensor<4>| relu(x).mean_dim(1);
    mean(gradient.clone() * weights.clone()) * mean(gradient.clone())
}

/// The map `[b, patches]` of layers as [`Attended::differentiate`] gives them, for `images` images.
pub fn relevance(layers: &[[Tensor<4>; 2]], images: usize, patches: usize) -> Option<Tensor<2>> {
    let on_the_grid = |[weights, _]: &&[Tensor<4>; 2]| {
        let [samples, _, queries, keys] = weights.dims();
        samples == images && (keys == patches || keys == patches + 1) && (queries == keys || queries == 1)
    };
    let layers: Vec<_> = layers.iter().filter(on_the_grid).collect();
    // One query: a class token that looks at the blocks' last tokens.
    let behind: Vec<_> = layers.iter().copied().filter(|[weights, _]| weights.dims()[2] == 1).collect();
    let late = if behind.is_empty() { &layers[layers.len() / 2..] } else { &behind };
    let rows = late.iter().map(|layer| {
        let layer = layer_relevance(layer);
        let keys = layer.dims()[3];
        let row = if keys > patches { layer.narrow(2, 0, 1) } else { layer.mean_dim(2) };
        row.narrow(3, keys - patches, patches).reshape([images, patches])
    });
    rows.reduce(|sum, row| sum + row)
}

#[cfg(test)]
#[cfg(feature = "flex")]
mod tests {
    use super::*;
    use crate::model::preset;

    fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().try_into_vec().unwrap()
    }

    fn model_and_images(name: &str, side: usize) -> (Model, Tensor<4>) {
        let device = Device::flex();
        device.seed(3);
        let model = preset(name).unwrap().config(5).init(&device).unwrap();
        (model, Tensor::random([2, 3, side, side], burn::tensor::Distribution::Default, &device))
    }

    /// Makes one weight of one layer larger.
    struct Nudge {
        layer: usize,
        place: [usize; 4],
        by: f32,
        seen: usize,
    }

    impl Observer for Nudge {
        fn see<const D: usize>(&mut self, _name: &str, _tensor: &Tensor<D>) {}

        fn attend(&mut self, weights: Tensor<4>) -> Tensor<4> {
            self.seen += 1;
            if self.seen != self.layer + 1 {
                return weights;
            }
            let [b, h, m, n] = weights.dims();
            let mut values = vec![0.0f32; b * h * m * n];
            let [image, head, query, key] = self.place;
            values[((image * h + head) * m + query) * n + key] = self.by;
            let change = burn::tensor::TensorData::new(values, [b, h, m, n]);
            let device = weights.device();
            weights + Tensor::from_data(change, &device)
        }
    }

    #[test]
    fn gradients_are_those_of_a_weight_that_is_made_larger() {
        let (model, images) = model_and_images("vit_nano_p4_32", 32);
        let mut attended = Attended::default();
        let forward = model.valid().observe(images.clone().autodiff(), &mut attended);
        let plain = numbers(model.forward(images.clone()));
        assert_eq!(numbers(forward.logits.clone().inner()), plain, "zeros change nothing");
        let layers = attended.differentiate(&forward.logits.narrow(0, 1, 1).narrow(1, 2, 1).sum());
        for (layer, place) in [(0, [1, 0, 5, 9]), (2, [1, 2, 0, 40]), (layers.len() - 1, [1, 1, 0, 7])] {
            let score = |by: f32| {
                let mut nudge = Nudge { layer, place, by, seen: 0 };
                f64::from(numbers(model.observe(images.clone(), &mut nudge).logits)[5 + 2])
            };
            let [image, head, query, key] = place;
            let [weights, gradient] = &layers[layer];
            let [_, h, m, n] = weights.dims();
            let found = f64::from(numbers(gradient.clone())[((image * h + head) * m + query) * n + key]);
            let slope = (score(0.05) - score(-0.05)) / 0.1;
            assert!((found - slope).abs() < 1e-4 + 0.02 * slope.abs(), "layer {layer}: {found} and {slope}");
        }
    }

    #[test]
    fn every_family_with_attention_has_a_map_for_each_image_and_class() {
        let presets =
            [("vit_nano_p4_32", 32), ("fan_nano_p8_64", 64), ("rvt_nano_p8_64", 64), ("rvt_nano_performer_p8_64", 64)];
        for (name, side) in presets {
            let (model, images) = model_and_images(name, side);
            let patches = model.trace(images.clone()).grid.iter().product::<usize>();
            let both = class_maps(&model, images.clone(), None, &[1, 4]).unwrap().expect(name);
            assert_eq!(both.dims(), [2, patches], "{name}");
            let both = numbers(both);
            assert!(both.iter().all(|value| *value >= 0.0 && value.is_finite()), "{name}");
            for (image, class) in [1, 4].into_iter().enumerate() {
                let alone = class_maps(&model, images.clone().narrow(0, image, 1), None, &[class]).unwrap().unwrap();
                let map = read(&numbers(alone));
                assert!((map.iter().sum::<f32>() - 1.0).abs() < 1e-4, "{name}: something speaks for any class");
                let beside = read(&both[image * patches..][..patches]);
                assert!(map.iter().zip(&beside).all(|(a, b)| (a - b).abs() < 1e-4), "{name}: images do not mix");
            }
        }
    }

    /// Attention `[1, 1, m, n]` with a gradient of ones, so that its relevance is itself.
    fn layer<const M: usize, const N: usize>(weights: [[f32; N]; M]) -> [Tensor<4>; 2] {
        let weights = Tensor::<2>::from_data(weights, &Device::flex()).reshape([1, 1, M, N]);
        [weights.clone(), weights.ones_like()]
    }

    #[test]
    fn the_row_is_that_of_the_class_token_wherever_it_is() {
        let among = [layer([[9.0; 3]; 3]), layer([[0.5, 0.2, 0.3], [9.0; 3], [9.0; 3]])];
        let map = |layers: &[[Tensor<4>; 2]]| relevance(layers, 1, 2).map(numbers);
        assert_eq!(map(&among).unwrap(), [0.2, 0.3], "the second half, without what the class token says to itself");
        let behind = [layer([[9.0; 2]; 2]), layer([[0.5, 0.25, 0.25]]), layer([[0.0, 0.25, 0.75]])];
        assert_eq!(map(&behind).unwrap(), [0.5, 1.0], "all layers of the class token, none of the blocks");
        let without = [layer([[9.0; 2]; 2]), layer([[0.5, 0.5], [0.0, 1.0]])];
        assert_eq!(map(&without).unwrap(), [0.25, 0.75], "the mean over all tokens");
        assert_eq!(map(&[layer([[1.0; 7]; 7])]), None, "another grid");
        let [weights, gradient] = layer([[0.5, 0.5], [0.25, 0.75]]);
        let against = [weights, gradient.neg()];
        assert_eq!(map(&[against]).unwrap(), [0.0, 0.0], "what speaks against a class is not counted");
    }

    #[test]
    fn heads_are_averaged_after_what_speaks_against_is_cut() {
        let device = Device::flex();
        let weights = Tensor::<4>::from_data([[[[0.5, 0.5]], [[1.0, 0.0]]]], &device);
        let gradient = Tensor::<4>::from_data([[[[2.0, -4.0]], [[-2.0, 4.0]]]], &device);
        // First key: mean(relu(1, −2)) · mean(relu(2, −2)); second: mean(relu(−2, 0)) · mean(relu(−4, 4)).
        assert_eq!(numbers(layer_relevance(&[weights, gradient])), [0.5, 0.0]);
    }

    #[test]
    fn noise_on_tokens_has_its_share() {
        let (model, images) = model_and_images("vit_nano_p4_32", 32);
        let noise = Tensor::random([1, 64, 96], burn::tensor::Distribution::Default, &images.device());
        let maps = |noise| numbers(class_maps(&model, images.clone(), noise, &[0, 0]).unwrap().unwrap());
        assert_eq!(maps(None), maps(Some(noise.zeros_like())));
        assert_ne!(maps(None), maps(Some(noise)));
    }

    #[test]
    fn what_has_no_attention_has_no_map_and_a_class_that_is_not_there_is_refused() {
        let (vars, images) = model_and_images("rvt_nano_vars_d_p8_64", 64);
        assert!(class_maps(&vars, images.clone(), None, &[0, 0]).unwrap().is_none());
        let refused = |classes: &[usize]| class_maps(&vars, images.clone(), None, classes).unwrap_err().to_string();
        assert_eq!(refused(&[0]), "2 images need as many classes, one each, and 1 are given");
        assert_eq!(refused(&[0, 5]), "this model has 5 classes, 0 to 4, and no class 5");
    }
}
