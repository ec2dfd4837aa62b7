//! Small things lying about: pebbles, sticks and blocks. Never anything that is a class.

use super::draw::Draw;
use super::part::Part;
use super::primitive::Primitive;
use super::vector::{Rotation, Vec3, vec3};
use std::f32::consts::{FRAC_PI_2, TAU};

/// Number of clutter materials a scene holds.
pub(super) const MATERIALS: usize = 4;

/// A pebble, a stick or a block lying at `place`.
pub(super) fn item(draw: &mut Draw, place: Vec3, size: f32, material: usize) -> Part {
    let turn = Rotation::about_y(draw.between(0.0, TAU));
    match draw.index(3) {
        0 => {
            let axes = vec3(size, size * draw.between(0.45, 0.75), size * draw.between(0.7, 1.0));
            Part::turned(Primitive::ellipsoid(axes), place + Vec3::UP * (axes.y * 0.8), turn, material)
        }
        1 => {
            let radius = size * 0.28;
            let lying = turn.after(Rotation::about_z(FRAC_PI_2));
            let half = size * draw.between(0.9, 1.7);
            Part::turned(Primitive::Capsule { half, radius }, place + Vec3::UP * radius, lying, material)
        }
        _ => {
            let half =
                vec3(size * draw.between(0.7, 1.4), size * draw.between(0.25, 0.5), size * draw.between(0.4, 0.8));
            Part::turned(Primitive::Cuboid(half), place + Vec3::UP * half.y, turn, material)
        }
    }
}
