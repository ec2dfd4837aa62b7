//! A mushroom: a thick stem under a wide, spotted cap.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "mushroom", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (4.0, 22.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let wide = draw.between(0.85, 1.1);
    let tall = draw.between(0.55, 0.85);
    let stem = draw.between(0.75, 1.1);
    let (bottom, top) = (draw.between(0.32, 0.44), draw.between(0.22, 0.3));
    object.put(Primitive::Cone { bottom, top, half: stem * 0.5 }, vec3(0.0, stem * 0.5, 0.0), Finish::Second);
    object.put(Primitive::dome(vec3(wide, tall, wide)), vec3(0.0, stem - 0.04, 0.0), Finish::Main);
    if draw.chance(0.4) {
        let skirt = Primitive::Cone { bottom: top + 0.2, top: top + 0.04, half: 0.05 };
        object.put(skirt, vec3(0.0, stem * 0.72, 0.0), Finish::Second);
    }
    if draw.chance(0.7) {
        let start = draw.between(0.0, TAU);
        let count = 6;
        for i in 0..=count {
            let (sin, cos) = libm::sincosf(start + TAU * i as f32 / count as f32);
            // The last spot sits near the top.
            let out = if i == count { 0.1 } else { draw.between(0.58, 0.82) };
            let up = (1.0_f32 - out * out).sqrt();
            let size = draw.between(0.1, 0.17);
            let place = vec3(wide * out * sin, stem - 0.04 + tall * up, wide * out * cos);
            object.put(Primitive::ellipsoid(vec3(size, size * 0.8, size)), place * 0.985, Finish::Detail);
        }
    }
}
