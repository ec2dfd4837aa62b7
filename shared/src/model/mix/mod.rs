//! Token mixers: how the tokens of a block exchange what they know. Softmax attention is one of them.
//!
//! A mixer is a file here and one line of the list below. The file holds its [`MixerInfo`] under the name `INFO`, its
//! settings if it has any, and `build`, which makes the layer for a [`Site`]; the layer implements [`Mix`]. Recipes,
//! manifests, every family and the tests that all models have in common read the list.
//!
//! Most mixers are layers that a family's block holds between its norm and its residual. A mixer may also bring its whole
//! block, as VARS-S does; families that have no place for that refuse it ([`AttentionKind::mixer`]).

mod block;
pub mod evolving;
mod info;
mod kind;
mod mixed;
pub mod performer;
mod site;
pub mod softmax;
pub mod tap;
pub mod vars;
pub mod vars_d;
pub mod vars_s;
pub mod vars_sd;
pub mod windows;

pub use block::Block;
pub use info::{MixerInfo, Tie};
pub(crate) use kind::name_or_table;
pub(crate) use mixed::Trail;
pub use mixed::{Context, Mix, Mixed};
pub use site::{Frame, Fresh, Projection, Site};

use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::drop_path::Draws;
use super::observer::Observer;
use super::{Keys, ModelError};

/// Makes of the list of mixers what has one entry for each: the kinds of a configuration, the registry, the layers and the
/// blocks. The engine wants concrete types, so the last two are enums.
macro_rules! mixers {
    (
        layers {
            $( $(#[doc = $doc:expr])* $layer:ident $(($set:ident: $settings:ty))? => $file:ident: $type:ty; )*
        }
        blocks {
            $( $(#[doc = $block_doc:expr])* $block:ident $(($block_set:ident: $block_settings:ty))?
                => $block_file:ident: $block_type:ty; )*
        }
    ) => {
        /// What the blocks of a model mix their tokens with, as its configuration says it.
        #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum AttentionKind {
            $( $(#[doc = $doc])* $layer $(($settings))?, )*
            $( $(#[doc = $block_doc])* $block $(($block_settings))?, )*
        }

        /// All mixers, in the order in which they are listed to people.
        pub const MIXERS: &[MixerInfo] = &[ $($file::INFO,)* $($block_file::INFO,)* ];

        impl AttentionKind {
            /// Every kind with its published settings, in the order of [`MIXERS`].
            pub fn all() -> Vec<Self> {
                vec![
                    $( Self::$layer $((<$settings>::default()))?, )*
                    $( Self::$block $((<$block_settings>::default()))?, )*
                ]
            }

            /// What the mixer says of itself.
            pub fn info(&self) -> &'static MixerInfo {
                match self {
                    $( Self::$layer { .. } => &$file::INFO, )*
                    $( Self::$block { .. } => &$block_file::INFO, )*
                }
            }

            /// Refuses settings that no network can have.
            pub fn check(&self) -> Result<(), ModelError> {
                match self {
                    $( Self::$layer $(($set))? => { $($set.check()?;)? } )*
                    $( Self::$block $(($block_set))? => { $($block_set.check()?;)? } )*
                }
                Ok(())
            }

            fn brings_block(&self) -> bool {
                match self {
                    $( Self::$layer { .. } => false, )*
                    $( Self::$block { .. } => true, )*
                }
            }

            fn build(&self, site: &Site, device: &Device) -> Built {
                match self {
                    $( Self::$layer $(($set))? => {
                        Built::Layer(Mixer::$layer($file::build($($set,)? site, device)))
                    } )*
                    $( Self::$block $(($block_set))? => {
                        Built::Block(WholeBlock::$block($block_file::build($($block_set,)? site, device)))
                    } )*
                }
            }
        }

        /// A token mixer of any kind that is a layer.
        #[derive(Module, Debug)]
        pub enum Mixer {
            $( $(#[doc = $doc])* $layer($type), )*
        }

        impl Mix for Mixer {
            fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
                match self {
                    $( Self::$layer(layer) => layer.forward(x, context, observer), )*
                }
            }

            fn before_step(&mut self, draws: &Draws) {
                match self {
                    $( Self::$layer(layer) => layer.before_step(draws), )*
                }
            }

            fn after_step(&mut self, iteration: u64) {
                match self {
                    $( Self::$layer(layer) => layer.after_step(iteration), )*
                }
            }
        }

        /// A block that a mixer brings whole.
        #[derive(Module, Debug)]
        pub enum WholeBlock {
            $( $(#[doc = $block_doc])* $block($block_type), )*
        }

        impl Mix for WholeBlock {
            fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
                match self {
                    $( Self::$block(block) => block.forward(x, context, observer), )*
                }
            }

            fn before_step(&mut self, draws: &Draws) {
                match self {
                    $( Self::$block(block) => block.before_step(draws), )*
                }
            }

            fn after_step(&mut self, iteration: u64) {
                match self {
                    $( Self::$block(block) => block.after_step(iteration), )*
                }
            }
        }
    };
}

mixers! {
    layers {
        /// Softmax attention.
        Softmax => softmax: softmax::Softmax;
        /// The Performer: softmax attention approximated by random features.
        Performer(settings: performer::Features) => performer: performer::Performer;
        /// VARS with a dynamic dictionary: random features of the tokens.
        VarsD(settings: vars_d::Recurrence) => vars_d: vars::VarsAttention;
        /// VARS with a dynamic and a static dictionary; the static one fixes the number of tokens.
        VarsSd(settings: vars_d::Recurrence) => vars_sd: vars::VarsAttention;
        /// Softmax attention whose scores evolve from block to block.
        Evolving(settings: evolving::Evolution) => evolving: evolving::EvolvingAttention;
    }
    blocks {
        /// VARS with a static dictionary of filters; needs a square map of tokens of a fixed size.
        VarsS(settings: vars_s::SpectralRecurrence) => vars_s: vars::VarsSBlock;
    }
}

/// Names of the authors of mixers and of TAP that differ here.
pub(crate) const KEYS: Keys = &[
    ("dilation_predictor.proj.0.", "tap.predictor."),
    ("dilation_predictor.proj.1.", "tap.norm."),
    ("dilation_predictor.proj.2.", "tap.mix."),
    ("L", "lipschitz"),
    ("learned_L", "learned_lipschitz"),
];

/// What a kind builds.
enum Built {
    Layer(Mixer),
    Block(WholeBlock),
}
