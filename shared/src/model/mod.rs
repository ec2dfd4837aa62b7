//! The networks. Each has a configuration that checks itself, `init` on a device, and one forward pass.

pub(crate) mod activation;
pub(crate) mod attention;
mod count;
pub(crate) mod drop_path;
mod error;
pub mod fan;
pub(crate) mod layers;
pub mod mix;
mod mode;
mod noise;
pub mod observer;
mod preset;
pub mod rvt;
pub mod vit;

pub use count::{fixed_parameters, is_fixed, parameters};
pub use error::ModelError;
pub use mix::Mixed;
pub use mode::evaluating;
pub use preset::{PRESETS, Preset, UnknownPreset, preset};

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use fan::{Fan, FanConfig, FanSwin, FanSwinConfig};
use observer::Observer;
use rvt::{Rvt, RvtConfig};
use vit::{Vit, VitConfig};

use mix::AttentionKind;
use mix::vars::Codes;

/// What a forward pass shows.
#[derive(Clone, Debug)]
pub struct Forward {
    /// Scores `[b, classes]` before softmax.
    pub logits: Tensor<2>,
    /// Token attention of each block of the trunk, in order, `[b, h, n, n]`. A ViT's n counts the class token first; a
    /// Swin's windows are counted as samples, `[b·windows, h, w², w²]`. Blocks of different stages differ in h and n. Empty
    /// where the blocks form no such matrix (VARS).
    pub attention: Vec<Tensor<4>>,
    /// How much the class token looks at each patch in the last layer that has one, `[b, h, n]` over the patches.
    pub class_attention: Option<Tensor<3>>,
    /// Codes of each block whose attention is a recurrence (VARS), in order.
    pub codes: Vec<Codes>,
    /// Normalised tokens, class token first: `[b, 1 + n, c]`, or `[b, n, c]` where the model has no class token.
    pub tokens: Tensor<3>,
    /// Scores of each patch token `[b, n, classes]` before softmax, where the model has STL's token head.
    pub token_logits: Option<Tensor<3>>,
    /// Rows and columns of the n patch tokens.
    pub grid: [usize; 2],
}

impl Forward {
    /// The scores that the released evaluation on shifted images reads from a model with a token head, `[b, classes]`:
    /// class + 0.5 · max over the tokens ([`fan::fuse`]). The other evaluation head is `logits`. None without token head.
    pub fn fused_logits(&self) -> Option<Tensor<2>> {
        self.token_logits.as_ref().map(|token_logits| fan::fuse(self.logits.clone(), token_logits.clone()))
    }
}

/// Shape of any model here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum ModelConfig {
    /// A plain vision transformer.
    Vit(VitConfig),
    /// A fully attentional network.
    Fan(FanConfig),
    /// A Swin transformer with FAN's channel attention.
    Swin(FanSwinConfig),
    /// A robust vision transformer.
    Rvt(RvtConfig),
}

impl ModelConfig {
    /// Builds the network with fresh weights, or says which field cannot be.
    pub fn init(&self, device: &Device) -> Result<Model, ModelError> {
        Ok(match self {
            Self::Vit(config) => Model::Vit(config.init(device)?),
            Self::Fan(config) => Model::Fan(config.init(device)?),
            Self::Swin(config) => Model::Swin(config.init(device)?),
            Self::Rvt(config) => Model::Rvt(config.init(device)?),
        })
    }

