//! One row of the registry, as a corruption's own file writes it.

use std::fmt;

use serde::Serialize;

use super::bar::ALONE;
use super::{Severity, Variant};
use crate::image::Rgb8;

/// A corruption: what it is called, what it does, and how it is computed.
#[derive(Clone, Copy, Debug)]
pub struct Corruption {
    /// Name in commands, folders and tables.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What it does to an image, one sentence or two.
    pub about: &'static str,
    /// What its five constants are.
    pub constants: &'static str,
    /// Family.
    pub group: Group,
    /// Published set.
    pub set: Set,
    pub(super) needs: Needs,
}

impl Corruption {
    /// Whether the seed matters.
    pub fn stochastic(&self) -> bool {
        !matches!(self.needs, Needs::Image(_))
    }

    /// Whether a published set with the constants of `variant` has it. ImageNet-C-bar and CIFAR-10-C-bar have ten of
    /// [`Set::Bar`] each; there are none with the constants of other variants, so all fifteen stand for them.
    pub fn is_published_for(&self, variant: Variant) -> bool {
        let is_bar = [Variant::ImageNet, Variant::Cifar].contains(&variant);
        !is_bar || ALONE.iter().all(|(name, set)| *name != self.name || *set == variant)
    }

    /// Whether it is made from photographs where there are some.
    pub fn uses_photographs(&self) -> bool {
        matches!(self.needs, Needs::SeedOrPhotographs(..))
    }
}

/// What a corruption needs beside severity and variant, and the function that takes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Needs {
    /// The image alone.
    Image(fn(&Rgb8, Severity, Variant) -> Rgb8),
    /// A seed.
    Seed(fn(&Rgb8, Severity, Variant, u64) -> Rgb8),
    /// A seed, and photographs if somebody has them: the first function does without.
    SeedOrPhotographs(fn(&Rgb8, Severity, Variant, u64) -> Rgb8, fn(&Rgb8, Severity, Variant, &[Rgb8], u64) -> Rgb8),
}

/// The four families of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Group {
    /// Sensor noise.
    Noise,
    /// Optics and movement.
    Blur,
    /// Weather and light.
    Weather,
    /// What software does.
    Digital,
}

impl Group {
    /// Every family, in the benchmark's order.
    pub const ALL: &[Self] = &[Self::Noise, Self::Blur, Self::Weather, Self::Digital];

    /// Name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Noise => "noise",
            Self::Blur => "blur",
            Self::Weather => "weather",
            Self::Digital => "digital",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which published set a corruption belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Set {
    /// The fifteen of the benchmark; means are taken over these.
    Common,
    /// The four for validation.
    Extra,
    /// ImageNet-C-bar and CIFAR-10-C-bar.
    Bar,
}

impl Set {
    /// Every set.
    pub const ALL: &[Self] = &[Self::Common, Self::Extra, Self::Bar];

    /// Name in commands.
    pub fn name(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Extra => "extra",
            Self::Bar => "bar",
        }
    }

    /// Whether commands take it where nobody chooses.
    pub fn by_default(self) -> bool {
        self != Self::Bar
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Common => "The fifteen of the benchmark",
            Self::Extra => "The four for validation",
            Self::Bar => "ImageNet-C-bar and CIFAR-10-C-bar",
        }
    }
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
