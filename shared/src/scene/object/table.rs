//! A table: a wide top on four legs at its corners, or on one pillar.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;

pub(super) const CLASS: Class =
    Class { name: "table", pose: Pose { fronts: &[0.0], spread: 65.0, elevation: (8.0, 30.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let tall = draw.between(0.85, 1.1);
    let thick = draw.between(0.045, 0.08);
    let finish = if draw.chance(0.5) { Finish::Main } else { Finish::Second };
    if draw.chance(0.35) {
        let wide = draw.between(0.9, 1.1);
        let radius = draw.between(0.09, 0.14);
        object.put(Primitive::Cone { bottom: wide, top: wide, half: thick }, vec3(0.0, tall, 0.0), Finish::Main);
        let pillar = Primitive::Cone { bottom: radius * 1.3, top: radius, half: 0.5 * tall };
        object.put(pillar, vec3(0.0, 0.5 * tall, 0.0), finish);
        let foot = draw.between(0.45, 0.6);
        object.put(Primitive::Cone { bottom: foot, top: foot * 0.8, half: 0.05 }, vec3(0.0, 0.05, 0.0), finish);
        return;
    }
    let (wide, deep) = (draw.between(1.0, 1.3), draw.between(0.55, 0.75));
    object.put(Primitive::Cuboid(vec3(wide, thick, deep)), vec3(0.0, tall, 0.0), Finish::Main);
    let leg = draw.between(0.055, 0.09);
    let (x, z) = (wide - leg - 0.05, deep - leg - 0.05);
    let half = 0.5 * (tall - thick);
    let round = draw.chance(0.4);
    for (x, z) in [(-x, -z), (x, -z), (-x, z), (x, z)] {
        let shape = if round {
            Primitive::Cone { bottom: leg * 0.7, top: leg * 1.15, half }
        } else {
            Primitive::Cuboid(vec3(leg, half, leg))
        };
        object.put(shape, vec3(x, half, z), finish);
    }
    let apron = vec3(x, draw.between(0.05, 0.1), z);
    object.put(Primitive::Cuboid(apron), vec3(0.0, tall - thick - apron.y, 0.0), finish);
}
