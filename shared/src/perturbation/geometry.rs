//! The camera moves: translate, rotate, tilt, scale, shear, all about the middle of the image.
//!
//! Every map is applied to the image itself, at once, never to the frame before. Sampling is bilinear and rounded to the
//! nearest level, ours to choose. What lies outside the image is its mirror image; a shrunk image lies on black, where mirror
//! images would show its object several times.

use super::warp::{Matrix, Outside, warp};
use super::{Perturbation, Protocol, Set};
use crate::image::Rgb8;

/// Frame at which nothing is moved; a pixel to the right per frame.
const TRANSLATE_REST: [f64; 2] = [20.0, 7.0];
/// Frame at which nothing is turned, tilted or sheared, and degrees per frame.
const REST: f64 = 15.0;
const ROTATE_STEP: f64 = 1.0;
const TILT_STEP: [f64; 2] = [1.0, 0.75];
const SHEAR_STEP: f64 = 1.0;
/// Size at frame 0 and its growth per frame, percent.
const SIZE: [(f64, f64); 2] = [(40.0, 2.5), (70.0, 2.0)];

pub(super) const TRANSLATE: Perturbation =
    Perturbation::sweep("translate", "Translate", Set::Test, [41, 16], |image, protocol, _, _| {
        let rest = TRANSLATE_REST[usize::from(protocol == Protocol::Cifar)];
        // Where a pixel comes from, so against the movement.
        let from = |frame: f64| Matrix([[1.0, 0.0, rest - frame], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
        sequence(image, TRANSLATE.frames(protocol), Outside::Mirrored, from)
    });

pub(super) const ROTATE: Perturbation =
    Perturbation::sweep("rotate", "Rotate", Set::Test, [31; 2], |image, protocol, _, _| {
        let from = |frame: f64| {
            let (sin, cos) = libm::sincos((ROTATE_STEP * (frame - REST)).to_radians());
            Matrix([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
        };
        sequence(image, ROTATE.frames(protocol), Outside::Mirrored, from)
    });

/// The image plane turned about its horizontal and then its vertical axis by the same angle, seen from as far away as its
/// diagonal is long, with that focal length.
pub(super) const TILT: Perturbation =
    Perturbation::sweep("tilt", "Tilt", Set::Test, [31; 2], |image, protocol, _, _| {
        let (width, height) = (image.width() as f64, image.height() as f64);
        let focal = libm::sqrt(width * width + height * height);
        let step = TILT_STEP[usize::from(protocol == Protocol::Cifar)];
        let from = |frame: f64| {
            let (sin, cos) = libm::sincos((step * (frame - REST)).to_radians());
            // Columns: where the plane's x and y axes point, and its middle; rows: x, y and distance of the camera's view.
            let seen =
                Matrix([[focal * cos, focal * sin * sin, 0.0], [0.0, focal * cos, 0.0], [-sin, cos * sin, focal]]);
            seen.inverse().unwrap_or(Matrix::IDENTITY)
        };
        sequence(image, TILT.frames(protocol), Outside::Mirrored, from)
    });

pub(super) const SCALE: Perturbation =
    Perturbation::sweep("scale", "Scale", Set::Test, [31; 2], |image, protocol, _, _| {
        let (first, step) = SIZE[usize::from(protocol == Protocol::Cifar)];
        let from = |frame: f64| {
            let size = (first + step * frame) / 100.0;
            Matrix([[1.0 / size, 0.0, 0.0], [0.0, 1.0 / size, 0.0], [0.0, 0.0, 1.0]])
        };
        sequence(image, SCALE.frames(protocol), Outside::Black, from)
    });

/// Rows slide sideways.
pub(super) const SHEAR: Perturbation =
    Perturbation::sweep("shear", "Shear", Set::Validation, [31; 2], |image, protocol, _, _| {
        let from = |frame: f64| {
            let slide = libm::tan((SHEAR_STEP * (frame - REST)).to_radians());
            Matrix([[1.0, slide, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        };
        sequence(image, SHEAR.frames(protocol), Outside::Mirrored, from)
    });

fn sequence(image: &Rgb8, frames: usize, outside: Outside, from: impl Fn(f64) -> Matrix) -> Vec<Rgb8> {
    (0..frames).map(|frame| warp(image, &from(frame as f64), outside)).collect()
}
