//! The ball around an image that a budget leaves: chance draws from it uniformly, a step too far is brought back into it.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::space::between;
use super::{AttackError, PixelSpace, Radius};
use crate::random::normal;
use crate::random::stream;

/// Lengths below this count as this, so that an image without a gradient stays where it is.
const LEAST_LENGTH: f64 = 1e-12;

/// Euclidean length of each image: `[b, c, y, x]` → `[b, 1, 1, 1]`, not below [`LEAST_LENGTH`].
pub(super) fn lengths(change: Tensor<4>) -> Tensor<4> {
    // Scaled before squaring, so that small gradients do not vanish in f32.
    let [b, _, _, _] = change.dims();
    let flat = change.flatten::<2>(1, 3);
    let most = flat.clone().abs().max_dim(1).clamp_min(LEAST_LENGTH);
    let length = (flat / most.clone()).square().sum_dim(1).sqrt() * most;
    length.clamp_min(LEAST_LENGTH).reshape([b, 1, 1, 1])
}

/// `attacked` `[b, 3, y, x]`, brought back to within `radius` of `images`.
pub(super) fn near(attacked: Tensor<4>, images: Tensor<4>, radius: Radius, space: PixelSpace) -> Tensor<4> {
    let device = images.device();
    match radius {
        Radius::Linf(eps) => {
            let eps = space.distance(eps, &device);
            between(attacked, images.clone() - eps.clone(), images + eps)
        }
        Radius::L2(eps) => {
            let unit = space.distance(1.0, &device);
            let change = (attacked - images.clone()) / unit.clone();
            let factor = lengths(change.clone()).recip().mul_scalar(eps).clamp_max(1.0);
            images + change * factor * unit
        }
    }
}

/// Images `[b, 3, y, x]`, each moved to a point drawn uniformly from the ball of `radius` around it: in ℓ∞ a cube. A point is
/// a function of the seed, its sample and the purpose alone.
///
/// # Errors
/// When there is not one sample for each image.
pub(super) fn drawn(
    images: Tensor<4>,
    radius: Radius,
    space: PixelSpace,
    (seed, samples, purpose): (u64, &[u64], &str),
) -> Result<Tensor<4>, AttackError> {
    let (dims, device) = (images.dims(), images.device());
    if samples.len() != dims[0] {
        return Err(AttackError::Samples { samples: samples.len(), images: dims[0] });
    }
    let count = dims[1..].iter().product();
    let noise = samples.iter().flat_map(|sample| point(radius, count, seed, *sample, purpose)).collect::<Vec<f32>>();
    Ok(images + Tensor::<4>::from_data(TensorData::new(noise, dims), &device) * space.distance(1.0, &device))
}

/// A point of the ball in `count` dimensions, in pixels of 0 to 1.
fn point(radius: Radius, count: usize, seed: u64, sample: u64, purpose: &str) -> Vec<f32> {
    let mut random = stream(seed, sample, purpose);
    match radius {
        Radius::Linf(eps) => (0..count).map(|_| ((2.0 * normal::uniform(&mut random) - 1.0) * eps) as f32).collect(),
        Radius::L2(eps) => {
            // The fraction of the ball within radius r is r to the power of the dimension.
            let length_drawn = eps * libm::pow(normal::uniform(&mut random), 1.0 / count as f64);
            let direction = normal::normals(&mut random, count);
            let length = direction.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>().sqrt();
            let scale = length_drawn / length.max(LEAST_LENGTH);
            direction.iter().map(|value| (f64::from(*value) * scale) as f32).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(radius: Radius, count: usize) -> Vec<Vec<f64>> {
        (0..2000).map(|sample| point(radius, count, 1, sample, "test").into_iter().map(f64::from).collect()).collect()
    }

    #[test]
    fn points_fill_the_cube_evenly() {
        let points = points(Radius::Linf(0.5), 3);
        let inside = points.iter().filter(|point| point.iter().all(|value| value.abs() <= 0.25)).count();
        assert!(points.iter().flatten().all(|value| value.abs() <= 0.5));
        // Half of the side is an eighth of the cube.
        assert!((inside as f64 / 2000.0 - 0.125).abs() < 0.03, "{inside}");
    }

    #[test]
    fn points_fill_the_ball_evenly() {
        let points = points(Radius::L2(0.5), 3);
        let length = |point: &Vec<f64>| point.iter().map(|value| value * value).sum::<f64>().sqrt();
        assert!(points.iter().all(|point| length(point) <= 0.5 + 1e-6));
        let inside = points.iter().filter(|point| length(point) <= 0.25).count();
        assert!((inside as f64 / 2000.0 - 0.125).abs() < 0.03, "{inside}");
        let above = points.iter().filter(|point| point[0] > 0.0).count();
        assert!((above as f64 / 2000.0 - 0.5).abs() < 0.05, "{above}");
    }
}
