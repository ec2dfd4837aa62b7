//! A tree: a trunk under stacked cones, or under a crown of leaf balls.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "tree", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (4.0, 26.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    if draw.chance(0.6) { conifer(draw, object) } else { leafy(draw, object) }
}

fn conifer(draw: &mut Draw, object: &mut Assembly) {
    let trunk = draw.between(0.4, 0.58);
    let radius = draw.between(0.14, 0.2);
    object.put(
        Primitive::Cone { bottom: radius, top: radius * 0.9, half: trunk * 0.55 },
        vec3(0.0, trunk * 0.55, 0.0),
        Finish::Second,
    );
    let wide = draw.between(0.72, 0.95);
    let storeys = 3;
    let storey = draw.between(0.62, 0.78);
    for i in 0..storeys {
        let scale = 1.0 - 0.27 * i as f32;
        let half = 0.5 * storey * (0.7 + 0.3 * scale) * 1.15;
        let y = trunk + 0.62 * storey * i as f32 + half;
        object.put(Primitive::Cone { bottom: wide * scale, top: 0.0, half }, vec3(0.0, y, 0.0), Finish::Main);
    }
    if draw.chance(0.3) {
        let y = trunk + 1.24 * storey + 0.9 * storey;
        object.put(Primitive::ball(0.1), vec3(0.0, y, 0.0), Finish::Detail);
    }
}

fn leafy(draw: &mut Draw, object: &mut Assembly) {
    let trunk = draw.between(0.85, 1.1);
    let radius = draw.between(0.13, 0.19);
    object.put(
        Primitive::Cone { bottom: radius * 1.25, top: radius * 0.8, half: trunk * 0.5 },
        vec3(0.0, trunk * 0.5, 0.0),
        Finish::Second,
    );
    let size = draw.between(0.42, 0.52);
    let start = draw.between(0.0, TAU);
    let round = 4;
    for i in 0..round {
        let (sin, cos) = libm::sincosf(start + TAU * i as f32 / round as f32);
        let leaf = size * draw.between(0.85, 1.1);
        let place = vec3(0.42 * sin, trunk + draw.between(0.12, 0.3), 0.42 * cos);
        object.put(Primitive::ellipsoid(vec3(leaf, leaf * 0.9, leaf)), place, Finish::Main);
    }
    let leaf = size * 1.15;
    object.put(Primitive::ball(leaf), vec3(0.0, trunk + 0.55, 0.0), Finish::Main);
}
