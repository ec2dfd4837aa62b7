//! Flickering noise: frame 0 is the image, frames 1 to 30 are the image under noise drawn anew each time.

use super::{Difficulty, Frames, Kind, Perturbation, Protocol, Set};
use crate::corruption::strength::{self, Photons};
use crate::image::Rgb8;
use crate::random::normal::normals;
use crate::random::stream;

const FRAMES: usize = 31;

/// σ by difficulty.
const GAUSSIAN_SIGMA: Strengths = Strengths { imagenet: [0.03, 0.05, 0.08], cifar: [0.02, 0.04, 0.06] };
/// Photons of a full value, by difficulty.
const SHOT_PHOTONS: Strengths = Strengths { imagenet: [300.0, 120.0, 60.0], cifar: [700.0, 400.0, 200.0] };
/// σ relative to the value, by difficulty.
const SPECKLE_SIGMA: Strengths = Strengths { imagenet: [0.05, 0.10, 0.15], cifar: [0.05, 0.07, 0.10] };

pub(super) const GAUSSIAN: Perturbation =
    entry("gaussian_noise", "Gaussian noise", Set::Test, |image, protocol, difficulty, seed| {
        let sigma = GAUSSIAN_SIGMA.at(protocol, difficulty);
        let draw = |frame| normals(&mut stream(seed, frame, "gaussian_noise sequence"), image.bytes().len());
        frames(image, |frame| strength::gaussian_noise(image, sigma, &draw(frame)))
    });

pub(super) const SHOT: Perturbation =
    entry("shot_noise", "Shot noise", Set::Test, |image, protocol, difficulty, seed| {
        let photons = Photons::new(SHOT_PHOTONS.at(protocol, difficulty));
        frames(image, |frame| photons.noise(image, &mut stream(seed, frame, "shot_noise sequence")))
    });

pub(super) const SPECKLE: Perturbation =
    entry("speckle_noise", "Speckle noise", Set::Validation, |image, protocol, difficulty, seed| {
        let sigma = SPECKLE_SIGMA.at(protocol, difficulty);
        let draw = |frame| normals(&mut stream(seed, frame, "speckle_noise sequence"), image.bytes().len());
        frames(image, |frame| strength::speckle_noise(image, sigma, &draw(frame)))
    });

const fn entry(name: &'static str, title: &'static str, set: Set, apply: Frames) -> Perturbation {
    Perturbation { name, title, kind: Kind::Noise, set, frames: [FRAMES; 2], apply }
}

fn frames(image: &Rgb8, noisy: impl Fn(u64) -> Rgb8) -> Vec<Rgb8> {
    std::iter::once(image.clone()).chain((1..FRAMES as u64).map(noisy)).collect()
}

/// Strengths by protocol and difficulty.
struct Strengths {
    imagenet: [f64; 3],
    cifar: [f64; 3],
}

impl Strengths {
    fn at(&self, protocol: Protocol, difficulty: Difficulty) -> f64 {
        match protocol {
            Protocol::ImageNet => self.imagenet[difficulty.index()],
            Protocol::Cifar => self.cifar[difficulty.index()],
        }
    }
}
