//! Mixup (arXiv 1710.09412) and CutMix (arXiv 1905.04899) of a batch, as timm's collate functions mix bytes.
//!
//! Image i is mixed with image b − 1 − i. Blends are rounded to bytes, halves to even; a pasted box may be cut by the
//! border, and λ is then the fraction that is left. Class targets are mixed alike; token labels never are.

use std::borrow::Borrow;

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::beta::beta;
use super::draw::{below, chance};
use super::{AugmentError, Window};
use crate::image::Rgb8;

/// What shares a draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MixMode {
    /// The whole batch.
    #[default]
    Batch,
    /// Nothing: every image has its own.
    Elem,
    /// An image and its partner.
    Pair,
}

/// How mixes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mixup {
    /// λ of a blend is Beta(α, α); 0: never blend. Usual: 0.8.
    pub mixup_alpha: f64,
    /// λ of a pasted box is Beta(α, α); 0: never paste. Usual: 1.
    pub cutmix_alpha: f64,
    /// Probability of mixing at all. Usual: 1.
    pub probability: f64,
    /// Probability of pasting where both are possible. Usual: 0.5.
    pub switch: f64,
    /// What shares a draw.
    pub mode: MixMode,
}

impl Default for Mixup {
    fn default() -> Self {
        Self { mixup_alpha: 0.8, cutmix_alpha: 1.0, probability: 1.0, switch: 0.5, mode: MixMode::Batch }
    }
}

/// What happens to one image, seen from that image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mix {
    /// Nothing.
    Keep,
    /// λ of the image and 1 − λ of its partner.
    Blend {
        /// Share of the image.
        lambda: f64,
    },
    /// A box of the partner.
    Paste {
        /// Where.
        window: Window,
        /// Share of the image that is left.
        lambda: f64,
    },
}

impl Mixup {
    /// Draws what happens to each of `count` images of `width`×`height`.
    pub fn plan(&self, random: &mut ChaCha8Rng, count: usize, width: usize, height: usize) -> Vec<Mix> {
        match self.mode {
            MixMode::Batch => vec![self.draw(random, width, height); count],
            MixMode::Elem => (0..count).map(|_| self.draw(random, width, height)).collect(),
            MixMode::Pair => {
                let first: Vec<Mix> = (0..count.div_ceil(2)).map(|_| self.draw(random, width, height)).collect();
                (0..count).map(|i| first[i.min(count - 1 - i)]).collect()
            }
        }
    }

    fn draw(&self, random: &mut ChaCha8Rng, width: usize, height: usize) -> Mix {
        if (self.mixup_alpha <= 0.0 && self.cutmix_alpha <= 0.0) || !chance(random, self.probability) {
            return Mix::Keep;
        }
        let either = chance(random, self.switch);
        let paste = self.mixup_alpha <= 0.0 || (self.cutmix_alpha > 0.0 && either);
        let lambda = beta(random, if paste { self.cutmix_alpha } else { self.mixup_alpha });
        if paste {
            Mix::paste(below(random, width), below(random, height), lambda, width, height)
        } else {
            Mix::Blend { lambda }
        }
    }
}

impl Mix {
    /// A box of fraction 1 − `lambda` about column `x` and row `y`, cut at the border; λ becomes what is left.
    pub fn paste(x: usize, y: usize, lambda: f64, width: usize, height: usize) -> Self {
        let ratio = libm::sqrt((1.0 - lambda).max(0.0));
        let span = |centre: usize, side: usize| {
            let half = (side as f64 * ratio) as usize / 2;
            let (low, high) = (centre.saturating_sub(half), (centre + half).min(side));
            (low, high - low)
        };
        let ((x, columns), (y, rows)) = (span(x, width), span(y, height));
        Self::paste_box(Window { x, y, width: columns, height: rows }, width, height)
    }

    /// A given box of an image of `width`×`height`.
    pub fn paste_box(window: Window, width: usize, height: usize) -> Self {
        let covered = (window.width * window.height) as f64 / (width * height) as f64;
        Self::Paste { window, lambda: 1.0 - covered }
    }

    /// Share of the image; the rest is its partner's.
    pub fn lambda(&self) -> f64 {
        match self {
            Self::Keep => 1.0,
            Self::Blend { lambda } | Self::Paste { lambda, .. } => *lambda,
        }
    }

    /// `image` mixed with `partner`.
    ///
    /// # Errors
    /// When the two differ in size or the box does not fit.
    pub fn apply(&self, image: &Rgb8, partner: &Rgb8) -> Result<Rgb8, AugmentError> {
        let (one, other) = ((image.width(), image.height()), (partner.width(), partner.height()));
        if one != other {
            return Err(AugmentError::SizesDiffer { one, other });
        }
        let mut result = image.clone();
        match *self {
            Self::Keep => {}
            // f32 like the published code: where a sum lies near a half, the precision decides.
            Self::Blend { lambda } => {
                let (ours, theirs) = (lambda as f32, (1.0 - lambda) as f32);
                for (byte, other) in result.bytes_mut().iter_mut().zip(partner.bytes()) {
                    *byte = (f32::from(*byte) * ours + f32::from(*other) * theirs).round_ties_even() as u8;
                }
            }
            Self::Paste { window, .. } => paste(&mut result, partner, window)?,
        }
        Ok(result)
    }

