//! Blur that moves: a trail that turns, a zoom that gathers copies, a Gaussian that widens.

use super::{Perturbation, Protocol, Set};
use crate::corruption::strength;
use crate::image::Rgb8;

/// (radius, σ) of the trail in pixels, degrees per frame, the frame at which it points to the right.
const TRAIL: [(usize, f64, f64, f64); 2] = [(10, 3.0, 4.0, 30.0), (6, 1.8, 9.0, 20.0)];
/// Growth of the zoom per frame.
const ZOOM_STEP: f64 = 0.004;
/// σ of the Gaussian at frame 0 and its growth per frame in pixels, width of the filter in σ.
const WIDTH: [(f64, f64, f64); 2] = [(0.25, 0.035, 6.0), (0.3, 0.015, 7.0)];

pub(super) const MOTION: Perturbation =
    Perturbation::sweep("motion_blur", "Motion blur", Set::Test, [31, 21], |image, protocol, _, _| {
        let (radius, sigma, step, right) = TRAIL[usize::from(protocol == Protocol::Cifar)];
        let turned = |frame| strength::motion_blur(image, radius, sigma, step * (frame as f64 - right));
        (0..MOTION.frames(protocol)).map(turned).collect()
    });

/// Frame i is the mean of the copies enlarged by 1, 1.004 … 1 + 0.004·i; frame 0 is the image.
pub(super) const ZOOM: Perturbation =
    Perturbation::sweep("zoom_blur", "Zoom blur", Set::Test, [31; 2], |image, protocol, _, _| {
        let values: Vec<f64> = image.bytes().iter().map(|byte| f64::from(*byte)).collect();
        let mut sums = vec![0.0; values.len()];
        (0..ZOOM.frames(protocol))
            .map(|frame| {
                let copy = strength::zoom(&values, image.width(), 3, 1.0 + ZOOM_STEP * frame as f64);
                sums.iter_mut().zip(copy).for_each(|(sum, value)| *sum += value);
                let mean = sums.iter().map(|sum| (sum / (frame + 1) as f64).clamp(0.0, 255.0) as u8);
                Rgb8::from_parts(image.width(), image.height(), mean.collect())
            })
            .collect()
    });

pub(super) const GAUSSIAN: Perturbation =
    Perturbation::sweep("gaussian_blur", "Gaussian blur", Set::Validation, [31; 2], |image, protocol, _, _| {
        let (first, step, truncate) = WIDTH[usize::from(protocol == Protocol::Cifar)];
        let widened = |frame| strength::gaussian_blur(image, first + step * frame as f64, truncate);
        (0..GAUSSIAN.frames(protocol)).map(widened).collect()
    });
