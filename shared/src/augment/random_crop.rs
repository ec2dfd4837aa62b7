//! Random-resized-crop: a window of random area and shape, as in torchvision and timm.

use chacha20::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::Window;
use super::draw::{below, between, log_between};

/// Draws until a window fits; then the largest centred one of a legal shape is taken.
const TRIES: usize = 10;

/// Which windows are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RandomCrop {
    /// Smallest and largest fraction of the image's area. Usual: 0.08 to 1.
    pub scale: (f64, f64),
    /// Smallest and largest width over height. Usual: 3/4 to 4/3.
    pub ratio: (f64, f64),
}

impl Default for RandomCrop {
    fn default() -> Self {
        Self { scale: (0.08, 1.0), ratio: (3.0 / 4.0, 4.0 / 3.0) }
    }
}

impl RandomCrop {
    /// Draws a window of an image of `width`×`height`; never empty.
    pub fn plan(&self, random: &mut ChaCha8Rng, width: usize, height: usize) -> Window {
        let area = (width * height) as f64;
        for _ in 0..TRIES {
            let target = area * between(random, self.scale.0, self.scale.1);
            let ratio = log_between(random, self.ratio.0, self.ratio.1);
            let side = |square: f64| libm::sqrt(square).round_ties_even() as usize;
            let (w, h) = (side(target * ratio), side(target / ratio));
            if (1..=width).contains(&w) && (1..=height).contains(&h) {
                let y = below(random, height - h + 1);
                return Window { x: below(random, width - w + 1), y, width: w, height: h };
            }
        }
        self.centred(width, height)
    }

    fn centred(&self, width: usize, height: usize) -> Window {
        let ratio = width as f64 / height as f64;
        let rounded = |side: f64, most: usize| (side.round_ties_even() as usize).clamp(1, most.max(1));
        let (w, h) = if ratio < self.ratio.0 {
            (width, rounded(width as f64 / self.ratio.0, height))
        } else if ratio > self.ratio.1 {
            (rounded(height as f64 * self.ratio.1, width), height)
        } else {
            (width, height)
        };
        Window { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn windows_lie_inside_and_have_the_shapes_asked_for() {
        let mut random = stream(3, 0, "test");
        for (width, height) in [(1, 1), (1, 500), (64, 48), (31, 32)] {
            for _ in 0..200 {
                let window = RandomCrop::default().plan(&mut random, width, height);
                assert!(window.fits(width, height) && window.width > 0 && window.height > 0, "{window:?}");
            }
        }
        for _ in 0..200 {
            let window = RandomCrop::default().plan(&mut random, 400, 400);
            let fraction = (window.width * window.height) as f64 / 160_000.0;
            assert!((0.07..=1.0).contains(&fraction));
            assert!((0.74..=1.36).contains(&(window.width as f64 / window.height as f64)));
        }
    }

    #[test]
    fn a_strip_keeps_its_middle() {
        let window =
            RandomCrop { scale: (1.0, 1.0), ..RandomCrop::default() }.plan(&mut stream(0, 0, "test"), 30, 3000);
        assert_eq!(window, Window { x: 0, y: 1480, width: 30, height: 40 });
    }
}
