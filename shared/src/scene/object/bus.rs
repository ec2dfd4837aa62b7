//! A bus: one long box on wheels with a row of windows, sometimes two.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::vec3;

pub(super) const CLASS: Class =
    Class { name: "bus", pose: Pose { fronts: &[0.0, 180.0], spread: 48.0, elevation: (7.0, 28.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let half = draw.between(0.42, 0.5);
    let length = draw.between(1.3, 1.55);
    let wheel = draw.between(0.19, 0.24);
    let floor = wheel * 0.8;
    let decks = if draw.chance(0.35) { 2 } else { 1 };
    let storey = draw.between(0.72, 0.84) * if decks == 2 { 0.86 } else { 1.0 };
    let tall = storey * decks as f32 + 0.1;
    let body = Primitive::Cuboid(vec3(length, 0.5 * tall, half));
    object.put(body, vec3(0.0, floor + 0.5 * tall, 0.0), Finish::Main);
    let roof = Primitive::Cuboid(vec3(length - 0.06, 0.03, half - 0.05));
    object.put(roof, vec3(0.0, floor + tall + 0.03, 0.0), Finish::Second);

    // Windows on both sides and across both ends; the lower row leaves room for a door at the front.
    let panes = 4 + draw.index(2);
    let pitch = 2.0 * (length - 0.1) / panes as f32;
    for deck in 0..decks {
        let y = floor + storey * (deck as f32 + 0.66);
        let pane = vec3(0.5 * pitch - 0.06, storey * 0.22, half + 0.015);
        for i in 0..panes - usize::from(deck == 0) {
            let x = 0.1 - length + pitch * (i as f32 + 0.5);
            object.put(Primitive::Cuboid(pane), vec3(x, y, 0.0), Finish::Second);
        }
        let ends = vec3(length + 0.015, storey * 0.24, half - 0.08);
        object.put(Primitive::Cuboid(ends), vec3(0.0, y, 0.0), Finish::Second);
    }
    let door = vec3(0.5 * pitch - 0.08, storey * 0.4, half + 0.015);
    object.put(Primitive::Cuboid(door), vec3(length - 0.1 - 0.5 * pitch, floor + storey * 0.46, 0.0), Finish::Detail);

    for x in [-length * 0.6, length * 0.52] {
        for z in [-half + 0.06, half - 0.06] {
            object.wheel(vec3(x, wheel, z), wheel);
        }
    }
    for z in [-half * 0.6, half * 0.6] {
        object.put(Primitive::ellipsoid(vec3(0.04, 0.07, 0.09)), vec3(length, floor + 0.16, z), Finish::Detail);
    }
}
