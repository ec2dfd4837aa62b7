//! An umbrella: an open canopy with ribs on a stick with a crook, upright or lying on its rim.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::{FRAC_PI_2, TAU};

pub(super) const CLASS: Class =
    Class { name: "umbrella", pose: Pose { fronts: &[0.0, 180.0], spread: 22.0, elevation: (5.0, 20.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let wide = draw.between(0.95, 1.1);
    let tall = draw.between(0.48, 0.64);
    let stick = draw.between(1.05, 1.3);
    let hook = draw.between(0.13, 0.17);
    let rim = hook + stick - tall * 0.2;
    object.put(Primitive::shell(vec3(wide, tall, wide), 0.03), vec3(0.0, rim, 0.0), Finish::Main);
    let top = rim + tall;
    object.rod(vec3(0.0, hook, 0.0), vec3(0.0, top + draw.between(0.12, 0.2), 0.0), 0.035, Finish::Second);
    let crook = Primitive::Torus { ring: hook, tube: 0.045, open: true };
    object.put_turned(crook, vec3(-hook, hook + 0.03, 0.0), Rotation::about_z(-FRAC_PI_2), Finish::Detail);

    let ribs = 8;
    for i in 0..ribs {
        let (sin, cos) = libm::sincosf(TAU * (i as f32 + 0.5) / ribs as f32);
        object.put(Primitive::ball(0.05), vec3(wide * sin, rim, wide * cos), Finish::Detail);
    }
    if draw.chance(0.4) {
        let patch = Primitive::dome(vec3(wide * 0.45, tall * 0.25, wide * 0.45));
        object.put(patch, vec3(0.0, top - tall * 0.12 - 0.09, 0.0), Finish::Second);
    }
    if draw.chance(0.5) {
        // On its crook and its rim.
        let fall = Rotation::about_z(FRAC_PI_2 - libm::atan2f(wide, rim));
        object.tip(fall);
    }
}
