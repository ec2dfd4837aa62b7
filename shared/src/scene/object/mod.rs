//! The ten classes: one file each, one ordered registry.
//!
//! A class builds its parts around the origin, standing on y = 0, its front towards +z, about two units large. Proportions
//! and variants are drawn; colours are not its business. Its [`Pose`] says from where it may be seen, so that the shape
//! which names it stays visible.

mod cactus;
mod car;
mod chair;
mod house;
mod mug;
mod mushroom;
mod rocket;
mod snowman;
mod star;
mod tree;

use super::draw::Draw;
use super::part::{Finish, Part};
use super::primitive::Primitive;
use super::vector::{Rotation, Vec3};

/// A class of objects.
pub(super) struct Class {
    pub(super) name: &'static str,
    pub(super) pose: Pose,
    pub(super) build: fn(&mut Draw, &mut Assembly),
}

/// From where a class is seen; all in degrees.
pub(super) struct Pose {
    /// Camera azimuths that show the class well, 0 = from +z, 90 = from +x.
    pub(super) fronts: &'static [f32],
    /// The camera stays this close to one of them.
    pub(super) spread: f32,
    /// Lowest and highest camera elevation.
    pub(super) elevation: (f32, f32),
}

/// Any azimuth.
const ROUND: f32 = 180.0;

/// All classes; a label is an index into this slice.
pub(super) const ALL: [Class; 10] = [
    cactus::CLASS,
    car::CLASS,
    chair::CLASS,
    house::CLASS,
    mug::CLASS,
    mushroom::CLASS,
    rocket::CLASS,
    snowman::CLASS,
    star::CLASS,
    tree::CLASS,
];

/// The parts of an object under construction. Materials 0, 1, 2 are the three finishes.
#[derive(Default)]
pub(super) struct Assembly {
    pub(super) parts: Vec<Part>,
}

impl Assembly {
    fn put(&mut self, primitive: Primitive, place: Vec3, finish: Finish) {
        self.parts.push(Part::new(primitive, place, finish as usize));
    }

    fn put_turned(&mut self, primitive: Primitive, place: Vec3, rotation: Rotation, finish: Finish) {
        self.parts.push(Part::turned(primitive, place, rotation, finish as usize));
    }

    /// A rod of `radius` from `from` to `to`, in the x–y plane of their common z.
    fn rod(&mut self, from: Vec3, to: Vec3, radius: f32, finish: Finish) {
        let along = to - from;
        let half = 0.5 * along.length();
        let y = along.normalised();
        let x = if y.x.abs() < 0.9 { Vec3 { x: 1.0, y: 0.0, z: 0.0 } } else { Vec3::UP };
        let z = x.cross(y).normalised();
        let rotation = Rotation { x: y.cross(z), y, z };
        self.put_turned(Primitive::Capsule { half, radius }, (from + to) * 0.5, rotation, finish);
    }
}
