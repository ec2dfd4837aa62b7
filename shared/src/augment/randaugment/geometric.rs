//! Rotation, shear and translation as matrices.

use super::Op;
use super::affine::Matrix;

/// Where each output pixel reads an image of `width`×`height`; none for operations that move nothing.
pub(super) fn matrix(op: Op, width: usize, height: usize) -> Option<Matrix> {
    let (width, height) = (width as f64, height as f64);
    Some(match op {
        Op::Rotate { degrees } => rotation(degrees, width / 2.0, height / 2.0),
        Op::ShearX { factor } => [1.0, factor, 0.0, 0.0, 1.0, 0.0],
        Op::ShearY { factor } => [1.0, 0.0, 0.0, factor, 1.0, 0.0],
        Op::TranslateX { fraction } => [1.0, 0.0, fraction * width, 0.0, 1.0, 0.0],
        Op::TranslateY { fraction } => [1.0, 0.0, 0.0, 0.0, 1.0, fraction * height],
        _ => return None,
    })
}

/// Counter-clockwise about (`x`, `y`), in Pillow's order of sums.
pub(in crate::augment) fn rotation(degrees: f64, x: f64, y: f64) -> Matrix {
    let angle = -(degrees.rem_euclid(360.0) * (std::f64::consts::PI / 180.0));
    let (sine, cosine) = (fifteen_decimals(libm::sin(angle)), fifteen_decimals(libm::cos(angle)));
    let c = cosine * -x + sine * -y + x;
    let f = -sine * -x + cosine * -y + y;
    [cosine, sine, c, -sine, cosine, f]
}

/// Pillow rounds to 15 decimals, correctly; scaling and rounding would miss that by one unit now and then.
fn fifteen_decimals(value: f64) -> f64 {
    format!("{value:.15}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::augment::Interpolation;
    use crate::image::Rgb8;

    #[test]
    fn half_a_turn_twice_and_four_quarters_give_the_image_back() {
        let image = Rgb8::from_fn(6, 6, |x, y| [(x * 40) as u8, (y * 30) as u8, 1]);
        for (degrees, times) in [(180.0, 2), (90.0, 4), (-90.0, 4), (0.0, 1)] {
            let op = Op::Rotate { degrees };
            let result = (0..times).fold(image.clone(), |now, _| op.apply(&now, Interpolation::Bilinear));
            assert_eq!(result, image, "{degrees}");
        }
    }
}
