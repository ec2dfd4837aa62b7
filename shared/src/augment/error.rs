//! What can be wrong with decisions that come from elsewhere.

use thiserror::Error;

/// Decisions that do not fit the pictures that they are applied to. Each message says what to change.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum AugmentError {
    /// Pictures of unequal size cannot be mixed.
    #[error("a picture of {}×{} cannot be mixed with one of {}×{}; resize both to the model's input first", .one.0, .one.1, .other.0, .other.1)]
    SizesDiffer {
        /// Width and height of the picture.
        one: (usize, usize),
        /// Width and height of its partner.
        other: (usize, usize),
    },
    /// A box reaches outside.
    #[error("a box of {}×{} at ({}, {}) does not fit a picture of {width}×{height}; plan it for this size", .window.width, .window.height, .window.x, .window.y)]
    OutsidePicture {
        /// The box.
        window: super::Window,
        /// Width of the picture.
        width: usize,
        /// Height of the picture.
        height: usize,
    },
    /// One decision is needed for each picture.
    #[error("there are {decisions} decisions for {pictures} pictures; plan for exactly this batch")]
    Decisions {
        /// Decisions given.
        decisions: usize,
        /// Pictures given.
        pictures: usize,
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
