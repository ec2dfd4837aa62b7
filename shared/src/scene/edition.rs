//! Editions of the dataset: which classes, and how hard it is to tell them apart.

use super::camera::Framing;
use super::draw::Draw;
use super::families::Families;
use super::object::{self, Class};
use super::world::World;
use super::{SMALLEST, Scene, Split};
use crate::random::stream;

/// An edition of the dataset. Editions share the renderer and no scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Ten classes, the object large and in full view.
    First,
    /// Twenty-four classes in groups that are alike; the object smaller, off centre, among more and larger things, in a
    /// part of the scenes partly hidden; worlds that are kept for [`Split::Unseen`].
    Second,
}

const FIRST: [&str; object::FIRST.len()] = names(&object::FIRST);
const SECOND: [&str; object::SECOND.len()] = names(&object::SECOND);

impl Edition {
    /// All editions, oldest first.
    pub const ALL: &[Self] = &[Self::First, Self::Second];

    /// Name of the dataset.
    pub fn name(self) -> &'static str {
        match self {
            Self::First => "scenes",
            Self::Second => "scenes-2",
        }
    }

    /// Class names in label order.
    pub const fn classes(self) -> &'static [&'static str] {
        match self {
            Self::First => &FIRST,
            Self::Second => &SECOND,
        }
    }

    /// The label of sample `index`. With n classes, each run of n samples (0 to n − 1, n to 2n − 1 and so on) holds every
    /// class once, in drawn order.
    pub fn label(self, seed: u64, index: u64, split: Split) -> usize {
        let count = self.classes().len();
        let run = index / count as u64;
        let mut draw = Draw::new(stream(seed, run, &format!("{}/{}/labels", self.streams(), split.name())));
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, draw.index(last + 1));
        }
        order[(index % count as u64) as usize]
    }

    /// Renders sample `index` of a split as a square image of side `size` pixels; sides below [`SMALLEST`] are taken as it.
    pub fn render(self, seed: u64, index: u64, split: Split, size: usize) -> Scene {
        let (image, mask, bounds) = self.world(seed, index, split).expose(size.max(SMALLEST));
        Scene { image, label: self.label(seed, index, split), mask, bounds }
    }

    /// What sample `index` of a split shows.
    pub(super) fn world(self, seed: u64, index: u64, split: Split) -> World {
        let class = &self.objects()[self.label(seed, index, split)];
        let stream = stream(seed, index, &format!("{}/{}", self.streams(), split.name()));
        World::draw(&mut Draw::new(stream), self, class, Families::of(self, split))
    }

    fn objects(self) -> &'static [Class] {
        match self {
            Self::First => &object::FIRST,
            Self::Second => &object::SECOND,
        }
    }

    /// How large the object is and where it lies.
    pub(super) fn framing(self) -> &'static Framing {
        match self {
            Self::First => &Framing::FIRST,
            Self::Second => &Framing::SECOND,
        }
    }

    /// First word in the names of its random streams.
    fn streams(self) -> &'static str {
        match self {
            Self::First => "scene",
            Self::Second => "scene-2",
        }
    }
}

const fn names<const N: usize>(classes: &[Class; N]) -> [&'static str; N] {
    let mut names = [""; N];
    let mut i = 0;
    while i < N {
        names[i] = classes[i].name;
        i += 1;
    }
    names
}
