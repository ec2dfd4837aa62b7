//! A bush: a low, wide crown of lumps on several stems, sometimes with berries.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "bush", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (4.0, 26.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let wide = draw.between(0.8, 1.0);
    let tall = draw.between(0.95, 1.15);
    let start = draw.between(0.0, TAU);
    let around = |i: usize, count: usize, shift: f32| libm::sincosf(start + TAU * (i as f32 + shift) / count as f32);
    let stems = 4;
    for i in 0..stems {
        let (sin, cos) = around(i, stems, 0.0);
        let (near, far) = (draw.between(0.08, 0.2), wide * draw.between(0.4, 0.6));
        let tip = vec3(far * sin, tall * 0.5, far * cos);
        object.rod(vec3(near * sin, 0.0, near * cos), tip, draw.between(0.045, 0.065), Finish::Second);
    }
    let heart = vec3(wide * 0.82, tall * 0.36, wide * 0.82);
    object.put(Primitive::ellipsoid(heart), vec3(0.0, tall * 0.6, 0.0), Finish::Main);
    let berries = draw.chance(0.35);
    // Two rings of lumps, no two alike, and one on top.
    for (count, out, up) in [(7, 0.72, 0.48), (5, 0.48, 0.78)] {
        for i in 0..count {
            let (sin, cos) = around(i, count, up);
            let leaf = wide * draw.between(0.22, 0.42);
            let out = wide * out * draw.between(0.85, 1.1);
            let place = vec3(out * sin, tall * (up + draw.between(-0.06, 0.06)), out * cos);
            object.put(Primitive::ellipsoid(vec3(leaf, leaf * 0.8, leaf)), place, Finish::Main);
            if berries && i % 2 == 0 {
                let skin = vec3(sin, 0.4, cos).normalised() * (leaf * 0.9);
                object.put(Primitive::ball(0.08), place + skin, Finish::Detail);
            }
        }
    }
    let top = wide * draw.between(0.26, 0.4);
    let (x, z) = (draw.between(-0.25, 0.25), draw.between(-0.25, 0.25));
    object.put(Primitive::ball(top), vec3(x, tall * 0.92, z), Finish::Main);
}
