//! The networks. Each has a configuration that checks itself, `init` on a device, and one forward pass.

pub(crate) mod activation;
mod attention;
mod count;
mod drop_path;
mod error;
pub mod fan;
pub(crate) mod layers;
mod mode;
pub mod observer;
mod preset;
pub mod vit;

pub use count::parameters;
pub use error::ModelError;
pub use mode::evaluating;
pub use preset::{PRESETS, Preset, UnknownPreset, preset};

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use fan::{Fan, FanConfig};
use observer::Observer;
use vit::{Vit, VitConfig};

/// What a forward pass shows.
#[derive(Clone, Debug)]
pub struct Forward {
    /// Scores `[b, classes]` before softmax.
    pub logits: Tensor<2>,
    /// Token attention of each block of the trunk, in order, `[b, h, n, n]`. A ViT's n counts the class token first.
    pub attention: Vec<Tensor<4>>,
    /// How much the class token looks at each patch in the last layer that has one, `[b, h, n]` over the patches.
    pub class_attention: Option<Tensor<3>>,
    /// Normalised tokens `[b, 1 + n, c]`, class token first.
    pub tokens: Tensor<3>,
    /// Rows and columns of patches.
    pub grid: [usize; 2],
}

/// Shape of any model here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum ModelConfig {
    /// A plain vision transformer.
    Vit(VitConfig),
    /// A fully attentional network.
    Fan(FanConfig),
}

impl ModelConfig {
    /// Builds the network with fresh weights, or says which field cannot be.
    pub fn init(&self, device: &Device) -> Result<Model, ModelError> {
        Ok(match self {
            Self::Vit(config) => Model::Vit(config.init(device)?),
            Self::Fan(config) => Model::Fan(config.init(device)?),
        })
    }

    /// Side of the square input, pixels.
    pub fn image_size(&self) -> usize {
        match self {
            Self::Vit(config) => config.image_size,
            Self::Fan(config) => config.image_size,
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        match self {
            Self::Vit(config) => config.classes,
            Self::Fan(config) => config.classes,
        }
    }

    /// Number of patches.
    pub fn patches(&self) -> usize {
        match self {
            Self::Vit(config) => config.patches(),
            Self::Fan(config) => config.patches(),
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
}

impl Model {
    /// Normalised pictures `[b, 3, y, x]` → logits `[b, classes]`.
    pub fn forward(&self, pictures: Tensor<4>) -> Tensor<2> {
        self.trace(pictures).logits
    }

    /// Normalised pictures `[b, 3, y, x]` → logits, attention and tokens.
    pub fn trace(&self, pictures: Tensor<4>) -> Forward {
        self.observe(pictures, &mut ())
    }

    /// [`Self::trace`], with every intermediate tensor shown to `observer` under its place in the network.
    pub fn observe(&self, pictures: Tensor<4>, observer: &mut impl Observer) -> Forward {
        match self {
            Self::Vit(model) => model.forward(pictures, observer),
            Self::Fan(model) => model.forward(pictures, observer),
        }
    }
}
