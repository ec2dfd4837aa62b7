//! A tent: a ridge tent with an open end, or a tepee with its poles crossing at the top.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "tent", pose: Pose { fronts: &[0.0], spread: 52.0, elevation: (6.0, 26.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    if draw.chance(0.65) { ridge(draw, object) } else { tepee(draw, object) }
}

fn ridge(draw: &mut Draw, object: &mut Assembly) {
    let half = draw.between(0.8, 1.0);
    let tall = draw.between(1.0, 1.25);
    let deep = draw.between(0.8, 1.1);
    let gable = |wide: f32, high: f32| Outline::new(&[[-wide, 0.0], [wide, 0.0], [0.0, high]]);
    object.put(Primitive::Prism { outline: gable(half, tall), half: deep }, vec3(0.0, 0.0, 0.0), Finish::Main);
    let open = draw.between(0.42, 0.6);
    let mouth = Primitive::Prism { outline: gable(half * open, tall * 0.86), half: 0.02 };
    object.put(mouth, vec3(0.0, 0.0, deep), Finish::Detail);
    // Flaps turned back beside the opening.
    for side in [-1.0, 1.0] {
        let corners = [[0.0, tall * 0.84], [side * half * open * 0.75, 0.02], [side * half * (open + 0.14), 0.02]];
        let flap =
            if side < 0.0 { Outline::new(&[corners[0], corners[2], corners[1]]) } else { Outline::new(&corners) };
        let turned = Primitive::Prism { outline: flap, half: 0.03 };
        object.put(turned, vec3(0.0, 0.0, deep + 0.02), Finish::Second);
    }
    for z in [-deep - 0.04, deep + 0.04] {
        object.rod(vec3(0.0, 0.0, z), vec3(0.0, tall + 0.12, z), 0.03, Finish::Second);
        let peg = vec3(0.0, 0.02, z + z.signum() * draw.between(0.35, 0.5));
        object.rod(vec3(0.0, tall, z), peg, 0.014, Finish::Second);
    }
}

fn tepee(draw: &mut Draw, object: &mut Assembly) {
    let wide = draw.between(0.8, 0.95);
    let tall = draw.between(1.35, 1.6);
    let collar = 0.1;
    let hide = Primitive::Cone { bottom: wide, top: collar, half: 0.5 * tall };
    object.put(hide, vec3(0.0, 0.5 * tall, 0.0), Finish::Main);
    if draw.chance(0.6) {
        let at = |share: f32| wide + (collar - wide) * share + 0.012;
        let (low, high) = (draw.between(0.28, 0.4), draw.between(0.5, 0.62));
        let band = Primitive::Cone { bottom: at(low), top: at(high), half: 0.5 * tall * (high - low) };
        object.put(band, vec3(0.0, 0.5 * tall * (high + low), 0.0), Finish::Second);
    }
    let poles = 5;
    let start = draw.between(0.0, TAU);
    for i in 0..poles {
        let (sin, cos) = libm::sincosf(start + TAU * i as f32 / poles as f32);
        let foot = vec3(0.07 * sin, tall - 0.1, 0.07 * cos);
        let tip = vec3(-0.2 * sin, tall + draw.between(0.28, 0.42), -0.2 * cos);
        object.rod(foot, tip, 0.028, Finish::Second);
    }
    // The door leans with the wall it is cut into.
    let (rise, wall) = (tall * 0.26, wide - collar);
    let slope = libm::atan2f(wall, tall);
    let door = Outline::new(&[[-0.26, -rise], [0.26, -rise], [0.0, rise]]);
    let out = wide - wall * rise / tall;
    let lean = Rotation::about_x(-slope);
    object.put_turned(
        Primitive::Prism { outline: door, half: 0.05 },
        vec3(0.0, rise, out - 0.02),
        lean,
        Finish::Detail,
    );
}
