//! A teapot: a round body with a spout, a handle and a lid.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::PI;

pub(super) const CLASS: Class =
    Class { name: "teapot", pose: Pose { fronts: &[0.0, 180.0], spread: 42.0, elevation: (8.0, 30.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let wide = draw.between(0.66, 0.82);
    let tall = draw.between(0.52, 0.7);
    let middle = tall * 0.92;
    object.put(Primitive::ellipsoid(vec3(wide, tall, wide)), vec3(0.0, middle, 0.0), Finish::Main);
    object.put(Primitive::Cone { bottom: 0.42, top: 0.4, half: 0.05 }, vec3(0.0, 0.05, 0.0), Finish::Second);

    let mouth = wide * draw.between(0.5, 0.62);
    let brim = middle + tall * 0.78;
    object.put(
        Primitive::Cone { bottom: mouth + 0.04, top: mouth + 0.02, half: 0.04 },
        vec3(0.0, brim, 0.0),
        Finish::Main,
    );
    let lid = draw.between(0.14, 0.26);
    object.put(Primitive::dome(vec3(mouth, lid, mouth)), vec3(0.0, brim + 0.03, 0.0), Finish::Second);
    object.put(Primitive::ball(draw.between(0.09, 0.13)), vec3(0.0, brim + lid + 0.1, 0.0), Finish::Detail);

    // The spout rises to the brim in two pieces, thick below.
    let thick = draw.between(0.11, 0.15);
    let knee = vec3(wide + draw.between(0.14, 0.24), middle + 0.02, 0.0);
    let lip = vec3(knee.x + draw.between(0.16, 0.28), brim + draw.between(-0.04, 0.1), 0.0);
    object.rod(vec3(wide * 0.7, middle - 0.22 * tall, 0.0), knee, thick * 1.2, Finish::Main);
    object.rod(knee, lip, thick * 0.8, Finish::Main);

    let ring = tall * draw.between(0.56, 0.7);
    let finish = if draw.chance(0.5) { Finish::Main } else { Finish::Second };
    let tube = draw.between(0.07, 0.1);
    let (x, y) = (0.06 - wide, middle + 0.06);
    object.put_turned(Primitive::Torus { ring, tube, open: true }, vec3(x, y, 0.0), Rotation::about_y(PI), finish);
    // Its ends go on into the body, which is narrower there.
    for end in [y - ring, y + ring] {
        object.rod(vec3(x, end, 0.0), vec3(-0.6 * wide, end, 0.0), tube, finish);
    }
}
