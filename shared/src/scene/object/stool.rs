//! A stool: a small seat on three or four spread legs, and nothing to lean on.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::{FRAC_PI_2, TAU};

pub(super) const CLASS: Class =
    Class { name: "stool", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (8.0, 30.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let tall = draw.between(1.1, 1.6);
    let wide = draw.between(0.46, 0.58);
    let thick = draw.between(0.06, 0.13);
    let seat = vec3(0.0, tall, 0.0);
    if draw.chance(0.25) {
        object.put(Primitive::Cuboid(vec3(wide, thick, wide)), seat, Finish::Main);
    } else if draw.chance(0.3) {
        object.put(Primitive::Cone { bottom: wide, top: wide, half: thick * 0.5 }, seat, Finish::Second);
        object.put(Primitive::ellipsoid(vec3(wide * 0.97, 0.15, wide * 0.97)), seat, Finish::Main);
    } else {
        object.put(Primitive::Cone { bottom: wide * 0.96, top: wide, half: thick }, seat, Finish::Main);
    }
    let legs = 3 + draw.index(2);
    let start = draw.between(0.0, TAU);
    let radius = draw.between(0.045, 0.065);
    let (near, far) = (wide * 0.62, wide * draw.between(0.95, 1.2));
    let finish = if draw.chance(0.5) { Finish::Main } else { Finish::Second };
    for i in 0..legs {
        let (sin, cos) = libm::sincosf(start + TAU * i as f32 / legs as f32);
        object.rod(vec3(far * sin, radius, far * cos), vec3(near * sin, tall - thick, near * cos), radius, finish);
    }
    let level = draw.between(0.28, 0.42);
    let ring = far + (near - far) * level;
    let rail = Primitive::Torus { ring, tube: radius * 0.7, open: false };
    object.put_turned(rail, vec3(0.0, tall * level, 0.0), Rotation::about_x(FRAC_PI_2), finish);
}
