//! What can be wrong with decisions that come from elsewhere.

use thiserror::Error;

/// Decisions that do not fit the images that they are applied to. Each message says what to change.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AugmentError {
    /// Images of unequal size cannot be mixed.
    #[error("an image of {}×{} cannot be mixed with one of {}×{}; resize both to the model's input first", .one.0, .one.1, .other.0, .other.1)]
    SizesDiffer {
        /// Width and height of the image.
        one: (usize, usize),
        /// Width and height of its partner.
        other: (usize, usize),
    },
    /// A box reaches outside.
    #[error("a box of {}×{} at ({}, {}) does not fit an image of {width}×{height}; plan it for this size", .window.width, .window.height, .window.x, .window.y)]
    OutsideImage {
        /// The box.
        window: super::Window,
        /// Width of the image.
        width: usize,
        /// Height of the image.
        height: usize,
    },
    /// One decision is needed for each image.
    #[error("there are {decisions} decisions for {images} images; plan for exactly this batch")]
    Decisions {
        /// Decisions given.
        decisions: usize,
        /// Images given.
        images: usize,
    },
    /// An array of another length than its shape says.
    #[error("{what} has {given} values where {expected} are needed; check its shape")]
    Length {
        /// Which array.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The length that the shape asks for.
        expected: usize,
    },
}
