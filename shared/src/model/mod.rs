//! The networks. Each has a configuration that checks itself, `init` on a device, and one forward pass.
//!
//! A family of networks is a folder here and one line of the list below; what that takes is in [`family`](Family). How tokens
//! mix is the same for all of them and lives in [`mix`].

pub(crate) mod attention;
mod count;
mod depth;
pub(crate) mod drop_path;
mod error;
mod family;
pub mod fan;
pub mod layer_norm;
pub(crate) mod layers;
pub mod linear;
pub mod mix;
mod mode;
mod noise;
pub mod observer;
mod preset;
mod ratio;
mod role;
pub mod rvt;
pub mod swin;
pub mod vit;

pub use count::{fixed_parameters, parameters};
pub use depth::Layers;
pub use drop_path::Draws;
pub use error::ModelError;
pub use family::{Family, FamilyConfig, FamilyInfo, Keys};
pub use mix::Mixed;
pub use mode::evaluating;
pub use preset::{PRESETS, Preset, UnknownPreset, preset};
pub use role::Role;

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use mix::AttentionKind;
use mix::vars::Codes;
use noise::with_noise;
use observer::Observer;

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

    /// What a pass over `count` images shows of the first `first` of them.
    pub fn of_first(self, first: usize, count: usize) -> Self {
        Self {
            logits: rows(self.logits, first, count),
            attention: self.attention.into_iter().map(|attention| rows(attention, first, count)).collect(),
            class_attention: self.class_attention.map(|attention| rows(attention, first, count)),
            codes: self.codes.into_iter().map(|codes| codes.each(|codes| rows(codes, first, count))).collect(),
            tokens: rows(self.tokens, first, count),
            token_logits: self.token_logits.map(|logits| rows(logits, first, count)),
            grid: self.grid,
        }
    }
}

/// The rows of the first `first` of `count` images; an image may have several, as the windows of a Swin.
fn rows<const D: usize>(tensor: Tensor<D>, first: usize, count: usize) -> Tensor<D> {
    let each = tensor.dims()[0] / count;
    tensor.narrow(0, 0, first * each)
}

/// Makes of the list of families what has one entry for each: the registry, any configuration, any network. The engine wants
/// concrete types, so the last two are enums.
macro_rules! families {
    ($( $(#[doc = $doc:expr])* $family:ident => $folder:ident: $config:ident, $model:ident; )*) => {
        /// All families, in the order in which they are listed to people.
        pub const FAMILIES: &[FamilyInfo] = &[ $($folder::INFO,)* ];

        /// Shape of any model here.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "family", rename_all = "snake_case")]
        pub enum ModelConfig {
            $( $(#[doc = $doc])* $family($folder::$config), )*
        }

        impl ModelConfig {
            /// What the family says of itself.
            pub fn info(&self) -> &'static FamilyInfo {
                match self {
                    $( Self::$family(_) => &$folder::INFO, )*
                }
            }

            /// Builds the network with fresh weights, or says which field cannot be.
            pub fn init(&self, device: &Device) -> Result<Model, ModelError> {
                Ok(match self {
                    $( Self::$family(config) => Model::$family(config.init(device)?), )*
                })
            }

            fn family(&self) -> &dyn FamilyConfig {
                match self {
                    $( Self::$family(config) => config, )*
                }
            }
        }

        /// Any model here.
        #[derive(Module, Debug)]
        pub enum Model {
            $( $(#[doc = $doc])* $family($folder::$model), )*
        }

        impl Model {
            /// What the family says of itself.
            pub fn info(&self) -> &'static FamilyInfo {
                match self {
                    $( Self::$family(_) => &$folder::INFO, )*
                }
            }

            pub(crate) fn embed(&self, images: Tensor<4>, observer: &mut impl Observer) -> (Tensor<3>, [usize; 2]) {
                match self {
                    $( Self::$family(model) => model.embed(images, observer), )*
                }
            }

            fn encode(&self, patches: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Forward {
                match self {
                    $( Self::$family(model) => model.encode(patches, grid, observer), )*
                }
            }

            /// Weights `[c, 3, p, p]` of a patch embedding that is one linear map of each patch; none for stacks of
            /// convolutions.
            pub fn patch_kernel(&self) -> Option<Tensor<4>> {
                match self {
                    $( Self::$family(model) => model.patch_kernel(), )*
                }
            }

            /// To be called on the copy that takes a training step: what its blocks drop is drawn from `draws` then, and not
            /// from the engine's one generator.
            pub fn before_step(&mut self, draws: &Draws) {
                match self {
                    $( Self::$family(model) => model.before_step(draws), )*
                }
            }

            /// To be called after each training step; `iteration` counts the steps of an epoch from 0.
            ///
            /// VARS-S keeps a bound of its filters that the optimiser does not train: every hundredth step moves it a tenth of
            /// the way. Other models have nothing to do.
            pub fn after_step(&mut self, iteration: u64) {
                match self {
                    $( Self::$family(model) => model.after_step(iteration), )*
                }
            }
        }
    };
}

families! {
    /// A plain vision transformer.
    Vit => vit: VitConfig, Vit;
    /// A fully attentional network.
    Fan => fan: FanConfig, Fan;
    /// A Swin transformer with FAN's channel attention.
    Swin => swin: FanSwinConfig, FanSwin;
    /// A robust vision transformer.
    Rvt => rvt: RvtConfig, Rvt;
}

impl ModelConfig {
    /// Side of the square input, pixels.
    pub fn image_size(&self) -> usize {
        self.family().image_size()
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.family().classes()
    }

    /// Refuses images of `rows` × `columns` pixels that the model cannot take, with the reason.
    ///
    /// A forward pass on such an image is an error of the caller and gives a panic in the engine.
    pub fn check_image(&self, image: [usize; 2]) -> Result<(), ModelError> {
        self.family().check_image(image)
    }

    /// What the blocks mix their tokens with.
    pub fn attention(&self) -> AttentionKind {
        self.family().attention()
    }

    /// Scales K of token-aware average pooling; none: no TAP.
    pub fn tap_scales(&self) -> Option<usize> {
        self.family().tap_scales()
    }

    /// Whether a second head scores every patch token.
    pub fn token_head(&self) -> bool {
        self.family().token_head()
    }

    /// Number of patches.
    pub fn patches(&self) -> usize {
        self.family().patches()
    }

    /// How far from the image each of the network's arrays is.
    pub fn layers(&self) -> Layers {
        self.family().layers()
    }

    /// Shape `[1, n, c]` of the noise that [`Model::forward_with_noise`] takes at the configured size; none where it
    /// takes none.
    pub fn noise_shape(&self) -> Option<[usize; 3]> {
        let family = self.family();
        self.info().takes_token_noise.then(|| [1, family.patches(), family.patch_width()])
    }
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
        let (patches, grid) = self.embed(images, observer);
        self.encode(patches, grid, observer)
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
        if noise.is_some() && !self.info().takes_token_noise {
            return Err(ModelError::NoTokenNoise { family: self.info().title });
        }
        let (patches, grid) = self.embed(images, observer);
        Ok(self.encode(with_noise(patches, noise)?, grid, observer))
    }
}
