//! What a family of networks is: a configuration that checks itself and builds, and a network in two halves.
//!
//! A family is a folder beside this file and a line of the list in [`super`]. The folder holds its [`FamilyInfo`] under the
//! name `INFO`, its presets, and what implements [`FamilyConfig`] and [`Family`]. Images become patch tokens in
//! [`Family::embed`] and scores in [`Family::encode`]; noise on tokens goes in between, for every family in the same way.

use burn::prelude::*;

use super::mix::AttentionKind;
use super::observer::Observer;
use super::{Draws, Forward, Layers, ModelError, Preset};

/// An entry of the registry of families.
#[derive(Clone, Copy, Debug)]
pub struct FamilyInfo {
    /// The name that manifests use.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// The method that the family is, as a short name; none for the plain ViT, which the others are compared with.
    pub method: Option<&'static str>,
    /// Its named shapes, in the order in which they are listed to people.
    pub presets: &'static [Preset],
    /// Parts of the authors' key names that have another name here; see [`crate::bundle`].
    pub keys: Keys,
    /// Whether noise can be added to its patch tokens.
    pub takes_token_noise: bool,
    /// Whether its configuration has a place for token-aware average pooling, `tap_scales`.
    pub takes_tap: bool,
    /// Whether its configuration has a place for STL's second head, `token_head`.
    pub takes_token_head: bool,
}

/// Pairs of a name that the authors use in keys of their weights, and the name here. A name that ends in a dot is a run of
/// whole parts anywhere in a key; any other is the last part.
pub type Keys = &'static [(&'static str, &'static str)];

/// The configuration of a network.
pub trait FamilyConfig {
    /// What it builds.
    type Model: Family
    where
        Self: Sized;

    /// Builds the network with fresh weights, or says which field cannot be.
    fn init(&self, device: &Device) -> Result<Self::Model, ModelError>
    where
        Self: Sized;

    /// Side of the square input, pixels.
    fn image_size(&self) -> usize;

    /// Number of classes.
    fn classes(&self) -> usize;

    /// Number of patches at the configured image size.
    fn patches(&self) -> usize;

    /// Channels of a patch token as [`Family::embed`] gives it.
    fn patch_width(&self) -> usize;

    /// What the blocks mix their tokens with.
    fn attention(&self) -> AttentionKind;

    /// Scales K of token-aware average pooling; none: no TAP.
    fn tap_scales(&self) -> Option<usize> {
        None
    }

    /// Whether a second head scores every patch token.
    fn token_head(&self) -> bool {
        false
    }

    /// The parts of the network in the order of a forward pass; every array is within one of them.
    fn layers(&self) -> Layers;

    /// Refuses images of `rows` × `columns` pixels that the network cannot take, with the reason.
    ///
    /// # Errors
    /// Where something in the network is tied to a size that the image does not give.
    fn check_image(&self, image: [usize; 2]) -> Result<(), ModelError>;
}

/// A network.
pub trait Family {
    /// Images `[b, 3, y, x]` → patch tokens `[b, n, c]` before positions and class token, and rows and columns of their grid.
    fn embed(&self, images: Tensor<4>, observer: &mut impl Observer) -> (Tensor<3>, [usize; 2]);

    /// Patch tokens `[b, n, c]` on `grid` → logits and what probes look at.
    fn encode(&self, patches: Tensor<3>, grid: [usize; 2], observer: &mut impl Observer) -> Forward;

    /// To be called before each training step; see [`super::Model::before_step`]. Networks that drop nothing have nothing to do.
    fn before_step(&mut self, _draws: &Draws) {}

    /// To be called after each training step; see [`super::Model::after_step`].
    fn after_step(&mut self, iteration: u64);

    /// Images `[b, 3, y, x]` to logits and what probes look at; intermediate tensors go to `observer`.
    fn forward(&self, images: Tensor<4>, observer: &mut impl Observer) -> Forward {
        let (patches, grid) = self.embed(images, observer);
        self.encode(patches, grid, observer)
    }

    /// Weights `[c, 3, p, p]` of a patch embedding that is one linear map of each patch; none for stacks of convolutions.
    fn patch_kernel(&self) -> Option<Tensor<4>> {
        None
    }
}
