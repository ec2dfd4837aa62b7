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
    /// The larger set that was made beside ImageNet-C for networks of 299×299.
    Inception,
    /// The `imagecorruptions` package: ImageNet-C's constants with other algorithms in places, for any size.
    ImageCorruptions,
}

impl Variant {
    /// Every variant.
    pub const ALL: &[Self] = &[Self::ImageNet, Self::Tiny, Self::Cifar, Self::Inception, Self::ImageCorruptions];

    /// The benchmark whose images are nearest to `side` pixels: up to 32 `cifar`, up to 96 `tiny`, else `imagenet`; 299 is
    /// a size that nobody has by chance, so exactly there it is `inception`.
    pub fn for_side(side: usize) -> Self {
        match side {
            0..=32 => Self::Cifar,
            33..=96 => Self::Tiny,
            299 => Self::Inception,
            _ => Self::ImageNet,
        }
    }

    /// Name in commands and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageNet => "imagenet",
            Self::Tiny => "tiny",
            Self::Cifar => "cifar",
            Self::Inception => "inception",
            Self::ImageCorruptions => "imagecorruptions",
        }
    }

    /// Where its constants come from.
    pub fn source(self) -> &'static str {
        match self {
            Self::ImageNet => "the published generator of ImageNet-C, made for 224 pixels",
            Self::Tiny => "the generators of Tiny-ImageNet-C and of the 64-pixel ImageNet",
            Self::Cifar => "the generator of CIFAR-10-C and CIFAR-100-C, made for 32 pixels",
            Self::Inception => "the ImageNet-C generator's second set of constants, made for 299 pixels",
            Self::ImageCorruptions => {
                "the `imagecorruptions` package (COCO-C, Cityscapes-C): ImageNet-C's constants, other algorithms in places, \
                 any size"
            }
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
#[error("there is no variant `{0}`; choose imagenet, tiny, cifar, inception or imagecorruptions")]
pub struct UnknownVariant(pub String);

/// A corruption's constants by variant and severity. `imagecorruptions` shares those of `imagenet`.
pub(super) struct Constants<T> {
    /// 224 pixels, and any size in `imagecorruptions`.
    pub(super) imagenet: [T; 5],
    /// 64 pixels.
    pub(super) tiny: [T; 5],
    /// 32 pixels.
    pub(super) cifar: [T; 5],
    /// 299 pixels, where they differ from those of 224.
    pub(super) inception: Option<[T; 5]>,
}

impl<T: Copy> Constants<T> {
    pub(super) fn at(&self, severity: Severity, variant: Variant) -> T {
        let row = match variant {
            Variant::ImageNet | Variant::ImageCorruptions => &self.imagenet,
            Variant::Tiny => &self.tiny,
            Variant::Cifar => &self.cifar,
            Variant::Inception => self.inception.as_ref().unwrap_or(&self.imagenet),
        };
        row[severity.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Filter, Rgb8};

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
        let sides = [1, 32, 33, 96, 97, 224, 298, 299, 300].map(Variant::for_side);
        use Variant::{Cifar, ImageNet, Inception, Tiny};
        assert_eq!(sides, [Cifar, Cifar, Tiny, Tiny, ImageNet, ImageNet, ImageNet, Inception, ImageNet]);
    }

    #[test]
    fn the_constants_for_299_pixels_differ_from_those_for_224_where_published() {
        use super::super::{ALL, Set, corrupt};
        let image = Rgb8::from_fn(64, 64, |x, y| [(x * 37 + y * 11) as u8, (x * y) as u8, (255 - 3 * x) as u8]);
        let as_224 = ["zoom_blur", "snow", "frost", "brightness", "contrast", "saturate"];
        for corruption in ALL.iter().filter(|corruption| corruption.set != Set::Bar) {
            let of = |variant| Severity::ALL.map(|severity| corrupt(&image, corruption, severity, variant, 1));
            let same = of(Variant::Inception) == of(Variant::ImageNet);
            assert_eq!(same, as_224.contains(&corruption.name), "{}", corruption.name);
        }
    }

    #[test]
    fn the_constants_for_299_pixels_are_the_published_ones() {
        use super::super::{corrupt, find, gaussian_noise, impulse_noise, jpeg_compression, motion_blur, shot_noise};
        let variant = Variant::Inception;
        let grey = Rgb8::from_fn(4, 4, |_, _| [50; 3]);
        for (severity, expected) in Severity::ALL.into_iter().zip([0.09f64, 0.13, 0.19, 0.27, 0.40]) {
            let out = gaussian_noise::with_normals(&grey, severity, variant, &[1.0; 48]).pixel(0, 0)[0];
            assert_eq!(f64::from(out), (50.0 + 255.0 * expected).floor());
        }
        for (severity, photons) in Severity::ALL.into_iter().zip([50.0, 20.0, 10.0, 5.0, 3.0]) {
            let out = shot_noise::with_counts(&grey, severity, variant, &[2; 48]).pixel(0, 0)[0];
            assert_eq!(f64::from(out), (255.0 * 2.0f64 / photons).floor());
        }
        for (severity, fraction) in Severity::ALL.into_iter().zip([0.04, 0.07, 0.10, 0.18, 0.28]) {
            let draws = [(fraction, true), (fraction + 1e-9, true)];
            assert_eq!(impulse_noise::with_draws(&grey, severity, variant, &draws).pixel(0, 0), [255, 50, 50]);
        }
        let trails = [(12, 4.0), (17, 6.0), (17, 9.0), (17, 13.0), (22, 16.0)];
        for (severity, (radius, sigma)) in Severity::ALL.into_iter().zip(trails) {
            let trail = motion_blur::trail(severity, variant, 0.0);
            assert_eq!(trail.len(), 2 * radius + 1);
            let ratio = trail[1].weight / trail[0].weight;
            assert!((ratio - libm::exp(-0.5 / (sigma * sigma))).abs() < 1e-12);
        }
        let wavy = Rgb8::from_fn(40, 30, |x, y| [(x * 6) as u8, (y * 8) as u8, (x * y) as u8]);
        for (severity, quality) in Severity::ALL.into_iter().zip([23, 16, 13, 8, 5]) {
            let out = corrupt(&wavy, find("jpeg_compression").unwrap(), severity, variant, 0);
            assert_eq!(out, jpeg_compression::recompress(&wavy, quality));
        }
        for (severity, factor) in Severity::ALL.into_iter().zip([0.5, 0.4, 0.3, 0.25, 0.2]) {
            let out = corrupt(&wavy, find("pixelate").unwrap(), severity, variant, 0);
            let small = wavy.resize((40.0 * factor) as usize, (30.0 * factor) as usize, Filter::Box);
            assert_eq!(out, small.resize(40, 30, Filter::Box));
        }
    }

    #[test]
    fn the_largest_disk_for_299_pixels_gains_light_as_published() {
        let (side, kernel) = super::super::defocus_blur::kernel(Severity::ALL[4], Variant::Inception);
        assert_eq!(side, 25);
        assert!((kernel.iter().sum::<f32>() - 1.0078).abs() < 5e-5);
    }
}
