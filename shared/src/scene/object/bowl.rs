//! A bowl: a wide hollow half-ball on a foot, often with fruit in it.

use super::{Assembly, Class, Pose, ROUND};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::{FRAC_PI_2, PI, TAU};

pub(super) const CLASS: Class =
    Class { name: "bowl", pose: Pose { fronts: &[0.0], spread: ROUND, elevation: (14.0, 36.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let wide = draw.between(0.9, 1.1);
    let deep = draw.between(0.55, 0.8);
    let foot = draw.between(0.08, 0.16);
    let stand = wide * draw.between(0.35, 0.5);
    let ring = Primitive::Cone { bottom: stand, top: stand * 0.85, half: foot * 0.6 };
    object.put(ring, vec3(0.0, foot * 0.6, 0.0), Finish::Second);
    let rim = deep + foot;
    let shell = Primitive::shell(vec3(wide, deep, wide), 0.08);
    object.put_turned(shell, vec3(0.0, rim, 0.0), Rotation::about_x(PI), Finish::Main);
    if draw.chance(0.4) {
        let band = Primitive::Torus { ring: wide - 0.03, tube: 0.06, open: false };
        object.put_turned(band, vec3(0.0, rim, 0.0), Rotation::about_x(FRAC_PI_2), Finish::Second);
    }
    match draw.index(3) {
        0 => {
            let start = draw.between(0.0, TAU);
            let count = 3 + draw.index(2);
            for i in 0..count {
                let (sin, cos) = libm::sincosf(start + TAU * i as f32 / count as f32);
                let size = wide * draw.between(0.27, 0.34);
                let out = wide * 0.42;
                object.put(Primitive::ball(size), vec3(out * sin, rim - 0.08, out * cos), Finish::Detail);
            }
        }
        1 => {
            let soup = Primitive::Cone { bottom: wide * 0.85, top: wide * 0.9, half: 0.02 };
            object.put(soup, vec3(0.0, rim - 0.3 * deep, 0.0), Finish::Detail);
        }
        _ => {}
    }
}
