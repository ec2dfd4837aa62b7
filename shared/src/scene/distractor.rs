//! Things as large as the object, of the same primitives, and none of them a class: logs, ramps, hoops, piles, jacks,
//! boulders, arches; and what is made to stand before the object: posts, boards, fences.

use super::draw::Draw;
use super::part::Part;
use super::primitive::{Outline, Primitive};
use super::vector::{Rotation, Vec3, vec3};
use std::f32::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4, TAU};

/// One of the kinds, about `size` from its middle to its ends, standing at `place`.
pub(super) fn build(draw: &mut Draw, place: Vec3, size: f32, material: usize) -> Vec<Part> {
    let parts = match draw.index(7) {
        0 => log(draw, size, material),
        1 => ramp(draw, size, material),
        2 => hoop(draw, size, material),
        3 => pile(draw, size, material),
        4 => jack(draw, size, material),
        5 => boulder(draw, size, material),
        _ => arch(draw, size, material),
    };
    let turn = Rotation::about_y(draw.between(0.0, TAU));
    parts.into_iter().map(|part| part.moved(turn, place)).collect()
}

fn log(draw: &mut Draw, size: f32, material: usize) -> Vec<Part> {
    let radius = size * draw.between(0.3, 0.5);
    let trunk = Primitive::Cone { bottom: radius, top: radius, half: size };
    vec![Part::turned(trunk, Vec3::UP * radius, Rotation::about_z(FRAC_PI_2), material)]
}

fn ramp(draw: &mut Draw, size: f32, material: usize) -> Vec<Part> {
    let rise = size * draw.between(0.6, 1.2);
    let outline = Outline::new(&[[-size, 0.0], [size, 0.0], [size, rise]]);
    vec![Part::new(Primitive::Prism { outline, half: size * draw.between(0.3, 0.6) }, Vec3::ZERO, material)]
}

fn hoop(draw: &mut Draw, size: f32, material: usize) -> Vec<Part> {
    let tube = size * draw.between(0.16, 0.3);
    let ring = size - tube;
    let shape = Primitive::Torus { ring, tube, open: false };
    if draw.chance(0.5) {
        return vec![Part::new(shape, Vec3::UP * size, material)];
    }
    vec![Part::turned(shape, Vec3::UP * tube, Rotation::about_x(FRAC_PI_2), material)]
}

/// Two or three slabs, each turned against the one below.
fn pile(draw: &mut Draw, size: f32, material: usize) -> Vec<Part> {
    let count = 2 + draw.index(2);
    let mut level = 0.0;
    (0..count)
        .map(|i| {
            let shrink = 1.0 - 0.15 * i as f32;
            let half = vec3(size * draw.between(0.7, 0.9), size * draw.between(0.15, 0.3), size * 0.6) * shrink;
            let turn = Rotation::about_y(draw.between(-0.6, 0.6));
            let middle = level + half.y;
            level += 2.0 * half.y;
            Part::turned(Primitive::Cuboid(half), Vec3::UP * middle, turn, material)
        })
        .collect()
}

/// Three rods through one point, as children's jacks have them.
fn jack(draw: &mut Draw, size: f32, material: usize) -> Vec<Part> {
    let radius = size * draw.between(0.13, 0.2);
    let rod = Primitive::Capsule { half: size - radius, radius };
    // On three of its six ends.
    let lean = Rotation::about_x(-libm::atanf(FRAC_1_SQRT_2)).after(Rotation::about_z(FRAC_PI_4));
    let middle = Vec3::UP * ((size - radius) * 0.577_350_3 + radius);
    [Rotation::NONE, Rotation::about_x(FRAC_PI_2), Rotation::about_z(FRAC_PI_2)]
        .map(|turn| Part::turned(rod, middle, lean.after(turn), material))
        .to_vec()
}

fn boulder(draw: &mut Draw, size: f32, material: usize) -> Vec<Part> {
    let axes = vec3(size, size * draw.between(0.5, 0.85), size * draw.between(0.6, 0.9));
    vec![Part::new(Primitive::ellipsoid(axes), Vec3::UP * (axes.y * 0.85), material)]
}

/// A gate of one piece.
fn arch(draw: &mut Draw, size: f32, material: usize) -> Vec<Part> {
    let (leg, top) = (size * draw.between(0.25, 0.4), size * draw.between(1.1, 1.7));
    let beam = top - size * draw.between(0.3, 0.45);
    let outline = Outline::new(&[
        [-size, 0.0],
        [leg - size, 0.0],
        [leg - size, beam],
        [size - leg, beam],
        [size - leg, 0.0],
        [size, 0.0],
        [size, top],
        [-size, top],
    ]);
    vec![Part::new(Primitive::Prism { outline, half: size * draw.between(0.25, 0.4) }, Vec3::ZERO, material)]
}

/// An upright pole, about `size` to twice that high.
pub(super) fn post(draw: &mut Draw, place: Vec3, size: f32, material: usize) -> Vec<Part> {
    let radius = size * draw.between(0.08, 0.18);
    let half = 0.5 * size * draw.between(0.8, 2.2);
    vec![Part::new(Primitive::Cone { bottom: radius, top: radius, half }, place + Vec3::UP * half, material)]
}

/// An upright slab.
pub(super) fn board(draw: &mut Draw, place: Vec3, turn: Rotation, size: f32, material: usize) -> Vec<Part> {
    let half = vec3(size * draw.between(0.4, 0.9), size * draw.between(0.6, 1.6), size * 0.08);
    vec![Part::turned(Primitive::Cuboid(half), place + Vec3::UP * half.y, turn, material)]
}

/// Two rails on three pales, `reach` to either side.
pub(super) fn fence(draw: &mut Draw, place: Vec3, turn: Rotation, reach: f32, material: usize) -> Vec<Part> {
    let tall = reach * draw.between(0.35, 0.8);
    let pale = vec3(reach * 0.08, 0.5 * tall, reach * 0.05);
    let rail = vec3(reach * 1.1, tall * 0.1, reach * 0.04);
    let pales = [-0.8, 0.0, 0.8].map(|x| (pale, vec3(x * reach, pale.y, 0.0)));
    let rails = [0.32, 0.75].map(|y| (rail, vec3(0.0, y * tall, reach * 0.05)));
    pales
        .into_iter()
        .chain(rails)
        .map(|(half, at)| Part::new(Primitive::Cuboid(half), at, material).moved(turn, place))
        .collect()
}