    /// The class target: λ of the smoothed one-hot row of `class` and 1 − λ of that of its partner, `classes` numbers.
    pub fn target(&self, class: usize, partner: usize, classes: usize, smoothing: f64) -> Vec<f32> {
        let lambda = self.lambda();
        let off = smoothing / classes as f64;
        let smoothed = |k: usize, class: usize| if k == class { 1.0 - smoothing + off } else { off };
        (0..classes).map(|k| (lambda * smoothed(k, class) + (1.0 - lambda) * smoothed(k, partner)) as f32).collect()
    }
}

/// Mixes each image with its partner, the batch read backwards.
///
/// # Errors
/// When there is not one decision for each image, or one does not fit.
pub fn apply(mixes: &[Mix], images: &[Rgb8]) -> Result<Vec<Rgb8>, AugmentError> {
    if mixes.len() != images.len() {
        return Err(AugmentError::Decisions { decisions: mixes.len(), images: images.len() });
    }
    mixes.iter().enumerate().map(|(index, mix)| mixed(mix, images, index)).collect()
}

/// Image `index` of a batch, mixed with its partner.
///
/// # Errors
/// When the mix does not fit the two.
pub fn mixed<I: Borrow<Rgb8>>(mix: &Mix, images: &[I], index: usize) -> Result<Rgb8, AugmentError> {
    mix.apply(images[index].borrow(), images[partner(index, images.len())].borrow())
}

/// Which of `count` images the image `index` is mixed with: the batch read backwards.
pub fn partner(index: usize, count: usize) -> usize {
    count - 1 - index
}

fn paste(image: &mut Rgb8, partner: &Rgb8, window: Window) -> Result<(), AugmentError> {
    let (width, height) = (image.width(), image.height());
    if !window.fits(width, height) {
        return Err(AugmentError::OutsideImage { window, width, height });
    }
    for row in window.y..window.y + window.height {
        let start = (row * width + window.x) * 3;
        let bytes = start..start + window.width * 3;
        image.bytes_mut()[bytes.clone()].copy_from_slice(&partner.bytes()[bytes]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn flat(level: u8) -> Rgb8 {
        Rgb8::from_fn(8, 6, |_, _| [level; 3])
    }

    #[test]
    fn blends_round_halves_to_even_and_pastes_replace_a_box() {
        let half = Mix::Blend { lambda: 0.5 };
        assert_eq!(half.apply(&flat(1), &flat(0)).map(|mixed| mixed.pixel(0, 0)), Ok([0; 3]));
        assert_eq!(half.apply(&flat(3), &flat(0)).map(|mixed| mixed.pixel(0, 0)), Ok([2; 3]));
        let pasted = Mix::paste_box(Window { x: 6, y: 1, width: 2, height: 3 }, 8, 6);
        assert_eq!(pasted.lambda(), 1.0 - 6.0 / 48.0);
        let mixed = pasted.apply(&flat(9), &flat(4)).expect("equal sizes");
        assert_eq!(mixed.bytes().iter().filter(|byte| **byte == 4).count(), 18);
        assert_eq!((mixed.pixel(6, 1), mixed.pixel(5, 1), mixed.pixel(7, 4)), ([4; 3], [9; 3], [9; 3]));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let outside = Mix::paste_box(Window { x: 7, y: 0, width: 2, height: 1 }, 8, 6);
        assert!(matches!(outside.apply(&flat(1), &flat(2)), Err(AugmentError::OutsideImage { .. })));
        let small = Rgb8::from_fn(2, 2, |_, _| [0; 3]);
        assert!(matches!(Mix::Keep.apply(&flat(1), &small), Err(AugmentError::SizesDiffer { .. })));
        assert!(matches!(apply(&[Mix::Keep], &[]), Err(AugmentError::Decisions { .. })));
    }

    #[test]
    fn modes_share_draws_as_they_say() {
        let plan = |mode, seed| Mixup { mode, ..Mixup::default() }.plan(&mut stream(seed, 0, "mixup"), 5, 32, 32);
        for seed in 0..20 {
            let batch = plan(MixMode::Batch, seed);
            assert!(batch.iter().all(|mix| *mix == batch[0]));
            let pair = plan(MixMode::Pair, seed);
            assert_eq!((pair.len(), pair[0], pair[1]), (5, pair[4], pair[3]));
            let elem = plan(MixMode::Elem, seed);
            assert_ne!((elem[0], elem[1]), (elem[4], elem[3]));
            for mix in batch.iter().chain(&pair).chain(&elem) {
                assert!((0.0..=1.0).contains(&mix.lambda()));
                assert!(mix.apply(&flat_square(), &flat_square()).is_ok());
            }
        }
    }

    fn flat_square() -> Rgb8 {
        Rgb8::from_fn(32, 32, |_, _| [7; 3])
    }

    #[test]
    fn switches_rule_out_what_they_say() {
        let plan = |mixup: Mixup| mixup.plan(&mut stream(1, 0, "mixup"), 64, 32, 32);
        let base = Mixup { mode: MixMode::Elem, ..Mixup::default() };
        assert!(plan(Mixup { probability: 0.0, ..base }).iter().all(|mix| *mix == Mix::Keep));
        assert!(plan(Mixup { cutmix_alpha: 0.0, ..base }).iter().all(|mix| matches!(mix, Mix::Blend { .. })));
        assert!(plan(Mixup { mixup_alpha: 0.0, ..base }).iter().all(|mix| matches!(mix, Mix::Paste { .. })));
    }

    #[test]
    fn targets_are_mixed_and_sum_to_one() {
        let target = Mix::Blend { lambda: 0.25 }.target(0, 2, 4, 0.2);
        for (value, expected) in target.iter().zip([0.25, 0.05, 0.65, 0.05]) {
            assert!((value - expected).abs() < 1e-6, "{target:?}");
        }
    }
}
