//! A car, seen from the side or three-quarter: body, cabin with windows, four wheels.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::vec3;

pub(super) const CLASS: Class =
    Class { name: "car", pose: Pose { fronts: &[0.0, 180.0], spread: 48.0, elevation: (7.0, 28.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let half = draw.between(0.46, 0.56);
    let wheel = draw.between(0.24, 0.32);
    let floor = wheel * 0.75;
    let belt = floor + draw.between(0.36, 0.46);
    let length = draw.between(1.15, 1.35);
    let (nose, tail) = (belt - draw.between(0.02, 0.12), belt - draw.between(0.0, 0.06));
    let body = Outline::new(&[
        [-length, floor],
        [length, floor],
        [length + 0.06, floor + 0.14],
        [length - 0.04, nose],
        [length * 0.45, belt],
        [-length * 0.7, belt],
        [-length + 0.03, tail],
        [-length - 0.05, floor + 0.16],
    ]);
    object.put(Primitive::Prism { outline: body, half }, vec3(0.0, 0.0, 0.0), Finish::Main);

    // The cabin: a band of windows under a roof. A van's reaches the tail, a pickup's ends at the middle.
    let roof = belt + draw.between(0.36, 0.48);
    let front = length * draw.between(0.38, 0.5);
    let back = match draw.index(3) {
        0 => -length * 0.95,
        1 => -length * 0.05,
        _ => -length * draw.between(0.55, 0.75),
    };
    let (rake, slope) = (draw.between(0.22, 0.36), draw.between(0.06, 0.26));
    let glass = Outline::new(&[[back, belt], [front, belt], [front - rake, roof], [back + slope, roof]]);
    let inset = half - 0.05;
    object.put(Primitive::Prism { outline: glass, half: inset }, vec3(0.0, 0.0, 0.0), Finish::Second);
    let middle = 0.5 * (front - rake + back + slope);
    let reach = 0.5 * (front - rake - back - slope) + 0.03;
    object.put(Primitive::Cuboid(vec3(reach, 0.035, inset + 0.03)), vec3(middle, roof + 0.02, 0.0), Finish::Main);
    let pillar = vec3(0.045, 0.5 * (roof - belt), inset + 0.015);
    object.put(Primitive::Cuboid(pillar), vec3(middle, 0.5 * (roof + belt), 0.0), Finish::Main);

    for x in [-length * 0.6, length * 0.6] {
        for z in [-half + 0.04, half - 0.04] {
            object.wheel(vec3(x, wheel, z), wheel);
        }
    }
    for z in [-half * 0.7, half * 0.7] {
        let lamp = Primitive::ellipsoid(vec3(0.05, 0.08, 0.1));
        object.put(lamp, vec3(length + 0.01, floor + 0.23, z), Finish::Second);
    }
}
