//! Perturbation sequences: one image as a short sequence in which something changes slowly, or noise flickers.
//!
//! ImageNet-P and CIFAR-P of "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations" (Hendrycks and
//! Dietterich, 2019): does a model keep its prediction from frame to frame? [`sequence`] is a pure function like
//! [`corruption::corrupt`](crate::corruption::corrupt) and borrows its arithmetic. The published sequences are compressed as
//! video; ours are exact pixels. Where the publication leaves a rule open, the file of the perturbation says what is ours.
//!
//! The registry is here; `noise`, `blur`, `weather` and `geometry` hold the constants and make the frames.

mod blur;
mod geometry;
mod noise;
mod protocol;
mod warp;
mod weather;

pub use protocol::{Difficulty, DifficultyError, Protocol};

use crate::image::Rgb8;
use crate::name::{self, UnknownName};

/// Every perturbation: the ten of the test, then the four for validation.
pub const ALL: &[Perturbation] = &[
    noise::GAUSSIAN,
    noise::SHOT,
    blur::MOTION,
    blur::ZOOM,
    weather::SNOW,
    weather::BRIGHTNESS,
    geometry::TRANSLATE,
    geometry::ROTATE,
    geometry::TILT,
    geometry::SCALE,
    noise::SPECKLE,
    blur::GAUSSIAN,
    weather::SPATTER,
    geometry::SHEAR,
];

/// How the frames relate, and so what a frame's prediction is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Frame 0 is clean, each other one is the clean image under noise of its own; all are compared with frame 0.
    Noise,
    /// Something changes a little from frame to frame; each is compared with the one before.
    Sweep,
}

/// Which published set a perturbation belongs to. (The publication's scripts for small images exchange snow and spatter; the
/// paper's lists are used.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Set {
    /// The ten that means are taken over.
    Test,
    /// The four for validation.
    Validation,
}

/// One row of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Perturbation {
    /// Name in commands, folders and tables.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// How the frames relate.
    pub kind: Kind,
    /// Published set.
    pub set: Set,
    /// Frames in [`Protocol::ImageNet`] and in [`Protocol::Cifar`].
    frames: [usize; 2],
    apply: Frames,
}

/// Makes the frames, as [`sequence`] describes it.
type Frames = fn(&Rgb8, Protocol, Difficulty, u64) -> Vec<Rgb8>;

impl Perturbation {
    /// A row of the kind [`Kind::Sweep`].
    const fn sweep(name: &'static str, title: &'static str, set: Set, frames: [usize; 2], apply: Frames) -> Self {
        Self { name, title, kind: Kind::Sweep, set, frames, apply }
    }

    /// Number of frames of a sequence.
    pub fn frames(&self, protocol: Protocol) -> usize {
        match protocol {
            Protocol::ImageNet => self.frames[0],
            Protocol::Cifar => self.frames[1],
        }
    }

    /// The name of its folder: noise of difficulty 2 and 3 has folders of its own, `gaussian_noise_2`; the harder sweeps are
    /// read from the same frames with larger strides.
    pub fn folder(&self, difficulty: Difficulty) -> String {
        match self.kind {
            Kind::Noise if difficulty != Difficulty::ALL[0] => format!("{}_{difficulty}", self.name),
            _ => self.name.to_owned(),
        }
    }
}

/// The perturbation called `name`.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static Perturbation, UnknownName> {
    name::find("perturbation", ALL, |row| row.name, name)
}

/// The frames of a sequence, frame 0 first, each as large as the image. The seed matters where something is drawn at random:
/// noise, snow, spatter; the difficulty only for noise.
pub fn sequence(
    image: &Rgb8,
    perturbation: &Perturbation,
    protocol: Protocol,
    difficulty: Difficulty,
    seed: u64,
) -> Vec<Rgb8> {
    (perturbation.apply)(image, protocol, difficulty, seed)
}

#[cfg(test)]
mod tests;
