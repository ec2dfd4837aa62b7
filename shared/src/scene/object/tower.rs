//! A tower: a castle's, round or square, with battlements or under a pointed roof.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "tower", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (5.0, 26.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let radius = draw.between(0.42, 0.54);
    let tall = draw.between(1.35, 1.75);
    let square = draw.chance(0.35);
    let storey = |radius: f32, half: f32| {
        if square {
            Primitive::Cuboid(vec3(radius * 0.92, half, radius * 0.92))
        } else {
            Primitive::Cone { bottom: radius, top: radius, half }
        }
    };
    object.put(storey(radius, 0.5 * tall), vec3(0.0, 0.5 * tall, 0.0), Finish::Main);
    object.put(storey(radius + 0.08, 0.08), vec3(0.0, 0.08, 0.0), Finish::Second);
    let crown = radius + 0.12;
    object.put(storey(crown, 0.13), vec3(0.0, tall, 0.0), Finish::Main);

    let merlons = 8;
    for i in 0..merlons {
        let angle = TAU * i as f32 / merlons as f32;
        let (sin, cos) = libm::sincosf(angle);
        // On a square crown the eight stand on its corners and the middles of its sides.
        let stretch = if square { 0.92 / sin.abs().max(cos.abs()) } else { 1.0 };
        let out = (crown - 0.08) * stretch;
        let tooth = Primitive::Cuboid(vec3(0.12, 0.12, 0.075));
        let turn = Rotation::about_y(if square && i % 2 == 1 { 0.0 } else { angle });
        object.put_turned(tooth, vec3(out * sin, tall + 0.24, out * cos), turn, Finish::Main);
    }
    if draw.chance(0.4) {
        let roof = draw.between(0.55, 0.85);
        let cone = Primitive::Cone { bottom: radius * 0.86, top: 0.0, half: 0.5 * roof };
        object.put(cone, vec3(0.0, tall + 0.12 + 0.5 * roof, 0.0), Finish::Second);
    } else if draw.chance(0.5) {
        let top = tall + draw.between(0.65, 0.9);
        object.rod(vec3(0.0, tall, 0.0), vec3(0.0, top, 0.0), 0.025, Finish::Second);
        object.put(Primitive::Cuboid(vec3(0.16, 0.09, 0.015)), vec3(0.17, top - 0.1, 0.0), Finish::Detail);
    }
    // Windows all around, so that some are seen; a door on two sides.
    let face = if square { radius * 0.92 } else { radius };
    for i in 0..4 {
        let turn = Rotation::about_y(TAU * i as f32 / 4.0);
        let slit = Primitive::Cuboid(vec3(0.07, 0.15, 0.05));
        object.put_turned(slit, turn.apply(vec3(0.0, tall * 0.72, face)), turn, Finish::Detail);
        if i % 2 == 0 {
            let door = Primitive::Cuboid(vec3(0.15, 0.26, 0.06));
            object.put_turned(door, turn.apply(vec3(0.0, 0.26, face)), turn, Finish::Detail);
        }
    }
}
