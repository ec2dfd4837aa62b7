//! What something is done to, and what comes of it.

use burn::module::Module;
use burn::prelude::*;

use super::SynthesisError;
use crate::attack::{AttackError, PixelSpace, Victim};
use crate::image::Preprocess;
use crate::model::{Model, ModelError};

/// A model and an image as it sees it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// In evaluation mode, on a device that records nothing.
    pub model: Model,
    /// How images are prepared for it.
    pub preprocess: Preprocess,
    /// Normalised, `[1, 3, y, x]`.
    pub image: Tensor<4>,
    /// What it says of the image as it is: attacks lead away from this class.
    pub label: usize,
}

/// What was made of the image.
#[derive(Clone, Debug)]
pub enum Made {
    /// Another image, normalised as the subject's, `[1, 3, y, x]`.
    Image(Tensor<4>),
    /// Noise on the patch tokens of the subject's model, `[1, n, c]`; the image is as it was.
    Tokens(Tensor<3>),
}

impl Subject {
    /// `image` `[1, 3, y, x]` as `model` sees it, normalised by `preprocess`.
    pub fn new(model: Model, preprocess: Preprocess, image: Tensor<4>) -> Self {
        let (model, image) = (model.valid(), image.inner());
        let logits: Vec<f32> = model.forward(image.clone()).into_data().iter::<f32>().collect();
        // Of equal ones the first, as everywhere.
        let best = (0..logits.len()).rev().max_by(|a, b| logits[*a].total_cmp(&logits[*b]));
        Self { model, preprocess, image, label: best.unwrap_or_default() }
    }

    /// Logits `[1, classes]` of what was made.
    ///
    /// # Errors
    /// When the model takes no such noise.
    pub fn logits(&self, made: &Made) -> Result<Tensor<2>, ModelError> {
        match made {
            Made::Image(image) => Ok(self.model.forward(image.clone())),
            Made::Tokens(noise) => {
                Ok(self.model.forward_with_noise(self.image.clone(), Some(noise.clone()), &mut ())?.logits)
            }
        }
    }

    pub(super) fn space(&self) -> Result<PixelSpace, AttackError> {
        PixelSpace::of(&self.preprocess)
    }

    pub(super) fn victim(&self) -> Result<Victim, SynthesisError> {
        Ok(Victim::new(&self.model, self.space()?))
    }

    /// Pixels along a side.
    pub(super) fn side(&self) -> usize {
        self.image.dims()[3]
    }
}
