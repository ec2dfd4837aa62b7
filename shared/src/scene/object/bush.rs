//! A bush: leaf balls heaped on the ground, no trunk, sometimes with berries.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "bush", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (4.0, 26.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let wide = draw.between(0.78, 0.98);
    let tall = draw.between(0.85, 1.05);
    object.put(Primitive::dome(vec3(wide * 0.95, tall * 0.92, wide * 0.95)), vec3(0.0, 0.0, 0.0), Finish::Main);
    let start = draw.between(0.0, TAU);
    // Two rings and a top of lumps that barely leave the heap.
    for (count, out, up) in [(8, 0.74, 0.22), (6, 0.56, 0.6)] {
        for i in 0..count {
            let (sin, cos) = libm::sincosf(start + TAU * (i as f32 + up) / count as f32);
            let leaf = wide * draw.between(0.26, 0.4);
            let out = wide * out * draw.between(0.9, 1.06);
            let place = vec3(out * sin, (up * tall).max(leaf * 0.8), out * cos);
            object.put(Primitive::ellipsoid(vec3(leaf, leaf * 0.9, leaf)), place, Finish::Main);
        }
    }
    let top = wide * draw.between(0.32, 0.44);
    let (x, z) = (draw.between(-0.15, 0.15), draw.between(-0.15, 0.15));
    object.put(Primitive::ball(top), vec3(x, tall * 0.8, z), Finish::Main);
    if draw.chance(0.4) {
        for i in 0..9 {
            let (sin, cos) = libm::sincosf(start + TAU * (i as f32 * 0.382 + 0.3));
            let up = 0.2 + 0.07 * i as f32;
            let out = (1.0_f32 - up * up).sqrt() * wide * 1.06;
            object.put(Primitive::ball(0.085), vec3(out * sin, up * tall * 1.1, out * cos), Finish::Detail);
        }
    }
}
