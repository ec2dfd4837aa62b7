//! Editions of the dataset: which classes, and how hard it is to tell them apart.

use std::fmt;

use super::camera::Framing;
use super::clutter;
use super::crowd;
use super::draw::Draw;
use super::families::Families;
use super::object::{self, Class};
use super::part::Part;
use super::setting::Setting;
use super::world::World;
use super::{SMALLEST, Scene, Split};
use crate::random::stream;

/// An edition of the dataset. Editions share the renderer and no scene.
#[derive(Clone, Copy)]
pub struct Edition(&'static Rules);

/// What an edition is made of. A program that names one edition carries nothing of the others.
pub(super) struct Rules {
    name: &'static str,
    /// First word in the names of its random streams.
    streams: &'static str,
    classes: &'static [&'static str],
    objects: &'static [Class],
    /// How large the object is and where it lies.
    pub(super) framing: Framing,
    families: fn(Split) -> &'static Families,
    /// What stands around the object.
    pub(super) surround: fn(&mut Draw, &Setting<'_>) -> Vec<Part>,
    /// Whether what stands there has textures, or is plain.
    pub(super) has_textured_clutter: bool,
}

const FIRST: [&str; object::FIRST.len()] = names(&object::FIRST);
const SECOND: [&str; object::SECOND.len()] = names(&object::SECOND);

impl Edition {
    /// Ten classes, the object large and in full view.
    pub const FIRST: Self = Self(&Rules {
        name: "scenes",
        streams: "scene",
        classes: &FIRST,
        objects: &object::FIRST,
        framing: Framing::FIRST,
        families: Families::of_first,
        surround: clutter::scatter,
        has_textured_clutter: false,
    });

    /// Twenty-four classes in groups that are alike; the object smaller, off centre, among more and larger things, in a
    /// part of the scenes partly hidden; worlds that are kept for [`Split::Unseen`].
    pub const SECOND: Self = Self(&Rules {
        name: "scenes-2",
        streams: "scene-2",
        classes: &SECOND,
        objects: &object::SECOND,
        framing: Framing::SECOND,
        families: Families::of_second,
        surround: crowd::gather,
        has_textured_clutter: true,
    });

    /// All editions, oldest first.
    pub const ALL: &[Self] = &[Self::FIRST, Self::SECOND];

    /// Name of the dataset.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Class names in label order.
    pub const fn classes(self) -> &'static [&'static str] {
        self.0.classes
    }

    /// The label of sample `index`. With n classes, each run of n samples (0 to n − 1, n to 2n − 1 and so on) holds every
    /// class once, in drawn order.
    pub fn label(self, seed: u64, index: u64, split: Split) -> usize {
        let count = self.classes().len();
        let run = index / count as u64;
        let mut draw = Draw::new(stream(seed, run, &format!("{}/{}/labels", self.0.streams, split.name())));
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, draw.index(last + 1));
        }
        order[(index % count as u64) as usize]
    }

    /// Renders sample `index` of a split as a square image of side `size` pixels; sides below [`SMALLEST`] are taken as it.
    pub fn render(self, seed: u64, index: u64, split: Split, size: usize) -> Scene {
        let label = self.label(seed, index, split);
        let (image, mask, bounds) = self.world(label, seed, index, split).expose(size.max(SMALLEST));
        Scene { image, label, mask, bounds }
    }

    /// What sample `index` of a split shows, an object of class `label`.
    pub(super) fn world(self, label: usize, seed: u64, index: u64, split: Split) -> World {
        let class = &self.0.objects[label];
        let stream = stream(seed, index, &format!("{}/{}", self.0.streams, split.name()));
        World::draw(&mut Draw::new(stream), self.0, class, (self.0.families)(split))
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
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
