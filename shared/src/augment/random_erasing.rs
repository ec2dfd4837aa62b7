//! Random erasing (arXiv 1708.04896) of a normalised input, as timm does it: one box of zeros or of noise.

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::draw::{below, between, chance, log_between};
use super::{AugmentError, Window};
use crate::random::normal::normals;

/// Channels of an input.
const CHANNELS: usize = 3;

/// Draws until a box fits; then nothing is erased.
const TRIES: usize = 10;

/// What a box is filled with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fill {
    /// Zeros: the mean colour.
    Const,
    /// Standard normal noise in every pixel and channel.
    #[default]
    Pixel,
}

/// How boxes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomErasing {
    /// Probability of a box. Paper: 0.3 for self-emerging token labeling, 0.25 is usual.
    pub probability: f64,
    /// What it is filled with.
    pub fill: Fill,
    /// Smallest and largest fraction of the area. Usual: 0.02 to 1/3.
    pub area: (f64, f64),
    /// Smallest height over width; the largest is its inverse. Usual: 0.3.
    pub aspect: f64,
}

impl Default for RandomErasing {
    fn default() -> Self {
        Self { probability: 0.3, fill: Fill::Pixel, area: (0.02, 1.0 / 3.0), aspect: 0.3 }
    }
}

/// One box and what goes into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Erasure {
    /// The box.
    pub window: Window,
    /// Its values `[c, y, x]`; none: zeros.
    pub values: Option<Vec<f32>>,
}

impl RandomErasing {
    /// Draws what happens to an input of `width`×`height`; often nothing.
    pub fn plan(&self, random: &mut ChaCha8Rng, width: usize, height: usize) -> Option<Erasure> {
        if !chance(random, self.probability) {
            return None;
        }
        let window = self.window(random, width, height)?;
        let values = match self.fill {
            Fill::Const => None,
            Fill::Pixel => Some(normals(random, CHANNELS * window.width * window.height)),
        };
        Some(Erasure { window, values })
    }

    fn window(&self, random: &mut ChaCha8Rng, width: usize, height: usize) -> Option<Window> {
        for _ in 0..TRIES {
            let area = between(random, self.area.0, self.area.1) * (width * height) as f64;
            let aspect = log_between(random, self.aspect, 1.0 / self.aspect);
            let side = |square: f64| libm::sqrt(square).round_ties_even() as usize;
            let (h, w) = (side(area * aspect), side(area / aspect));
            if w < width && h < height {
                let y = below(random, height - h + 1);
                return Some(Window { x: below(random, width - w + 1), y, width: w, height: h });
            }
        }
        None
    }
}

impl Erasure {
    /// Fills the box in `input` `[3, y, x]` of `width`×`height`.
    ///
    /// # Errors
    /// When the box, its values or the input do not have the size that they should.
    pub fn apply(&self, input: &mut [f32], width: usize, height: usize) -> Result<(), AugmentError> {
        let Self { window, values } = self;
        if !window.fits(width, height) {
            return Err(AugmentError::OutsideImage { window: *window, width, height });
        }
        check("the input", input.len(), CHANNELS * width * height)?;
        let area = window.width * window.height;
        if let Some(values) = values {
            check("the erasing noise", values.len(), CHANNELS * area)?;
        }
        for channel in 0..CHANNELS {
            for row in 0..window.height {
                let start = (channel * height + window.y + row) * width + window.x;
                let target = &mut input[start..start + window.width];
                match values {
                    Some(values) => {
                        let from = channel * area + row * window.width;
                        target.copy_from_slice(&values[from..from + window.width]);
                    }
                    None => target.fill(0.0),
                }
            }
        }
        Ok(())
    }
}

fn check(what: &'static str, given: usize, expected: usize) -> Result<(), AugmentError> {
    if given == expected { Ok(()) } else { Err(AugmentError::Length { what, given, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn a_box_of_zeros_or_noise_and_nothing_else_changes() {
        let window = Window { x: 2, y: 1, width: 3, height: 2 };
        let mut input = vec![5.0; 3 * 4 * 6];
        let noise: Vec<f32> = (0..18u8).map(f32::from).collect();
        assert_eq!(Erasure { window, values: Some(noise) }.apply(&mut input, 6, 4), Ok(()));
        assert_eq!(&input[6..12], [5.0, 5.0, 0.0, 1.0, 2.0, 5.0]);
        assert_eq!(&input[24 + 12..24 + 18], [5.0, 5.0, 9.0, 10.0, 11.0, 5.0]);
        assert_eq!(Erasure { window, values: None }.apply(&mut input, 6, 4), Ok(()));
        assert_eq!(input.iter().filter(|value| **value == 0.0).count(), 18);
        assert_eq!(input.iter().filter(|value| **value == 5.0).count(), 72 - 18);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let window = Window { x: 5, y: 0, width: 3, height: 2 };
        let erase = |window, values, length| Erasure { window, values }.apply(&mut vec![0.0; length], 6, 4);
        assert!(matches!(erase(window, None, 72), Err(AugmentError::OutsideImage { .. })));
        let inside = Window { x: 0, ..window };
        assert!(matches!(erase(inside, None, 71), Err(AugmentError::Length { .. })));
        assert!(matches!(erase(inside, Some(vec![0.0; 17]), 72), Err(AugmentError::Length { .. })));
    }

    #[test]
    fn plans_erase_as_often_and_as_much_as_asked() {
        let erasing = RandomErasing::default();
        let plans: Vec<_> = (0..2000).map(|i| erasing.plan(&mut stream(1, i, "erasing"), 64, 64)).collect();
        let fraction = plans.iter().flatten().count() as f64 / 2000.0;
        assert!((fraction - 0.3).abs() < 0.04, "{fraction}");
        for Erasure { window, values } in plans.into_iter().flatten() {
            assert!(window.fits(64, 64));
            let area = window.width * window.height;
            assert_eq!(values.map(|values| values.len()), Some(3 * area));
            assert!((0.01..0.36).contains(&(area as f64 / 4096.0)), "{window:?}");
        }
    }
}
