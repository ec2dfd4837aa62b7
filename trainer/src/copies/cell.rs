//! What is made of each image: a corruption at a severity, or the frames of a perturbation.

use std::path::PathBuf;

use rand::RngExt;
use vitro::corruption::{Corruption, Severity, Variant, corrupt_with};
use vitro::image::Rgb8;
use vitro::perturbation::{Difficulty, Perturbation, Protocol, sequence};
use vitro::random::{fnv1a, stream};

/// One kind of copy.
#[derive(Clone, Copy, Debug)]
pub enum Cell {
    /// One image.
    Corrupted(&'static Corruption, Severity),
    /// A sequence.
    Sequence(&'static Perturbation, Difficulty),
}

/// What all copies have in common.
#[derive(Debug)]
pub struct Making {
    /// Constants; by each image's shorter side if there is none.
    pub variant: Option<Variant>,
    /// Photographs of frost; drawn if there are none.
    pub photographs: Vec<Rgb8>,
    /// Seed of all random numbers.
    pub seed: u64,
}

impl Making {
    /// The constants for an image.
    pub fn variant(&self, width: usize, height: usize) -> Variant {
        self.variant.unwrap_or_else(|| Variant::for_side(width.min(height)))
    }

    /// The sequences for an image.
    pub fn protocol(&self, width: usize, height: usize) -> Protocol {
        Protocol::of(self.variant(width, height))
    }

    /// The seed of the image called `name`.
    pub(super) fn seed_of(&self, name: &str) -> u64 {
        stream(self.seed, fnv1a(name), "corrupted copy").random()
    }
}

impl Cell {
    /// The name of its array, and of its folder's first level.
    pub fn name(&self) -> String {
        match self {
            Self::Corrupted(corruption, _) => corruption.name.to_owned(),
            Self::Sequence(perturbation, difficulty) => perturbation.folder(*difficulty),
        }
    }

    /// Whether photographs make a difference to it.
    pub fn uses_photographs(&self) -> bool {
        matches!(self, Self::Corrupted(corruption, _) if corruption.uses_photographs())
    }

    /// Where its copies are below the root: `fog/3`, `rotate`.
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Corrupted(corruption, severity) => PathBuf::from(corruption.name).join(severity.to_string()),
            Self::Sequence(..) => self.name().into(),
        }
    }

    /// How many images it makes of one.
    pub fn frames(&self, protocol: Protocol) -> usize {
        match self {
            Self::Corrupted(..) => 1,
            Self::Sequence(perturbation, _) => perturbation.frames(protocol),
        }
    }

    /// Makes them.
    pub(super) fn make(&self, image: &Rgb8, making: &Making, seed: u64) -> Vec<Rgb8> {
        let variant = making.variant(image.width(), image.height());
        match self {
            Self::Corrupted(corruption, severity) => {
                vec![corrupt_with(image, corruption, *severity, variant, seed, &making.photographs)]
            }
            Self::Sequence(perturbation, difficulty) => {
                sequence(image, perturbation, Protocol::of(variant), *difficulty, seed)
            }
        }
    }
}
