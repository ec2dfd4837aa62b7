//! Small things lying about: pebbles, sticks and blocks. Never anything that is a class.

use super::draw::Draw;
use super::part::Part;
use super::primitive::Primitive;
use super::setting::Setting;
use super::vector::{Rotation, Vec3, vec3};
use std::f32::consts::{FRAC_PI_2, TAU};

/// Most items in a scene.
const MOST: usize = 5;
/// Number of clutter materials a scene holds.
pub(super) const MATERIALS: usize = 4;

/// Scatters zero to five items around the object; those in front of it are rare and low.
pub(super) fn scatter(draw: &mut Draw, setting: &Setting<'_>) -> Vec<Part> {
    let Setting { ball: object, reach, material, .. } = *setting;
    let towards = setting.camera.towards();
    let across = Vec3::UP.cross(towards);
    let count = draw.index(MOST + 1);
    (0..count)
        .map(|i| {
            let size = draw.between(0.10, 0.24);
            let in_front = draw.chance(0.2);
            let (side, depth) = if in_front {
                (draw.between(-1.0, 1.0), draw.between(0.3, 0.9))
            } else {
                (draw.sign() * draw.between(0.5, 1.0), draw.between(-1.0, 0.5))
            };
            let spot = (across * side + towards * depth).normalised();
            let away = reach + size * 1.6 + draw.between(0.05, 0.9);
            let place = vec3(object.centre.x, 0.0, object.centre.z) + spot * away;
            let size = if in_front { size * 0.6 } else { size };
            item(draw, place, size, material + i % MATERIALS)
        })
        .collect()
}

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
