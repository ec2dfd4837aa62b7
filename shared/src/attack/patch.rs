//! An adversarial patch, "Are Vision Transformers Robust to Patch Perturbations?" (arXiv 2111.10659, section 3): a square of the
//! image whose pixels may be anything. Inside of it, many steps of x ← x + η·sign(∇ cross-entropy), cut off at valid pixels; outside,
//! the image as it was.
//!
//! What is in the square is kept apart from where it lies, so that it can be carried to another place.

use burn::prelude::*;
use burn::tensor::s;

use super::{AttackError, Victim};

/// η of a step, in pixels of 0 to 1. Ours: the paper's attack takes many small ones, and starts again.
pub const STEP: f64 = 0.05;

/// A square of pixels within an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Square {
    /// Its first row.
    pub top: usize,
    /// Its first column.
    pub left: usize,
    /// Rows and columns.
    pub side: usize,
}

impl Square {
    /// The square of `side` pixels with its centre as near to `centre` (from the left and from the top, as fractions of the image) as
    /// an image of `image` pixels a side allows.
    pub fn around(centre: [f64; 2], side: usize, image: usize) -> Self {
        let side = side.clamp(1, image);
        let first = |at: f64| {
            let first = at * image as f64 - side as f64 / 2.0;
            // NaN becomes 0.
            (first.round().max(0.0) as usize).min(image - side)
        };
        Self { top: first(centre[1]), left: first(centre[0]), side }
    }
}

/// An attack under way on one image.
#[derive(Clone, Debug)]
pub struct Patch {
    image: Tensor<4>,
    square: Square,
    content: Tensor<4>,
}

impl Patch {
    /// The square of normalised `image` `[1, 3, y, x]`, as it is before the first step.
    ///
    /// # Errors
    /// When the square is not within the image.
    pub fn start(image: Tensor<4>, square: Square) -> Result<Self, AttackError> {
        let image = image.inner();
        let [_, _, rows, columns] = image.dims();
        let Square { top, left, side } = square;
        if side == 0 || top + side > rows || left + side > columns {
            return Err(AttackError::Square { square, rows, columns });
        }
        let content = cut(image.clone(), square);
        Ok(Self { image, square, content })
    }

    /// Takes one step; returns the loss before it, `[1]`.
    ///
    /// # Errors
    /// When the model has no such label.
    pub fn step(&mut self, victim: &Victim, label: usize) -> Result<Tensor<1>, AttackError> {
        let (loss, gradient) = victim.gradient(self.attacked(), &[label])?;
        let space = victim.space();
        let step = space.distance(STEP, &self.image.device());
        let direction = cut(gradient, self.square).sign();
        self.content = space.clamp(self.content.clone() + direction * step);
        Ok(loss)
    }

    /// Carries what is in the square to another of the same side.
    ///
    /// # Errors
    /// When that is not within the image, or has another side.
    pub fn carry(&mut self, to: Square) -> Result<(), AttackError> {
        let [_, _, rows, columns] = self.image.dims();
        if to.side != self.square.side || to.top + to.side > rows || to.left + to.side > columns {
            return Err(AttackError::Square { square: to, rows, columns });
        }
        self.square = to;
        Ok(())
    }

    /// Where it lies.
    pub fn square(&self) -> Square {
        self.square
    }

    /// The image so far, `[1, 3, y, x]`.
    pub fn attacked(&self) -> Tensor<4> {
        let Square { top, left, side } = self.square;
        self.image.clone().slice_assign(s![.., .., top..top + side, left..left + side], self.content.clone())
    }
}

/// What of `image` lies in `square`.
fn cut(image: Tensor<4>, Square { top, left, side }: Square) -> Tensor<4> {
    image.slice(s![.., .., top..top + side, left..left + side])
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use burn::tensor::Distribution;

    use super::*;
    use crate::attack::PixelSpace;
    use crate::image::Preprocess;
    use crate::model::preset;

    fn numbers(x: Tensor<4>) -> Vec<f32> {
        x.into_data().try_into_vec().unwrap()
    }

    #[test]
    fn only_the_square_changes_the_loss_rises_and_its_content_can_be_carried() {
        let device = Device::flex().autodiff();
        device.seed(1);
        let model = preset("vit_nano_p4_32").unwrap().config(4).init(&device).unwrap();
        let preprocess = Preprocess::imagenet(32);
        let space = PixelSpace::of(&preprocess).unwrap();
        let victim = Victim::new(&model, space);
        let plain = device.clone().inner();
        let image = space.clamp(Tensor::<4>::random([1, 3, 32, 32], Distribution::Normal(0.0, 1.0), &plain));
        let square = Square::around([0.5, 0.25], 8, 32);
        assert_eq!(square, Square { top: 4, left: 12, side: 8 });
        let mut patch = Patch::start(image.clone(), square).unwrap();
        assert_eq!(numbers(patch.attacked()), numbers(image.clone()));
        let losses: Vec<f32> = (0..12).map(|_| patch.step(&victim, 2).unwrap().into_scalar::<f32>()).collect();
        assert!(losses[11] > losses[0] + 0.01, "{losses:?}");
        let changed = |attacked: Tensor<4>, square: Square| {
            let (before, after) = (numbers(image.clone()), numbers(attacked));
            let inside = |i: usize| {
                let (row, column) = (i / 32 % 32, i % 32);
                (square.top..square.top + 8).contains(&row) && (square.left..square.left + 8).contains(&column)
            };
            let changed = (0..before.len()).filter(|&i| before[i] != after[i]);
            let all: Vec<bool> = changed.map(inside).collect();
            assert!(all.iter().all(|inside| *inside), "a pixel outside of the square changed");
            all.len()
        };
        assert!(changed(patch.attacked(), square) > 150);
        let content = numbers(cut(patch.attacked(), square));
        let elsewhere = Square::around([1.0, 1.0], 8, 32);
        patch.carry(elsewhere).unwrap();
        changed(patch.attacked(), elsewhere);
        assert_eq!(numbers(cut(patch.attacked(), elsewhere)), content);
    }

    #[test]
    fn a_square_outside_of_the_image_is_refused_and_around_never_is() {
        let image = Tensor::<4>::zeros([1, 3, 8, 8], &Device::flex());
        let said = Patch::start(image.clone(), Square { top: 5, left: 0, side: 4 }).unwrap_err().to_string();
        assert!(said.contains("8×8"), "{said}");
        for centre in [[0.0, 0.0], [1.0, 1.0], [-3.0, f64::NAN], [f64::INFINITY, 0.5]] {
            for side in [0, 1, 7, 8, 100] {
                Patch::start(image.clone(), Square::around(centre, side, 8)).unwrap();
            }
        }
    }
}
