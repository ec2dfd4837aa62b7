//! A boat: a hull with a mast and two sails, or with a cabin and a funnel.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::PI;

pub(super) const CLASS: Class =
    Class { name: "boat", pose: Pose { fronts: &[0.0, 180.0], spread: 45.0, elevation: (5.0, 26.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let length = draw.between(1.05, 1.25);
    let deep = draw.between(0.36, 0.46);
    let half = draw.between(0.36, 0.46);
    let hull = Primitive::dome(vec3(length, deep, half));
    object.put_turned(hull, vec3(0.0, deep, 0.0), Rotation::about_x(PI), Finish::Main);
    // Planks around the deck, higher at the bow.
    let sheer =
        Outline::new(&[[-length * 0.92, 0.0], [length * 0.9, 0.0], [length * 1.02, 0.15], [-length * 0.95, 0.06]]);
    object.put(Primitive::Prism { outline: sheer, half: half * 0.42 }, vec3(0.0, deep - 0.02, 0.0), Finish::Main);
    if draw.chance(0.68) { sails(draw, object, length, deep) } else { cabin(draw, object, length, deep, half) }
}

fn sails(draw: &mut Draw, object: &mut Assembly, length: f32, deck: f32) {
    let mast = draw.between(0.0, 0.2);
    let tall = deck + draw.between(1.4, 1.75);
    object.rod(vec3(mast, deck, 0.0), vec3(mast, tall, 0.0), 0.035, Finish::Second);
    let foot = deck + draw.between(0.22, 0.3);
    let after = length * draw.between(0.72, 0.92);
    let main = Outline::new(&[[mast - after, foot], [mast - 0.05, foot], [mast - 0.05, tall - 0.06]]);
    object.put(Primitive::Prism { outline: main, half: 0.025 }, vec3(0.0, 0.0, 0.0), Finish::Second);
    object.rod(vec3(mast, foot - 0.03, 0.0), vec3(mast - after, foot - 0.03, 0.0), 0.028, Finish::Detail);
    let bow = length * draw.between(0.82, 0.98);
    let jib = Outline::new(&[[mast + 0.06, foot + 0.04], [bow, foot], [mast + 0.06, tall - 0.3]]);
    object.put(Primitive::Prism { outline: jib, half: 0.02 }, vec3(0.0, 0.0, 0.0), Finish::Detail);
}

fn cabin(draw: &mut Draw, object: &mut Assembly, length: f32, deck: f32, half: f32) {
    let reach = length * draw.between(0.34, 0.46);
    let rise = draw.between(0.2, 0.27);
    let x = -0.12 * length;
    let house = vec3(reach, rise, half * 0.62);
    object.put(Primitive::Cuboid(house), vec3(x, deck + rise, 0.0), Finish::Second);
    let roof = vec3(reach + 0.08, 0.035, half * 0.62 + 0.06);
    object.put(Primitive::Cuboid(roof), vec3(x, deck + 2.0 * rise + 0.03, 0.0), Finish::Main);
    for i in -1_i8..=1 {
        let port = Primitive::ellipsoid(vec3(0.09, 0.09, half * 0.62 + 0.03));
        object.put(port, vec3(x + f32::from(i) * reach * 0.6, deck + rise * 1.15, 0.0), Finish::Detail);
    }
    let (radius, tall) = (draw.between(0.12, 0.17), draw.between(0.22, 0.34));
    let top = deck + 2.0 * rise + 0.06;
    let funnel = Primitive::Cone { bottom: radius, top: radius * 0.9, half: tall };
    object.put(funnel, vec3(x - reach * 0.2, top + tall, 0.0), Finish::Main);
    let band = Primitive::Cone { bottom: radius + 0.01, top: radius + 0.01, half: tall * 0.2 };
    object.put(band, vec3(x - reach * 0.2, top + tall * 1.5, 0.0), Finish::Detail);
}
