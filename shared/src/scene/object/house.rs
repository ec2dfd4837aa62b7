//! A house: walls under a gable roof, a door, windows, a chimney.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::{Rotation, vec3};

pub(super) const CLASS: Class =
    Class { name: "house", pose: Pose { fronts: &[0.0], spread: 52.0, elevation: (7.0, 26.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let half = draw.between(0.72, 0.95);
    let deep = draw.between(0.65, 0.95);
    let eaves = draw.between(0.75, 1.05);
    let rise = half * draw.between(0.7, 1.0);
    let ridge = eaves + rise;
    let walls = Outline::new(&[[-half, 0.0], [half, 0.0], [half, eaves], [0.0, ridge], [-half, eaves]]);
    object.put(Primitive::Prism { outline: walls, half: deep }, vec3(0.0, 0.0, 0.0), Finish::Main);

    let pitch = libm::atan2f(rise, half);
    let slant = 0.5 * (rise * rise + half * half).sqrt() + 0.1;
    let (sin, cos) = libm::sincosf(pitch);
    let thick = 0.06;
    for side in [-1.0, 1.0] {
        let down = slant - 0.02;
        let place = vec3(side * (down * cos + thick * sin), ridge - down * sin + thick * cos, 0.0);
        let slab = Primitive::Cuboid(vec3(slant, thick, deep + 0.14));
        object.put_turned(slab, place, Rotation::about_z(-side * pitch), Finish::Second);
    }

    let door = half * draw.between(-0.35, 0.35);
    object.put(Primitive::Cuboid(vec3(0.17, 0.3, 0.03)), vec3(door, 0.3, deep), Finish::Detail);
    let across = if door > 0.0 { -half * 0.45 } else { half * 0.45 };
    if (across - door).abs() > 0.42 {
        object.put(Primitive::Cuboid(vec3(0.14, 0.14, 0.025)), vec3(across, 0.52, deep), Finish::Detail);
    }
    object.put(Primitive::Cuboid(vec3(0.13, 0.13, 0.025)), vec3(0.0, eaves + rise * 0.28, deep), Finish::Detail);
    for z in [-deep * 0.45, deep * 0.45] {
        object.put(Primitive::Cuboid(vec3(half + 0.025, 0.15, 0.16)), vec3(0.0, eaves * 0.55, z), Finish::Detail);
    }
    if draw.chance(0.75) {
        let x = draw.sign() * half * 0.5;
        let top = ridge + draw.between(0.05, 0.2);
        let reach = 0.5 * (top - eaves);
        let stack = Primitive::Cuboid(vec3(0.12, reach, 0.12));
        object.put(stack, vec3(x, eaves + reach, draw.between(-0.4, 0.1) * deep), Finish::Main);
    }
}
