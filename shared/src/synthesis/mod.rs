//! What can be done to one image while models watch: noise that a model hardly sees, attacks, patches taken away or moved.
//!
//! Each row of the registry begins a [`Course`], which goes on step by step: whoever watches sees every step and may stop at any.
//! All of it happens at the model's own size, after the image was prepared for it, as corruptions do in a measurement. The
//! steps are those of [`crate::attack`] and of [`crate::method::nullspace`]; here they get one face.
//!
//! # Examples
//!
//! ```
//! # #[cfg(feature = "flex")] {
//! use burn::prelude::*;
//! use vitro::image::Preprocess;
//! use vitro::model::preset;
//! use vitro::synthesis::{self, Subject, Wish};
//!
//! let device = Device::flex();
//! let model = preset("vit_nano_p4_32")?.config(10).init(&device)?;
//! let image = Tensor::zeros([1, 3, 32, 32], &device);
//! let subject = Subject::new(model, Preprocess::imagenet(32), image);
//!
//! let pgd = synthesis::find("pgd")?;
//! let mut course = pgd.begin(&subject, Wish { amount: pgd.amount.usual, seed: 0, place: [0.5; 2] })?;
//! while let Some(step) = course.step()? {
//!     println!("{} of {}: {:?}", step.done, step.of, step.value);
//! }
//! assert_eq!(subject.logits(&course.made())?.dims(), [1, 10]);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod drop;
mod fgsm;
mod once;
mod patch;
mod patch_noise;
mod pgd;
mod shown;
mod shuffle;
mod subject;
mod token_noise;

pub use shown::Noise;
pub use subject::{Made, Subject};

use std::fmt::Debug;

use serde::Serialize;
use thiserror::Error;

use crate::attack::AttackError;
use crate::method::nullspace::basis::BasisError;
use crate::method::nullspace::noise_search::NoiseSearchError;
use crate::model::ModelError;
use crate::name::{self, UnknownName};

/// Everything that can be done, in the order in which it is listed to people.
#[rustfmt::skip] // A line for each file.
pub const ALL: &[Synthesis] = &[
    patch_noise::ENTRY,
    token_noise::ENTRY,
    fgsm::ENTRY,
    pgd::ENTRY,
    patch::ENTRY,
    drop::ENTRY,
    shuffle::ENTRY,
];

/// One row of the registry.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Synthesis {
    /// Name in addresses and messages.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What is done, a sentence.
    pub about: &'static str,
    /// How much of it.
    pub amount: Amount,
    /// What a step's value is; none where there is nothing to follow.
    pub watched: Option<&'static str>,
    /// Whether it lies at a place that the visitor chooses.
    pub has_place: bool,
    /// Whether it draws at random.
    pub is_random: bool,
    #[serde(skip)]
    begin: Begin,
}

type Begin = fn(&Subject, Wish) -> Result<Box<dyn Course>, SynthesisError>;

/// A slider.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Amount {
    /// What it is.
    pub title: &'static str,
    /// What a number on it counts.
    pub unit: &'static str,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
    /// From one to the next.
    pub step: f64,
    /// Where it stands first.
    pub usual: f64,
}

/// What is wished for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wish {
    /// On the slider; what lies beyond its ends is taken for the end.
    pub amount: f64,
    /// Of whatever is drawn.
    pub seed: u64,
    /// The centre of what has a place: from the left and from the top, as fractions of the image.
    pub place: [f64; 2],
}

/// Something under way.
pub trait Course: Debug {
    /// Takes the next step; none when there is none left.
    ///
    /// # Errors
    /// When the model cannot be differentiated there.
    fn step(&mut self) -> Result<Option<Step>, SynthesisError>;

    /// What is made so far.
    fn made(&self) -> Made;

    /// What has as much of it and should do more: the noise with its entries in another order, or drawn anew.
    fn control(&self) -> Option<Made> {
        None
    }

    /// Carries what has a place to another.
    ///
    /// # Errors
    /// When it does not fit there.
    fn carry(&mut self, _place: [f64; 2]) -> Result<(), SynthesisError> {
        Ok(())
    }
}

/// A step that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Steps that are done, from 1.
    pub done: usize,
    /// Steps in all, unless it ends early.
    pub of: usize,
    /// What is watched, before the step.
    pub value: Option<f64>,
}

/// Why there is nothing to see.
#[derive(Debug, Error)]
pub enum SynthesisError {
    /// Pixels that reach the model through more than one linear map.
    #[error(
        "{family} mixes the pixels of a patch by more than one linear map, so nothing is known to be lost; take a ViT"
    )]
    NotLinear {
        /// The family.
        family: &'static str,
    },
    /// Nothing is lost.
    #[error(
        "this model cuts patches of {side}×{side} pixels, {inputs} numbers each, and keeps {width} of them, so no noise is lost; take \
         one with larger patches"
    )]
    NothingLost {
        /// Side of a patch.
        side: usize,
        /// Numbers of a patch.
        inputs: usize,
        /// Channels of a token.
        width: usize,
    },
    /// A patch that would take minutes.
    #[error(
        "patches of {side}×{side} pixels take minutes to look through; take a model with patches of {most}×{most} or less"
    )]
    TooLarge {
        /// Side of a patch.
        side: usize,
        /// The largest that is taken.
        most: usize,
    },
    /// The basis could not be found.
    #[error(transparent)]
    Basis(#[from] BasisError),
    /// The attack cannot be made.
    #[error(transparent)]
    Attack(#[from] AttackError),
    /// The search cannot be made.
    #[error(transparent)]
    Search(#[from] NoiseSearchError),
    /// The model does not take it.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// The row called `name`.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static Synthesis, UnknownName> {
    name::find("synthesis", ALL, |row| row.name, name)
}

impl Synthesis {
    /// Begins on the image of `subject`.
    ///
    /// # Errors
    /// When its model cannot take it: the sentence says why.
    pub fn begin(&self, subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
        let Amount { least, most, usual, .. } = self.amount;
        let amount = if wish.amount.is_finite() { wish.amount.clamp(least, most) } else { usual };
        (self.begin)(subject, Wish { amount, ..wish })
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests;
