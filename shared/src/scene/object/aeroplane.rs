//! An aeroplane: a long body, two wings, a tail with a fin, and engines or a propeller.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::{Rotation, Vec3, vec3};
use std::f32::consts::FRAC_PI_2;

pub(super) const CLASS: Class = Class {
    name: "aeroplane",
    pose: Pose { fronts: &[48.0, -48.0, 132.0, -132.0], spread: 26.0, elevation: (14.0, 36.0) },
    build,
};

fn build(draw: &mut Draw, object: &mut Assembly) {
    let radius = draw.between(0.19, 0.25);
    let length = draw.between(1.1, 1.35);
    let y = draw.between(0.45, 0.55);
    let body = vec3(0.0, y, 0.0);
    object.put(Primitive::ellipsoid(vec3(length, radius, radius)), body, Finish::Main);
    let tube = Primitive::Capsule { half: length * 0.42, radius };
    object.put_turned(tube, vec3(length * 0.2, y, 0.0), Rotation::about_z(FRAC_PI_2), Finish::Main);

    // Drawn flat in x and z; both halves in one outline.
    let (span, sweep) = (draw.between(1.05, 1.3), draw.between(0.0, 0.45));
    let chord = draw.between(0.36, 0.46);
    let wing = wings(span, chord, chord * draw.between(0.5, 0.85), sweep);
    let level = if draw.chance(0.25) { radius * 0.9 } else { -radius * 0.3 };
    let flat = Rotation::about_x(FRAC_PI_2);
    let plate = Primitive::Prism { outline: wing, half: 0.035 };
    object.put_turned(plate, vec3(length * 0.22, y + level, 0.0), flat, Finish::Second);

    let tail = -length * 0.82;
    let small = Primitive::Prism { outline: wings(span * 0.4, chord * 0.62, chord * 0.42, sweep * 0.4), half: 0.03 };
    object.put_turned(small, vec3(tail, y + 0.06, 0.0), flat, Finish::Second);
    let fin = draw.between(0.42, 0.56);
    let upright = Outline::new(&[[-0.2, 0.0], [0.3, 0.0], [-0.06, fin], [-0.3, fin]]);
    object.put(Primitive::Prism { outline: upright, half: 0.035 }, vec3(tail, y + 0.04, 0.0), Finish::Second);

    let nose = vec3(length * 0.62 + radius, y, 0.0);
    if draw.chance(0.5) {
        for side in [-1.0, 1.0] {
            let at = vec3(length * 0.3 - sweep * 0.35, y + level - 0.12, side * span * 0.45);
            let engine = Primitive::Capsule { half: 0.14, radius: 0.1 };
            object.put_turned(engine, at, Rotation::about_z(FRAC_PI_2), Finish::Detail);
        }
    } else {
        propeller(draw, object, vec3(length, y, 0.0));
    }
    let cockpit = Primitive::ellipsoid(vec3(0.26, 0.13, radius * 0.72));
    object.put(cockpit, vec3(nose.x - 0.32, y + radius * 0.78, 0.0), Finish::Detail);
    for (x, z) in [(length * 0.62, 0.0), (0.0, -0.34), (0.0, 0.34)] {
        object.rod(vec3(x, y - 0.1, z * 0.7), vec3(x, 0.1, z), 0.03, Finish::Detail);
        let wheel = Primitive::Cone { bottom: 0.1, top: 0.1, half: 0.05 };
        object.put_turned(wheel, vec3(x, 0.1, z), Rotation::about_x(FRAC_PI_2), Finish::Detail);
    }
}

/// Two wings from the middle: `root` and `tip` deep, the tips `sweep` further back.
fn wings(span: f32, root: f32, tip: f32, sweep: f32) -> Outline {
    let (front, back) = (0.5 * root, -0.5 * root);
    let (ahead, behind) = (front - sweep, front - sweep - tip);
    Outline::new(&[[back, 0.0], [behind, -span], [ahead, -span], [front, 0.0], [ahead, span], [behind, span]])
}

fn propeller(draw: &mut Draw, object: &mut Assembly, nose: Vec3) {
    object.put(Primitive::ellipsoid(vec3(0.13, 0.09, 0.09)), nose, Finish::Detail);
    let blade = Primitive::Cuboid(vec3(0.02, 0.4, 0.045));
    object.put_turned(blade, nose, Rotation::about_x(draw.between(0.2, 1.4)), Finish::Detail);
}
