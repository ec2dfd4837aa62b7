//! The operations of AugMix: what each does at a strength of 0.1 to 10, appendix C of the paper.
//!
//! As released: posterising leaves four bits at most; the angle of a rotation and the way of a translation are whole numbers;
//! shears are about the top left corner; what geometry uncovers is black. The four operations that blend with a duller image
//! only ever weaken it below a strength of five.

use super::super::Interpolation;
use super::super::randaugment::{Matrix, Op, rotation, transform};
use crate::image::Rgb8;

/// Strengths are tenths of the greatest.
const TENTHS: f64 = 10.0;

/// What geometry uncovers.
const BLACK: [u8; 3] = [0; 3];

/// An operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Stretches each channel to 0..255.
    AutoContrast,
    /// Evens out each channel's histogram.
    Equalize,
    /// Keeps the highest bits of each level.
    Posterize,
    /// Turns about the middle.
    Rotate,
    /// Inverts bright levels.
    Solarize,
    /// Slants columns.
    ShearX,
    /// Slants rows.
    ShearY,
    /// Moves the image along its rows.
    TranslateX,
    /// Moves the image along its columns.
    TranslateY,
    /// Blends with the grey image.
    Color,
    /// Blends with the mean grey.
    Contrast,
    /// Blends with black.
    Brightness,
    /// Blends with the smoothed image.
    Sharpness,
}

/// Every operation.
pub const ALL: [Operation; 13] = [
    Operation::AutoContrast,
    Operation::Equalize,
    Operation::Posterize,
    Operation::Rotate,
    Operation::Solarize,
    Operation::ShearX,
    Operation::ShearY,
    Operation::TranslateX,
    Operation::TranslateY,
    Operation::Color,
    Operation::Contrast,
    Operation::Brightness,
    Operation::Sharpness,
];

/// Those that resemble no corruption of ImageNet-C.
pub const USUAL: &[Operation] = ALL.split_at(9).0;

/// One operation of a chain: a decision, ready to be applied.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Which operation.
    pub operation: Operation,
    /// Its strength, 0.1 to 10; nothing to those that have none.
    pub level: f64,
    /// Which of two directions, where there are two.
    pub negative: bool,
}

/// What is done to an image.
enum Change {
    /// Levels change in their places.
    Levels(Op),
    /// Pixels move.
    Move(Matrix),
}

impl Step {
    /// The image after the operation, of the same size.
    pub fn apply(&self, image: &Rgb8) -> Rgb8 {
        match self.change(image.width() as f64, image.height() as f64) {
            Change::Levels(op) => op.apply(image, Interpolation::Bilinear),
            Change::Move(matrix) => transform(image, &matrix, Interpolation::Bilinear, BLACK),
        }
    }

