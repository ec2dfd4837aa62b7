//! Severity, and the sets of constants that the public generators use.

use std::fmt;
use std::str::FromStr;

/// How strong a corruption is: 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Severity(u8);

impl Severity {
    /// 1 to 5.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// The number, 1 to 5.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Position in a table of five.
    pub(super) fn index(self) -> usize {
        usize::from(self.0) - 1
    }
}

impl TryFrom<u8> for Severity {
    type Error = SeverityError;

    fn try_from(value: u8) -> Result<Self, SeverityError> {
        if (1..=5).contains(&value) { Ok(Self(value)) } else { Err(SeverityError(value)) }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A severity outside 1 to 5.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("severity {0} does not exist; choose 1 (weak) to 5 (strong)")]
pub struct SeverityError(pub u8);

/// A set of constants, named after the benchmark it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variant {
    /// ImageNet-C, made for 224×224.
    ImageNet,
    /// Tiny-ImageNet-C, made for 64×64.
    Tiny,
    /// CIFAR-10-C and CIFAR-100-C, made for 32×32.
    Cifar,
    /// The `imagecorruptions` package: ImageNet-C's constants with other algorithms in places, for any size.
    ImageCorruptions,
}

impl Variant {
    /// Every variant.
    pub const ALL: &[Self] = &[Self::ImageNet, Self::Tiny, Self::Cifar, Self::ImageCorruptions];

    /// The benchmark whose pictures are nearest to `side` pixels: up to 32 `cifar`, up to 96 `tiny`, else `imagenet`.
    pub fn for_side(side: usize) -> Self {
        match side {
            0..=32 => Self::Cifar,
            33..=96 => Self::Tiny,
            _ => Self::ImageNet,
        }
    }

    /// Name in commands and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageNet => "imagenet",
            Self::Tiny => "tiny",
            Self::Cifar => "cifar",
            Self::ImageCorruptions => "imagecorruptions",
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Variant {
    type Err = UnknownVariant;

    fn from_str(name: &str) -> Result<Self, UnknownVariant> {
        let found = Self::ALL.iter().find(|variant| variant.name() == name);
        found.copied().ok_or_else(|| UnknownVariant(name.to_owned()))
    }
}

/// No variant has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no variant `{0}`; choose imagenet, tiny, cifar or imagecorruptions")]
pub struct UnknownVariant(pub String);

/// A corruption's constants by variant and severity. `imagecorruptions` shares those of `imagenet`.
pub(super) struct Constants<T> {
    /// 224 pixels, and any size in `imagecorruptions`.
    pub(super) imagenet: [T; 5],
    /// 64 pixels.
    pub(super) tiny: [T; 5],
    /// 32 pixels.
    pub(super) cifar: [T; 5],
}

impl<T: Copy> Constants<T> {
    pub(super) fn at(&self, severity: Severity, variant: Variant) -> T {
        let row = match variant {
            Variant::ImageNet | Variant::ImageCorruptions => &self.imagenet,
            Variant::Tiny => &self.tiny,
            Variant::Cifar => &self.cifar,
        };
        row[severity.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_one_to_five() {
        assert_eq!(Severity::try_from(5).unwrap().get(), 5);
        for wrong in [0, 6, 255] {
            assert_eq!(Severity::try_from(wrong), Err(SeverityError(wrong)));
        }
    }

    #[test]
    fn variants_are_read_as_they_are_written() {
        for variant in Variant::ALL {
            assert_eq!(variant.to_string().parse(), Ok(*variant));
        }
        assert!("imagenet-c".parse::<Variant>().unwrap_err().to_string().contains("imagecorruptions"));
    }

    #[test]
    fn the_variant_follows_the_size() {
        let sides = [1, 32, 33, 96, 97, 224].map(Variant::for_side);
        use Variant::{Cifar, ImageNet, Tiny};
        assert_eq!(sides, [Cifar, Cifar, Tiny, Tiny, ImageNet, ImageNet]);
    }
}
