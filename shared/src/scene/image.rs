//! From a world to pixels: one ray through each pixel's middle, more wherever neighbours differ.

use super::Bounds;
use super::noise::Noise;
use super::trace::Target;
use super::world::World;
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

/// For images to look at: with the middle a turned lattice of five.
const FINE: Smoothing =
    Smoothing { extra: &[[-0.4, -0.2], [0.2, -0.4], [0.4, 0.2], [-0.2, 0.4]], edge: 0.03, contrast: 0.18 };
/// For small images, which are there to be learnt from fast: outlines only, three rays.
const FAST: Smoothing = Smoothing { extra: &[[-0.333, 0.333], [0.333, -0.333]], edge: 0.06, contrast: f32::INFINITY };
/// The side from which an image is smoothed finely.
const LARGE: usize = 128;

impl World {
    /// Image, mask of the object's visible pixels, and the mask's tight box.
    pub(super) fn expose(&self, size: usize) -> (Rgb8, Vec<u8>, Bounds) {
        let step = 2.0 / size as f32;
        let pixel = step / self.camera.focal;
        let mut noise = Noise::new();
        let mut look = |x: f32, y: f32| self.trace([x * step - 1.0, 1.0 - y * step], pixel, &mut noise);
        let mut targets = Vec::with_capacity(size * size);
        let mut colours = Vec::with_capacity(size * size);
        for y in 0..size {
            for x in 0..size {
                let sample = look(x as f32 + 0.5, y as f32 + 0.5);
                targets.push(sample.target);
                colours.push(sample.light.into());
            }
        }
        film(&mut colours);
        let smoothing = if size < LARGE { FAST } else { FINE };
        let rough = rough(&targets, &colours, size, &smoothing);
        let mut extra = Vec::with_capacity(rough.len() * smoothing.extra.len());
        for at in &rough {
            let (x, y) = ((at % size) as f32 + 0.5, (at / size) as f32 + 0.5);
            extra.extend(smoothing.extra.iter().map(|[dx, dy]| <[f32; 3]>::from(look(x + dx, y + dy).light)));
        }
        film(&mut extra);
        for (at, extra) in rough.iter().zip(extra.chunks_exact(smoothing.extra.len())) {
            for (channel, value) in colours[*at].iter_mut().enumerate() {
                *value = extra.iter().fold(*value, |sum, colour| sum + colour[channel]);
                *value *= 1.0 / (1 + extra.len()) as f32;
            }
        }
        let image = display(&colours, size);
        let mask: Vec<u8> = targets.iter().map(|target| u8::from(usize::from(*target) < self.parts)).collect();
        let bounds = Bounds::of(&mask, size);
        (image, mask, bounds)
    }
}

/// A film-like curve from light to display value squared: deep shadows, soft highlights.
fn film(colours: &mut [[f32; 3]]) {
    for x in colours.as_flattened_mut() {
        *x = ((*x * (2.51 * *x + 0.03)) / (*x * (2.43 * *x + 0.59) + 0.14)).clamp(0.0, 1.0);
    }
}

/// The pixels that differ from a neighbour to the left, right, above or below, in order.
fn rough(targets: &[Target], colours: &[[f32; 3]], size: usize, smoothing: &Smoothing) -> Vec<usize> {
    let differ = |a: usize, b: usize| {
        let limit = if targets[a] == targets[b] { smoothing.contrast } else { smoothing.edge };
        (0..3).any(|channel| (colours[a][channel] - colours[b][channel]).abs() > limit)
    };
    let mut rough = vec![false; targets.len()];
    for y in 0..size {
        for at in y * size..(y + 1) * size {
            if at + 1 < (y + 1) * size && differ(at, at + 1) {
                rough[at] = true;
                rough[at + 1] = true;
            }
            if y + 1 < size && differ(at, at + size) {
                rough[at] = true;
                rough[at + size] = true;
            }
        }
    }
    (0..rough.len()).filter(|at| rough[*at]).collect()
}

fn display(colours: &[[f32; 3]], size: usize) -> Rgb8 {
    let bytes = colours.as_flattened().iter().map(|value| (value.sqrt() * 255.0 + 0.5) as i32 as u8).collect();
    Rgb8::from_parts(size, size, bytes)
}