    /// Side of the square input, pixels.
    pub fn image_size(&self) -> usize {
        match self {
            Self::Vit(config) => config.image_size,
            Self::Fan(config) => config.image_size,
            Self::Swin(config) => config.image_size,
            Self::Rvt(config) => config.image_size,
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        match self {
            Self::Vit(config) => config.classes,
            Self::Fan(config) => config.classes,
            Self::Swin(config) => config.classes,
            Self::Rvt(config) => config.classes,
        }
    }

    /// Refuses images of `rows` × `columns` pixels that the model cannot take, with the reason.
    ///
    /// A forward pass on such an image is an error of the caller and gives a panic in the engine.
    pub fn check_image(&self, image: [usize; 2]) -> Result<(), ModelError> {
        match self {
            Self::Vit(config) => config.check_image(image),
            Self::Fan(_) | Self::Swin(_) => Ok(()),
            Self::Rvt(config) => config.check_image(image),
        }
    }

    /// What the blocks mix their tokens with.
    pub fn attention(&self) -> AttentionKind {
        match self {
            Self::Vit(config) => config.attention,
            Self::Fan(_) | Self::Swin(_) => AttentionKind::Softmax,
            Self::Rvt(config) => config.attention,
        }
    }

    /// Number of patches.
    pub fn patches(&self) -> usize {
        match self {
            Self::Vit(config) => config.patches(),
            Self::Fan(config) => config.patches(),
            Self::Swin(config) => config.patches(),
            Self::Rvt(config) => config.patches(),
        }
    }

    /// Shape `[1, n, c]` of the noise that [`Model::forward_with_noise`] takes at the configured size; none where it
    /// takes none.
    pub fn noise_shape(&self) -> Option<[usize; 3]> {
        match self {
            Self::Vit(config) => Some([1, config.patches(), config.width]),
            Self::Fan(config) => Some([1, config.patches(), config.width]),
            Self::Swin(_) => None,
            Self::Rvt(config) => Some([1, config.patches(), config.stages.first()?.width]),
        }
    }
}

/// Any model here.
#[derive(Module, Debug)]
pub enum Model {
    /// A plain vision transformer.
    Vit(Vit),
    /// A fully attentional network.
    Fan(Fan),
    /// A Swin transformer with FAN's channel attention.
    Swin(FanSwin),
    /// A robust vision transformer.
    Rvt(Rvt),
}

impl Model {
    /// Normalised images `[b, 3, y, x]` → logits `[b, classes]`.
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.trace(images).logits
    }

    /// Normalised images `[b, 3, y, x]` → logits, attention and tokens.
    pub fn trace(&self, images: Tensor<4>) -> Forward {
        self.observe(images, &mut ())
    }

    /// [`Self::trace`], with every intermediate tensor shown to `observer` under its place in the network.
    pub fn observe(&self, images: Tensor<4>, observer: &mut impl Observer) -> Forward {
        match self {
            Self::Vit(model) => model.forward(images, observer),
            Self::Fan(model) => model.forward(images, observer),
            Self::Swin(model) => model.forward(images, observer),
            Self::Rvt(model) => model.forward(images, observer),
        }
    }

    /// [`Self::observe`] with `noise` `[1, n, c]` added to the patch tokens before positions and class token.
    ///
    /// # Errors
    /// When the noise is made for another number of patches or channels, or the family takes none.
    pub fn forward_with_noise(
        &self,
        images: Tensor<4>,
        noise: Option<Tensor<3>>,
        observer: &mut impl Observer,
    ) -> Result<Forward, ModelError> {
        match self {
            Self::Vit(model) => model.forward_with_noise(images, noise, observer),
            Self::Fan(model) => model.forward_with_noise(images, noise, observer),
            Self::Swin(_) if noise.is_some() => Err(ModelError::NoTokenNoise { family: "FAN-Swin" }),
            Self::Swin(model) => Ok(model.forward(images, observer)),
            Self::Rvt(model) => model.forward_with_noise(images, noise, observer),
        }
    }

    /// Weights `[c, 3, p, p]` of a patch embedding that is one linear map of each patch; none for stacks of convolutions.
    pub fn patch_kernel(&self) -> Option<Tensor<4>> {
        match self {
            Self::Vit(model) => Some(model.patch_kernel()),
            Self::Fan(_) | Self::Swin(_) | Self::Rvt(_) => None,
        }
    }

    /// To be called after each training step; `iteration` counts the steps of an epoch from 0.
    ///
    /// VARS-S keeps a bound of its filters that the optimiser does not train: every hundredth step moves it a tenth of the
    /// way. Other models have nothing to do.
    pub fn after_step(&mut self, iteration: u64) {
        match self {
            Self::Vit(model) => model.after_step(iteration),
            Self::Fan(_) | Self::Swin(_) => {}
            Self::Rvt(model) => model.after_step(iteration),
        }
    }
}
