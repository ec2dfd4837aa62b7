//! RandAugment (Cubuk et al., 2019) as timm runs it: "rand-m9-mstd0.5-inc1", fifteen operations of growing strength.
//!
//! Each of two draws picks an operation, with replacement, and runs it half of the time at a level near nine. Results are
//! byte for byte those of Pillow 13, which the published code calls. One file per family: `geometric` moves pixels, `point`
//! maps each level to another, `enhance` blends with a duller image.

mod affine;
mod enhance;
mod geometric;
mod point;

pub(super) use affine::{Matrix, transform};
pub(super) use geometric::rotation;

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Interpolation;
use super::draw::{below, chance, normal, sign};
use crate::image::Rgb8;

/// Levels run from 0 to this.
const HIGHEST_LEVEL: f64 = 10.0;

/// How operations are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandAugment {
    /// Operations drawn for each image. Usual: 2.
    pub ops: usize,
    /// Mean level, 0 to 10. Usual: 9.
    pub magnitude: f64,
    /// Standard deviation of the level. Usual: 0.5.
    pub deviation: f64,
    /// Probability that a drawn operation runs. Usual: 0.5.
    pub probability: f64,
}

impl Default for RandAugment {
    fn default() -> Self {
        Self { ops: 2, magnitude: 9.0, deviation: 0.5, probability: 0.5 }
    }
}

impl RandAugment {
    /// Draws the operations of one image, in the order in which they run.
    pub fn plan(&self, random: &mut ChaCha8Rng) -> Vec<Op> {
        (0..self.ops).filter_map(|_| self.draw(random)).collect()
    }

    fn draw(&self, random: &mut ChaCha8Rng) -> Option<Op> {
        // Every number is drawn whether it is needed or not, so that a changed probability shifts no later draw.
        let kind = KINDS[below(random, KINDS.len())];
        let runs = chance(random, self.probability);
        let level = normal(random, self.magnitude, self.deviation).clamp(0.0, HIGHEST_LEVEL);
        let sign = sign(random);
        runs.then(|| kind.at(level, sign))
    }
}

/// The kinds of operation, in timm's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Op::AutoContrast`].
    AutoContrast,
    /// [`Op::Equalize`].
    Equalize,
    /// [`Op::Invert`].
    Invert,
    /// [`Op::Rotate`].
    Rotate,
    /// [`Op::Posterize`].
    Posterize,
    /// [`Op::Solarize`].
    Solarize,
    /// [`Op::SolarizeAdd`].
    SolarizeAdd,
    /// [`Op::Color`].
    Color,
    /// [`Op::Contrast`].
    Contrast,
    /// [`Op::Brightness`].
    Brightness,
    /// [`Op::Sharpness`].
    Sharpness,
    /// [`Op::ShearX`].
    ShearX,
    /// [`Op::ShearY`].
    ShearY,
    /// [`Op::TranslateX`].
    TranslateX,
    /// [`Op::TranslateY`].
    TranslateY,
}

/// Every kind; each is as likely as another.
pub const KINDS: [Kind; 15] = [
    Kind::AutoContrast,
    Kind::Equalize,
    Kind::Invert,
    Kind::Rotate,
    Kind::Posterize,
    Kind::Solarize,
    Kind::SolarizeAdd,
    Kind::Color,
    Kind::Contrast,
    Kind::Brightness,
    Kind::Sharpness,
    Kind::ShearX,
    Kind::ShearY,
    Kind::TranslateX,
    Kind::TranslateY,
];

impl Kind {
    /// The operation at `level` (0 to 10); `sign` (−1 or 1) matters where there are two directions.
    pub fn at(self, level: f64, sign: f64) -> Op {
        let fraction = (level / HIGHEST_LEVEL).clamp(0.0, 1.0);
        let factor = (1.0 + sign * 0.9 * fraction).max(0.1);
        match self {
            Self::AutoContrast => Op::AutoContrast,
            Self::Equalize => Op::Equalize,
            Self::Invert => Op::Invert,
            Self::Rotate => Op::Rotate { degrees: sign * 30.0 * fraction },
            Self::Posterize => Op::Posterize { bits: 4 - (4.0 * fraction) as u8 },
            Self::Solarize => Op::Solarize { threshold: 256 - (256.0 * fraction) as u16 },
            Self::SolarizeAdd => Op::SolarizeAdd { add: (110.0 * fraction) as u8 },
            Self::Color => Op::Color { factor },
            Self::Contrast => Op::Contrast { factor },
            Self::Brightness => Op::Brightness { factor },
            Self::Sharpness => Op::Sharpness { factor },
            Self::ShearX => Op::ShearX { factor: sign * 0.3 * fraction },
            Self::ShearY => Op::ShearY { factor: sign * 0.3 * fraction },
            Self::TranslateX => Op::TranslateX { fraction: sign * 0.45 * fraction },
            Self::TranslateY => Op::TranslateY { fraction: sign * 0.45 * fraction },
        }
    }
}

