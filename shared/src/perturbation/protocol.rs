//! Which published sequences are made, and how hard.

use std::fmt;

use crate::corruption::Variant;

/// A set of constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// ImageNet-P, made for 224×224.
    ImageNet,
    /// CIFAR-10-P and CIFAR-100-P, made for 32×32. What is known of no constant of their own uses ImageNet-P's.
    Cifar,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: &[Self] = &[Self::ImageNet, Self::Cifar];

    /// The sequences that go with a variant of the corruptions: those for small images with `cifar` and `tiny`.
    pub fn of(variant: Variant) -> Self {
        match variant {
            Variant::Cifar | Variant::Tiny => Self::Cifar,
            Variant::ImageNet | Variant::Inception | Variant::ImageCorruptions => Self::ImageNet,
        }
    }

    /// The sequences for images whose shorter side is `side`.
    pub fn for_side(side: usize) -> Self {
        Self::of(Variant::for_side(side))
    }

    /// Name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageNet => "imagenet-p",
            Self::Cifar => "cifar-p",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How hard: 1 to 3. Noise gets stronger; sweeps are judged over larger strides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Difficulty {
    /// Weak noise, the smallest strides.
    One = 1,
    /// In between.
    Two,
    /// Strong noise, the largest strides.
    Three,
}

impl Difficulty {
    /// From the easiest on.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// The number, 1 to 3.
    pub fn get(self) -> u8 {
        self as u8
    }

    /// Position in a table of three.
    pub(super) fn index(self) -> usize {
        usize::from(self.get()) - 1
    }
}

impl TryFrom<u8> for Difficulty {
    type Error = DifficultyError;

    fn try_from(value: u8) -> Result<Self, DifficultyError> {
        Self::ALL.into_iter().find(|difficulty| difficulty.get() == value).ok_or(DifficultyError(value))
    }
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// A difficulty outside 1 to 3.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("difficulty {0} does not exist; choose 1, 2 or 3")]
pub struct DifficultyError(pub u8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn difficulties_are_one_to_three() {
        assert_eq!(Difficulty::try_from(3).unwrap().get(), 3);
        for wrong in [0, 4, 255] {
            assert_eq!(Difficulty::try_from(wrong), Err(DifficultyError(wrong)));
        }
    }

    #[test]
    fn small_images_get_the_sequences_for_small_images() {
        assert_eq!(
            [32, 64, 224, 299].map(Protocol::for_side).map(Protocol::name),
            ["cifar-p", "cifar-p", "imagenet-p", "imagenet-p"]
        );
    }
}
