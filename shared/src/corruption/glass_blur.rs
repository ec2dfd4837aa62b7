//! Glass blur: smoothed, pixels displaced at random nearby, smoothed again.
//!
//! The published code means to exchange two pixels but copies: the visited pixel takes the other's colour and the other keeps
//! its own. The scan runs from the bottom right to the top left in place, so colours can travel.

use super::levels::{from_unit, to_unit};
use super::smooth::{Gaussian, smooth};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;
use crate::random::words::Words;

/// (σ of the smoothing, reach of a displacement, passes).
const SIGMA_REACH_PASSES: Constants<(f64, usize, usize)> = Constants {
    imagenet: [(0.7, 1, 2), (0.9, 2, 1), (1.0, 2, 3), (1.1, 3, 2), (1.5, 4, 2)],
    tiny: [(0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)],
    cifar: [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
    inception: Some([(0.8, 1, 3), (1.0, 3, 1), (1.1, 2, 4), (1.2, 4, 2), (1.6, 5, 2)]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "glass_blur",
    title: "Glass blur",
    about: "Pixels take the colour of random neighbours between two smoothings, as behind frosted glass.",
    constants: "the smoothing's width, the reach of a displacement and the number of passes",
    group: Group::Blur,
    set: Set::Common,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let (_, reach, _) = SIGMA_REACH_PASSES.at(severity, variant);
    let mut random = stream(seed, 0, ENTRY.name);
    let mut words = Words::new(&mut random);
    let step = |bits: u32| ((u64::from(bits) * 2 * reach as u64) >> 32) as isize - reach as isize;
    with_moves(image, severity, variant, || {
        let bits = words.next();
        (step(bits as u32), step((bits >> 32) as u32))
    })
}

/// The blur with displacements (columns, rows) from `draw`, each in `-reach..reach`, one per visited pixel in the order of
/// the scan.
pub fn with_moves(
    image: &Rgb8,
    severity: Severity,
    variant: Variant,
    mut draw: impl FnMut() -> (isize, isize),
) -> Rgb8 {
    let (sigma, reach, passes) = SIGMA_REACH_PASSES.at(severity, variant);
    let (width, height) = (image.width(), image.height());
    let mut out = smoothed(image, sigma);
    let pixels = out.bytes_mut().as_chunks_mut::<3>().0;
    for _ in 0..passes {
        for y in (reach + 1..=height.saturating_sub(reach)).rev() {
            for x in (reach + 1..=width.saturating_sub(reach)).rev() {
                let (dx, dy) = draw();
                let from =
                    y.saturating_add_signed(dy).min(height - 1) * width + x.saturating_add_signed(dx).min(width - 1);
                pixels[y * width + x] = pixels[from];
            }
        }
    }
    smoothed(&out, sigma)
}

fn smoothed(image: &Rgb8, sigma: f64) -> Rgb8 {
    let mut values = to_unit(image);
    smooth(&mut values, image.width(), 3, Gaussian::new(sigma));
    from_unit(image, &values)
}