/// One operation with its argument: a decision, ready to be applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// Stretches each channel to 0..255.
    AutoContrast,
    /// Evens out each channel's histogram.
    Equalize,
    /// The negative.
    Invert,
    /// Turns counter-clockwise about the middle.
    Rotate {
        /// Angle.
        degrees: f64,
    },
    /// Keeps the highest bits of each level. None leaves black, as Pillow 9 had it (13 refuses).
    Posterize {
        /// Bits kept, up to 8.
        bits: u8,
    },
    /// Inverts bright levels.
    Solarize {
        /// The lowest level that is inverted; 256: none.
        threshold: u16,
    },
    /// Brightens levels below 128.
    SolarizeAdd {
        /// Added, up to 255 in all.
        add: u8,
    },
    /// Blends with the grey image.
    Color {
        /// 0: grey, 1: unchanged, above: stronger.
        factor: f64,
    },
    /// Blends with the mean grey.
    Contrast {
        /// 0: flat, 1: unchanged, above: stronger.
        factor: f64,
    },
    /// Blends with black.
    Brightness {
        /// 0: black, 1: unchanged, above: brighter.
        factor: f64,
    },
    /// Blends with the smoothed image.
    Sharpness {
        /// 0: smoothed, 1: unchanged, above: sharpened.
        factor: f64,
    },
    /// Slants columns.
    ShearX {
        /// Columns per row.
        factor: f64,
    },
    /// Slants rows.
    ShearY {
        /// Rows per column.
        factor: f64,
    },
    /// Moves the image to the left.
    TranslateX {
        /// Fraction of the width.
        fraction: f64,
    },
    /// Moves the image up.
    TranslateY {
        /// Fraction of the height.
        fraction: f64,
    },
}

impl Op {
    /// Whether pixels move. Other operations keep every pixel in its place.
    pub fn is_geometric(self) -> bool {
        geometric::matrix(self, 1, 1).is_some()
    }

    /// The image after the operation, of the same size. `interpolation` matters to geometric ones; what they uncover is
    /// filled with ImageNet's mean colour.
    pub fn apply(self, image: &Rgb8, interpolation: Interpolation) -> Rgb8 {
        if let Some(matrix) = geometric::matrix(self, image.width(), image.height()) {
            return transform(image, &matrix, interpolation, affine::FILL);
        }
        match self {
            Self::Color { factor } => enhance::color(image, factor),
            Self::Contrast { factor } => enhance::contrast(image, factor),
            Self::Brightness { factor } => enhance::brightness(image, factor),
            Self::Sharpness { factor } => enhance::sharpness(image, factor),
            _ => point::apply(self, image),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn a_plan_depends_on_the_stream_alone_and_about_half_of_the_operations_run() {
        let plan = |seed| RandAugment::default().plan(&mut stream(seed, 0, "augment"));
        assert_eq!(plan(1), plan(1));
        let count: usize = (0..1000).map(|seed| plan(seed).len()).sum();
        assert!((900..1100).contains(&count), "{count}");
    }

    #[test]
    fn levels_give_the_published_arguments() {
        assert_eq!(Kind::Posterize.at(9.0, 1.0), Op::Posterize { bits: 1 });
        assert_eq!(Kind::Posterize.at(10.0, 1.0), Op::Posterize { bits: 0 });
        assert_eq!(Kind::Solarize.at(9.0, 1.0), Op::Solarize { threshold: 26 });
        assert_eq!(Kind::SolarizeAdd.at(9.0, 1.0), Op::SolarizeAdd { add: 99 });
        assert_eq!(Kind::Rotate.at(9.0, -1.0), Op::Rotate { degrees: -27.0 });
        assert_eq!(Kind::Color.at(10.0, -1.0), Op::Color { factor: 0.1 });
    }

    #[test]
    fn only_five_kinds_move_pixels_and_all_keep_the_size() {
        // Large enough for equalise, which leaves images of a few pixels alone, and rough enough for sharpness.
        let image = Rgb8::from_fn(39, 21, |x, y| {
            [((x * 37) ^ (y * 11)) % 180 + 20, x * y * 5 % 180 + 20, (y * 29 + x) % 180 + 20].map(|v| v as u8)
        });
        let moving = KINDS.iter().filter(|kind| kind.at(5.0, 1.0).is_geometric()).count();
        assert_eq!(moving, 5);
        for kind in KINDS {
            let result = kind.at(9.0, -1.0).apply(&image, Interpolation::Bicubic);
            assert_eq!((result.width(), result.height()), (39, 21), "{kind:?}");
            assert_ne!(result, image, "{kind:?}");
        }
    }

    #[test]
    fn tiny_images_survive_every_operation() {
        for (width, height) in [(1, 1), (2, 1), (1, 5), (2, 2)] {
            let image = Rgb8::from_fn(width, height, |x, y| [(x * 90) as u8, (y * 50) as u8, 7]);
            for kind in KINDS {
                let result = kind.at(10.0, 1.0).apply(&image, Interpolation::Bilinear);
                assert_eq!((result.width(), result.height()), (width, height), "{kind:?}");
            }
        }
    }
}
