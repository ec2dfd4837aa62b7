//! A chair: a seat on four legs with a back, solid or slatted.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;

pub(super) const CLASS: Class =
    Class { name: "chair", pose: Pose { fronts: &[0.0], spread: 72.0, elevation: (8.0, 30.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let (half, deep) = (draw.between(0.5, 0.62), draw.between(0.46, 0.58));
    let seat = draw.between(0.78, 0.95);
    let thick = draw.between(0.06, 0.1);
    let leg = draw.between(0.055, 0.085);
    let top = seat + draw.between(0.8, 1.1);
    object.put(Primitive::Cuboid(vec3(half, thick, deep)), vec3(0.0, seat, 0.0), Finish::Main);

    let round = draw.chance(0.4);
    let finish = if draw.chance(0.5) { Finish::Main } else { Finish::Second };
    let (x, z) = (half - leg - 0.01, deep - leg - 0.01);
    for (x, z) in [(-x, -z), (x, -z), (-x, z), (x, z)] {
        let half = 0.5 * seat;
        let shape = if round {
            Primitive::Cone { bottom: leg * 0.8, top: leg * 1.1, half }
        } else {
            Primitive::Cuboid(vec3(leg, half, leg))
        };
        object.put(shape, vec3(x, half, z), finish);
    }

    let (centre, reach) = (0.5 * (top + seat), 0.5 * (top - seat));
    if draw.chance(0.45) {
        object.put(Primitive::Cuboid(vec3(half, reach, thick)), vec3(0.0, centre, -deep + thick), Finish::Main);
        return;
    }
    for side in [-x, x] {
        object.put(Primitive::Cuboid(vec3(leg, reach, leg)), vec3(side, centre, -z), finish);
    }
    let slats = 2 + draw.index(2);
    for i in 0..slats {
        let y = top - 0.13 - (top - seat) * 0.8 * i as f32 / slats as f32;
        object.put(Primitive::Cuboid(vec3(half - 0.02, 0.12, leg * 0.6)), vec3(0.0, y, -z), Finish::Main);
    }
}
