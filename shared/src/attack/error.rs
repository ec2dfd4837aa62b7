//! What can be wrong with an attack.

use thiserror::Error;

use super::Norm;
use super::patch::Square;

/// An attack that cannot be made. Each message says what to change.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum AttackError {
    /// A distance that no image can move.
    #[error("eps is {eps}; give a distance in pixels of 0 to 1, from 0 to {most}")]
    Eps {
        /// What was given.
        eps: f64,
        /// Largest useful distance.
        most: f64,
    },
    /// A budget in a norm that the attack does not know.
    #[error("this attack has no steps in {norm}; give it a radius in the norm of its published budget")]
    Norm {
        /// What was given.
        norm: Norm,
    },
    /// A step that goes nowhere.
    #[error("the step is {step}; give a positive distance in pixels of 0 to 1, at most {most}")]
    Step {
        /// What was given.
        step: f64,
        /// Largest useful distance.
        most: f64,
    },
    /// No steps, or more than anybody waits for.
    #[error("{steps} steps cannot be; use 1 to {most}")]
    Steps {
        /// What was given.
        steps: usize,
        /// Most steps.
        most: usize,
    },
    /// Not one label for each image.
    #[error("{labels} labels for {images} images; give one for each")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Images given.
        images: usize,
    },
    /// A label that the model does not have.
    #[error("label {label} does not exist in a model of {classes} classes; labels count from 0")]
    Label {
        /// What was given.
        label: usize,
        /// Classes of the model.
        classes: usize,
    },
    /// A square that is not within the image, or another one than before.
    #[error(
        "a square of {0}×{0} pixels at row {1}, column {2} is not within an image of {rows}×{columns}",
        square.side, square.top, square.left
    )]
    Square {
        /// What was given.
        square: Square,
        /// Rows of the image.
        rows: usize,
        /// Columns of the image.
        columns: usize,
    },
    /// A random start that does not say which image each one is.
    #[error("the random start numbers {samples} images, there are {images}; give each one a number")]
    Samples {
        /// Numbers given.
        samples: usize,
        /// Images given.
        images: usize,
    },
    /// A gradient that points nowhere; the attack would leave the image alone and call it robust.
    #[error("the gradient of image {image} of the batch is not finite; this model cannot be attacked")]
    Gradient {
        /// Position in the batch.
        image: usize,
    },
    /// Start noise of another size.
    #[error("the start noise is {given:?}, the images are {expected:?}; draw it for these images")]
    Start {
        /// Shape of the noise.
        given: [usize; 4],
        /// Shape of the images.
        expected: [usize; 4],
    },
    /// Images that are not in three colours.
    #[error("the images have {channels} channels; attacks know pixels of 3")]
    Channels {
        /// Channels of the images.
        channels: usize,
    },
    /// Normalisation that cannot be undone.
    #[error("the standard deviations {std:?} cannot divide; all must be positive")]
    Std {
        /// What was given.
        std: [f32; 3],
    },
}
