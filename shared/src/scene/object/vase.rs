//! A vase: a foot, a belly, a narrow neck and a flaring lip, sometimes with flowers.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "vase", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (6.0, 28.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let belly = draw.between(0.5, 0.68);
    let foot = belly * draw.between(0.5, 0.65);
    let neck = belly * draw.between(0.3, 0.48);
    let lip = neck + draw.between(0.12, 0.24);
    let mut level = 0.0;
    section(object, &mut level, (foot, foot * 0.9), 0.08, Finish::Second);
    if draw.chance(0.5) {
        // Straight-sided: widening, then drawn in.
        section(object, &mut level, (foot * 0.85, belly), draw.between(0.6, 0.95), Finish::Main);
        section(object, &mut level, (belly, neck), draw.between(0.24, 0.42), Finish::Main);
    } else {
        // Round: the ends of the ball lie within foot and neck.
        let tall = draw.between(0.46, 0.66);
        section(object, &mut level, (foot * 0.9, foot * 0.9), 0.04, Finish::Main);
        let round = Primitive::ellipsoid(vec3(belly, tall, belly));
        object.put(round, vec3(0.0, level + 0.93 * tall, 0.0), Finish::Main);
        level += 1.86 * tall;
    }
    section(object, &mut level, (neck, neck * 0.95), draw.between(0.06, 0.26), Finish::Main);
    section(object, &mut level, (neck * 0.95, lip), draw.between(0.18, 0.3), Finish::Main);
    let mouth = Primitive::Cone { bottom: lip - 0.05, top: lip - 0.05, half: 0.006 };
    object.put(mouth, vec3(0.0, level, 0.0), Finish::Detail);
    if draw.chance(0.45) {
        flowers(draw, object, level);
    }
}

/// A ring of the vase from one radius to another, on top of what is there.
fn section(object: &mut Assembly, level: &mut f32, (bottom, top): (f32, f32), tall: f32, finish: Finish) {
    let half = 0.5 * tall;
    object.put(Primitive::Cone { bottom, top, half }, vec3(0.0, *level + half, 0.0), finish);
    *level += tall;
}

fn flowers(draw: &mut Draw, object: &mut Assembly, level: f32) {
    let start = draw.between(0.0, TAU);
    for i in 0..3 {
        let (sin, cos) = libm::sincosf(start + TAU * i as f32 / 3.0);
        let (out, up) = (draw.between(0.2, 0.4), draw.between(0.35, 0.65));
        let head = vec3(out * sin, level + up, out * cos);
        object.rod(vec3(0.0, level - 0.05, 0.0), head, 0.025, Finish::Second);
        let size = draw.between(0.13, 0.18);
        object.put(Primitive::ellipsoid(vec3(size, size * 0.75, size)), head, Finish::Detail);
    }
}
