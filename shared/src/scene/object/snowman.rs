//! A snowman: three stacked balls, a nose, often a hat, arms and buttons.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::FRAC_PI_2;

pub(super) const CLASS: Class =
    Class { name: "snowman", pose: Pose { fronts: &[0.0], spread: 60.0, elevation: (4.0, 24.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let low = draw.between(0.56, 0.68);
    let middle = low * draw.between(0.72, 0.82);
    let head = middle * draw.between(0.7, 0.82);
    let y1 = low * 0.92;
    let y2 = y1 + (low + middle) * 0.82;
    let y3 = y2 + (middle + head) * 0.84;
    for (radius, y) in [(low, y1), (middle, y2), (head, y3)] {
        object.put(Primitive::ball(radius), vec3(0.0, y, 0.0), Finish::Main);
    }
    let nose = Primitive::Cone { bottom: 0.085, top: 0.0, half: 0.18 };
    let place = vec3(0.0, y3 - 0.02, head + 0.14);
    object.put_turned(nose, place, Rotation::about_x(FRAC_PI_2), Finish::Second);
    let dot = Primitive::ball(0.055);
    for side in [-1.0, 1.0] {
        object.put(dot, vec3(side * head * 0.38, y3 + head * 0.3, head * 0.86), Finish::Detail);
    }
    for rise in [-0.3, 0.3] {
        let (y, z) = (middle * rise, middle * (1.0_f32 - rise * rise).sqrt());
        object.put(Primitive::ball(0.07), vec3(0.0, y2 + y, z), Finish::Detail);
    }
    if draw.chance(0.75) {
        let brim = Primitive::Cone { bottom: head * 1.15, top: head * 1.15, half: 0.035 };
        object.put(brim, vec3(0.0, y3 + head * 0.72, 0.0), Finish::Second);
        let tall = draw.between(0.16, 0.28);
        let crown = Primitive::Cone { bottom: head * 0.72, top: head * 0.66, half: tall };
        object.put(crown, vec3(0.0, y3 + head * 0.72 + tall, 0.0), Finish::Second);
    }
    if draw.chance(0.75) {
        for side in [-1.0, 1.0] {
            let shoulder = vec3(side * middle * 0.9, y2 + 0.08, 0.0);
            let hand = vec3(side * (middle + draw.between(0.4, 0.58)), y2 + draw.between(0.1, 0.5), 0.1);
            object.rod(shoulder, hand, 0.05, Finish::Detail);
        }
    }
}
