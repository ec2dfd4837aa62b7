//! A cactus: an upright trunk with two raised arms, sometimes in a pot.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;

pub(super) const CLASS: Class =
    Class { name: "cactus", pose: Pose { fronts: &[0.0, 180.0], spread: 42.0, elevation: (6.0, 28.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let pot = draw.chance(0.4);
    let base = if pot { draw.between(0.42, 0.58) } else { 0.0 };
    let radius = draw.between(0.22, 0.3);
    let height = draw.between(1.6, 2.0);
    if pot {
        let (bottom, top) = (radius + 0.1, radius + draw.between(0.18, 0.28));
        object.put(Primitive::Cone { bottom, top, half: base * 0.5 }, vec3(0.0, base * 0.5, 0.0), Finish::Second);
        let rim = Primitive::Cone { bottom: top + 0.05, top: top + 0.05, half: 0.06 };
        object.put(rim, vec3(0.0, base - 0.04, 0.0), Finish::Second);
    }
    object.rod(vec3(0.0, base, 0.0), vec3(0.0, base + height - radius, 0.0), radius, Finish::Main);
    for side in [-1.0, 1.0] {
        let thick = radius * draw.between(0.62, 0.8);
        let level = base + height * draw.between(0.32, 0.52);
        let reach = side * (radius + thick + draw.between(0.16, 0.34));
        let tip = level + draw.between(0.35, 0.62);
        object.rod(vec3(0.0, level, 0.0), vec3(reach, level, 0.0), thick, Finish::Main);
        object.rod(vec3(reach, level, 0.0), vec3(reach, tip, 0.0), thick, Finish::Main);
    }
    if draw.chance(0.4) {
        let flower = Primitive::ellipsoid(vec3(0.15, 0.1, 0.15));
        object.put(flower, vec3(0.0, base + height + 0.02, 0.0), Finish::Detail);
    }
}
