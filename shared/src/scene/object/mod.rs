//! The classes: one file each, one ordered registry.
//!
//! A class builds its parts around the origin, standing on y = 0, its front towards +z, about two units large. Proportions
//! and variants are drawn; colours are not its business. Its [`Pose`] says from where it may be seen, so that the shape
//! which names it stays visible.

mod aeroplane;
mod boat;
mod bowl;
mod bus;
mod bush;
mod cactus;
mod car;
mod chair;
mod house;
mod lamp;
mod lorry;
mod mug;
mod mushroom;
mod rocket;
mod snowman;
mod star;
mod stool;
mod table;
mod teapot;
mod tent;
mod tower;
mod tree;
mod umbrella;
mod vase;

use super::draw::Draw;
use super::part::{Finish, Part};
use super::primitive::Primitive;
use super::vector::{Rotation, Vec3};
use std::f32::consts::FRAC_PI_2;

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

/// The classes; a label is an index into this slice. Groups that are alike: vessels, vehicles, seats, plants, buildings, and
/// what has a stem and a cap.
pub(super) const ALL: [Class; 24] = [
    aeroplane::CLASS,
    boat::CLASS,
    bowl::CLASS,
    bus::CLASS,
    bush::CLASS,
    cactus::CLASS,
    car::CLASS,
    chair::CLASS,
    house::CLASS,
    lamp::CLASS,
    lorry::CLASS,
    mug::CLASS,
    mushroom::CLASS,
    rocket::CLASS,
    snowman::CLASS,
    star::CLASS,
    stool::CLASS,
    table::CLASS,
    teapot::CLASS,
    tent::CLASS,
    tower::CLASS,
    tree::CLASS,
    umbrella::CLASS,
    vase::CLASS,
];

/// The parts of an object under construction. Materials 0, 1, 2 are the three finishes.
#[derive(Default)]
pub(super) struct Assembly {
    pub(super) parts: Vec<Part>,
}

impl Assembly {
    #[inline(never)]
    fn put(&mut self, primitive: Primitive, place: Vec3, finish: Finish) {
        self.parts.push(Part::new(primitive, place, finish as usize));
    }

    #[inline(never)]
    fn put_turned(&mut self, primitive: Primitive, place: Vec3, rotation: Rotation, finish: Finish) {
        self.parts.push(Part::turned(primitive, place, rotation, finish as usize));
    }

    /// A tyre with its hub, its axle along z.
    #[inline(never)]
    fn wheel(&mut self, place: Vec3, radius: f32) {
        let axle = Rotation::about_x(FRAC_PI_2);
        let tyre = Primitive::Cone { bottom: radius, top: radius, half: 0.1 };
        self.put_turned(tyre, place, axle, Finish::Detail);
        let hub = Primitive::Cone { bottom: radius * 0.5, top: radius * 0.5, half: 0.125 };
        self.put_turned(hub, place, axle, Finish::Second);
    }

    /// Turns everything put so far about the origin and sets it down on the ground.
    fn tip(&mut self, rotation: Rotation) {
        let turned: Vec<Part> = self.parts.iter().map(|part| part.moved(rotation, Vec3::ZERO)).collect();
        let low = turned
            .iter()
            .map(|part| part.corners().iter().map(|c| c.y).fold(f32::MAX, f32::min))
            .fold(f32::MAX, f32::min);
        self.parts = turned.iter().map(|part| part.moved(Rotation::NONE, Vec3::UP * -low)).collect();
    }

    /// A rod of `radius` from `from` to `to`, wherever they lie.
    #[inline(never)]
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
