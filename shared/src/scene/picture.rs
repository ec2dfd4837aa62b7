//! From a world to pixels: one ray through each pixel's middle, more wherever neighbours differ.

use super::trace::Sample;
use super::vector::{Vec3, larger};
use super::{Bounds, World};
use crate::image::Rgb8;

/// How edges are smoothed.
struct Smoothing {
    /// Sub-pixel places of the extra rays.
    extra: &'static [[f32; 2]],
    /// Neighbours on different things are smoothed when their display values squared differ by more than this …
    edge: f32,
    /// … and neighbours on the same thing by more than this.
    contrast: f32,
}

/// For pictures to look at: with the middle a turned lattice of five.
const FINE: Smoothing =
    Smoothing { extra: &[[-0.4, -0.2], [0.2, -0.4], [0.4, 0.2], [-0.2, 0.4]], edge: 0.03, contrast: 0.18 };
/// For small pictures, which are there to be learnt from fast: outlines only, three rays.
const FAST: Smoothing = Smoothing { extra: &[[-0.333, 0.333], [0.333, -0.333]], edge: 0.06, contrast: f32::INFINITY };
/// The side from which a picture is smoothed finely.
const LARGE: usize = 128;

impl World {
    /// Picture, mask of the object's visible pixels, and the mask's tight box.
    pub(super) fn expose(&self, size: usize) -> (Rgb8, Vec<u8>, Bounds) {
        let step = 2.0 / size as f32;
        let pixel = step / self.camera.focal;
        let look = |x: f32, y: f32| self.trace([x * step - 1.0, 1.0 - y * step], pixel);
        let mut samples = Vec::with_capacity(size * size);
        for y in 0..size {
            for x in 0..size {
                samples.push(look(x as f32 + 0.5, y as f32 + 0.5));
            }
        }
        let smoothing = if size < LARGE { FAST } else { FINE };
        let rough = rough(&samples, size, &smoothing);
        let picture = Rgb8::from_fn(size, size, |x, y| {
            let mut colour = samples[y * size + x].colour;
            if rough[y * size + x] {
                for [dx, dy] in smoothing.extra {
                    colour = colour + look(x as f32 + 0.5 + dx, y as f32 + 0.5 + dy).colour;
                }
                colour = colour * (1.0 / (1 + smoothing.extra.len()) as f32);
            }
            display(colour)
        });
        let mask: Vec<u8> = samples.iter().map(|s| u8::from(usize::from(s.target) < self.parts)).collect();
        let bounds = Bounds::of(&mask, size);
        (picture, mask, bounds)
    }
}

/// The pixels that differ from a neighbour to the left, right, above or below.
fn rough(samples: &[Sample], size: usize, smoothing: &Smoothing) -> Vec<bool> {
    let mut rough = vec![false; samples.len()];
    for y in 0..size {
        for at in y * size..(y + 1) * size {
            if at + 1 < (y + 1) * size && differ(&samples[at], &samples[at + 1], smoothing) {
                rough[at] = true;
                rough[at + 1] = true;
            }
            if y + 1 < size && differ(&samples[at], &samples[at + size], smoothing) {
                rough[at] = true;
                rough[at + size] = true;
            }
        }
    }
    rough
}

#[inline]
fn differ(a: &Sample, b: &Sample, smoothing: &Smoothing) -> bool {
    let gap = a.colour - b.colour;
    let limit = if a.target == b.target { smoothing.contrast } else { smoothing.edge };
    larger(larger(gap.x.abs(), gap.y.abs()), gap.z.abs()) > limit
}

#[inline]
fn display(colour: Vec3) -> [u8; 3] {
    let byte = |value: f32| (value.sqrt() * 255.0 + 0.5) as u8;
    [byte(colour.x), byte(colour.y), byte(colour.z)]
}
