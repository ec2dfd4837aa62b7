//! A lorry: a cab, a gap, and a load behind it that is taller: a box, a tank or logs.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::FRAC_PI_2;

pub(super) const CLASS: Class =
    Class { name: "lorry", pose: Pose { fronts: &[0.0, 180.0], spread: 50.0, elevation: (7.0, 28.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let half = draw.between(0.4, 0.48);
    let wheel = draw.between(0.2, 0.25);
    let floor = wheel * 1.15;
    let length = draw.between(1.3, 1.5);
    let chassis = Primitive::Cuboid(vec3(length, 0.07, half * 0.7));
    object.put(chassis, vec3(0.0, floor, 0.0), Finish::Detail);

    let deep = draw.between(0.5, 0.64);
    let tall = draw.between(0.72, 0.86);
    let (back, front) = (length - deep, length + 0.06);
    let (low, sill, top) = (floor - 0.06, floor + tall * 0.46, floor + tall);
    let rake = draw.between(0.06, 0.2);
    let cab = Outline::new(&[[back, low], [front, low], [front, sill], [front - rake, top], [back, top]]);
    object.put(Primitive::Prism { outline: cab, half }, vec3(0.0, 0.0, 0.0), Finish::Main);
    let screen = Outline::new(&[
        [back + 0.14, sill],
        [front - 0.12, sill],
        [front - 0.12 - rake * 0.7, top - 0.1],
        [back + 0.14, top - 0.1],
    ]);
    object.put(Primitive::Prism { outline: screen, half: half + 0.015 }, vec3(0.0, 0.0, 0.0), Finish::Second);
    // The windscreen lies on the slope of the cab's front.
    let (rise, slant) = (0.5 * (top - sill), Rotation::about_z(libm::atan2f(rake, top - sill)));
    let glass = Primitive::Cuboid(vec3(0.02, rise - 0.07, half - 0.07));
    object.put_turned(glass, vec3(front - 0.5 * rake, sill + rise, 0.0), slant, Finish::Second);

    let (tail, gap) = (-length, back - draw.between(0.08, 0.16));
    let (middle, reach) = (0.5 * (tail + gap), 0.5 * (gap - tail));
    match draw.index(4) {
        0 => {
            let radius = half * 1.05;
            let lying = Rotation::about_z(FRAC_PI_2);
            let tank = Primitive::Cone { bottom: radius, top: radius, half: reach };
            object.put_turned(tank, vec3(middle, floor + 0.05 + radius, 0.0), lying, Finish::Second);
            for x in [-0.5, 0.5] {
                let band = Primitive::Cone { bottom: radius + 0.02, top: radius + 0.02, half: 0.04 };
                object.put_turned(band, vec3(middle + x * reach, floor + 0.05 + radius, 0.0), lying, Finish::Main);
            }
        }
        1 => {
            let radius = half * 0.48;
            let lying = Rotation::about_z(FRAC_PI_2);
            let log = Primitive::Cone { bottom: radius, top: radius, half: reach };
            let base = floor + 0.07 + radius;
            for (y, z) in [(0.0, -radius), (0.0, radius), (radius * 1.73, 0.0)] {
                object.put_turned(log, vec3(middle, base + y, z), lying, Finish::Second);
            }
            for x in [-0.7, 0.7] {
                let stake = Primitive::Cuboid(vec3(0.04, radius * 1.4, half + 0.03));
                object.put(stake, vec3(middle + x * reach, floor + radius * 1.4, 0.0), Finish::Main);
            }
        }
        _ => {
            let rise = 0.5 * (tall + draw.between(0.1, 0.3));
            let load = Primitive::Cuboid(vec3(reach, rise, half + 0.03));
            object.put(load, vec3(middle, floor + 0.07 + rise, 0.0), Finish::Second);
            let stripe = Primitive::Cuboid(vec3(reach * 0.8, rise * 0.18, half + 0.045));
            object.put(stripe, vec3(middle, floor + 0.07 + rise * 1.1, 0.0), Finish::Detail);
        }
    }
    for x in [-length * 0.78, -length * 0.42, length * 0.72] {
        for z in [-half + 0.05, half - 0.05] {
            object.wheel(vec3(x, wheel, z), wheel);
        }
    }
}