    fn change(&self, width: f64, height: f64) -> Change {
        // First the product, then the division, as released: where whole numbers are cut off, the order decides.
        let part = |greatest: f64| self.level * greatest / TENTHS;
        let signed = |value: f64| if self.negative { -value } else { value };
        let factor = part(1.8) + 0.1;
        Change::Levels(match self.operation {
            Operation::AutoContrast => Op::AutoContrast,
            Operation::Equalize => Op::Equalize,
            // At least one bit is left below a strength of ten.
            Operation::Posterize => Op::Posterize { bits: (4.0 - part(4.0).trunc()).max(1.0) as u8 },
            Operation::Solarize => Op::Solarize { threshold: (256.0 - part(256.0).trunc()) as u16 },
            Operation::Color => Op::Color { factor },
            Operation::Contrast => Op::Contrast { factor },
            Operation::Brightness => Op::Brightness { factor },
            Operation::Sharpness => Op::Sharpness { factor },
            Operation::Rotate => {
                return Change::Move(rotation(signed(part(30.0).trunc()), width / 2.0, height / 2.0));
            }
            Operation::ShearX => return Change::Move([1.0, signed(part(0.3)), 0.0, 0.0, 1.0, 0.0]),
            Operation::ShearY => return Change::Move([1.0, 0.0, 0.0, signed(part(0.3)), 1.0, 0.0]),
            Operation::TranslateX => {
                return Change::Move([1.0, 0.0, signed(part(width / 3.0).trunc()), 0.0, 1.0, 0.0]);
            }
            Operation::TranslateY => {
                return Change::Move([1.0, 0.0, 0.0, 0.0, 1.0, signed(part(height / 3.0).trunc())]);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Large enough for equalise, which leaves images of a few pixels alone, and rough enough for sharpness.
    fn image() -> Rgb8 {
        Rgb8::from_fn(39, 21, |x, y| {
            [((x * 37) ^ (y * 11)) % 180 + 20, x * y * 5 % 180 + 20, (y * 29 + x) % 180 + 20].map(|v| v as u8)
        })
    }

    fn step(operation: Operation, level: f64) -> Step {
        Step { operation, level, negative: false }
    }

    #[test]
    fn every_operation_changes_something_and_keeps_the_size() {
        for operation in ALL {
            let result = step(operation, 9.0).apply(&image());
            assert_eq!((result.width(), result.height()), (39, 21), "{operation:?}");
            assert_ne!(result, image(), "{operation:?}");
        }
    }

    #[test]
    fn the_usual_ones_leave_out_what_a_benchmark_corrupts_by() {
        let left_out = [Operation::Color, Operation::Contrast, Operation::Brightness, Operation::Sharpness];
        assert_eq!((USUAL.len(), &ALL[9..]), (9, &left_out[..]));
        assert!(left_out.iter().all(|operation| !USUAL.contains(operation)));
    }

    #[test]
    fn a_translation_moves_whole_pixels_and_uncovers_black() {
        // A third of 39 columns is 13; at a strength of 4.7 that is 6.11.
        let moved = step(Operation::TranslateX, 4.7).apply(&image());
        assert_eq!((moved.pixel(0, 4), moved.pixel(32, 20)), (image().pixel(6, 4), image().pixel(38, 20)));
        assert_eq!((moved.pixel(33, 4), moved.pixel(38, 20)), ([0; 3], [0; 3]));
        let back = Step { negative: true, ..step(Operation::TranslateX, 4.7) }.apply(&image());
        assert_eq!((back.pixel(6, 4), back.pixel(5, 4)), (image().pixel(0, 4), [0; 3]));
        // A third of 21 rows is 7; at a strength of 1.4 that is less than one.
        assert_eq!(step(Operation::TranslateY, 1.4).apply(&image()), image());
    }

    #[test]
    fn strengths_that_are_cut_off_to_nothing_change_nothing() {
        assert_eq!(step(Operation::Rotate, 0.3).apply(&image()), image());
        // Four bits at most are left, however weak it is.
        let posterized = step(Operation::Posterize, 0.1).apply(&image());
        assert!(posterized.bytes().iter().zip(image().bytes()).all(|(ours, byte)| *ours == byte & 0xF0));
        let strongest = step(Operation::Posterize, 10.0).apply(&image());
        assert!(strongest.bytes().iter().zip(image().bytes()).all(|(ours, byte)| *ours == byte & 0x80));
    }

    #[test]
    fn the_first_row_stays_in_a_shear_about_the_top_left_corner() {
        let sheared = step(Operation::ShearX, 1.0).apply(&image());
        // The centre of the first row moves by 0.015 columns only.
        for x in 0..39 {
            for (ours, byte) in sheared.pixel(x, 0).iter().zip(image().pixel(x, 0)) {
                assert!(ours.abs_diff(byte) <= 4, "{x}");
            }
        }
        let last = Rgb8::from_fn(39, 1, |x, _| sheared.pixel(x, 20));
        assert_ne!(last, Rgb8::from_fn(39, 1, |x, _| image().pixel(x, 20)));
    }
}
