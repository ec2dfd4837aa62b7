//! A rocket: a tall body with a pointed nose, fins at the foot, a porthole.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "rocket", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (4.0, 24.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let radius = draw.between(0.3, 0.4);
    let lift = draw.between(0.22, 0.34);
    let body = draw.between(1.0, 1.35);
    let nose = draw.between(0.6, 0.85);
    let waist = radius * draw.between(0.78, 1.0);
    let barrel = Primitive::Cone { bottom: waist, top: radius, half: body * 0.5 };
    object.put(barrel, vec3(0.0, lift + body * 0.5, 0.0), Finish::Main);
    let tip = lift + body;
    if draw.chance(0.5) {
        let cone = Primitive::Cone { bottom: radius, top: 0.0, half: nose * 0.5 };
        object.put(cone, vec3(0.0, tip + nose * 0.5, 0.0), Finish::Second);
    } else {
        object.put(Primitive::dome(vec3(radius, nose, radius)), vec3(0.0, tip - 0.001, 0.0), Finish::Second);
    }
    let bell = Primitive::Cone { bottom: waist * 0.75, top: waist * 0.5, half: 0.08 };
    object.put(bell, vec3(0.0, lift - 0.07, 0.0), Finish::Detail);

    let reach = radius + draw.between(0.36, 0.5);
    let high = lift + draw.between(0.55, 0.75);
    let fin = Outline::new(&[[waist - 0.12, lift], [reach, 0.0], [reach, lift + 0.16], [waist - 0.06, high]]);
    let count = 3 + draw.index(2);
    let start = draw.between(0.0, TAU);
    for i in 0..count {
        let turn = Rotation::about_y(start + TAU * i as f32 / count as f32);
        let blade = Primitive::Prism { outline: fin, half: 0.05 };
        object.put_turned(blade, vec3(0.0, 0.0, 0.0), turn, Finish::Second);
    }
    // Portholes on two sides, so that one is usually seen.
    for turn in [0.4, 2.5, 4.6] {
        let (sin, cos) = libm::sincosf(turn);
        let (out, y) = (radius * 0.93, lift + body * 0.72);
        let glass = Primitive::ball(0.15);
        object.put(glass, vec3(sin * (out - 0.06), y, cos * (out - 0.06)), Finish::Detail);
    }
}
