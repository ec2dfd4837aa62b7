//! A mug: a hollow cup with a handle at its side.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;

pub(super) const CLASS: Class =
    Class { name: "mug", pose: Pose { fronts: &[0.0, 180.0], spread: 38.0, elevation: (10.0, 34.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let radius = draw.between(0.58, 0.75);
    let half = draw.between(0.6, 0.85);
    let wall = draw.between(0.07, 0.1);
    object.put(Primitive::Tube { radius, wall, half }, vec3(0.0, half, 0.0), Finish::Main);
    let ring = half * draw.between(0.52, 0.64);
    let tube = draw.between(0.09, 0.13);
    let handle = if draw.chance(0.5) { Finish::Main } else { Finish::Second };
    let place = vec3(radius - 0.05, half * draw.between(0.95, 1.1), 0.0);
    object.put(Primitive::Torus { ring, tube, open: true }, place, handle);
    if draw.chance(0.5) {
        let drink = Primitive::Cone { bottom: radius - wall, top: radius - wall, half: 0.02 };
        object.put(drink, vec3(0.0, half * draw.between(1.45, 1.75), 0.0), Finish::Detail);
    }
    if draw.chance(0.4) {
        let (reach, height) = (draw.between(0.1, 0.22) * half, draw.between(0.35, 1.5) * half);
        let band = Primitive::Tube { radius: radius + 0.012, wall: 0.03, half: reach };
        object.put(band, vec3(0.0, height, 0.0), Finish::Second);
    }
}
