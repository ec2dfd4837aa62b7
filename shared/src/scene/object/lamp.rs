//! A lamp: a shade on a stem, or a head on a bent arm.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::Primitive;
use crate::scene::vector::{Rotation, vec3};

pub(super) const CLASS: Class =
    Class { name: "lamp", pose: Pose { fronts: &[0.0, 180.0], spread: 55.0, elevation: (5.0, 24.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let base = draw.between(0.34, 0.46);
    let foot = draw.between(0.04, 0.07);
    object.put(Primitive::Cone { bottom: base, top: base * 0.85, half: foot }, vec3(0.0, foot, 0.0), Finish::Second);
    if draw.chance(0.62) { shaded(draw, object) } else { bent(draw, object) }
}

fn shaded(draw: &mut Draw, object: &mut Assembly) {
    let stem = draw.between(0.7, 1.15);
    object.rod(vec3(0.0, 0.0, 0.0), vec3(0.0, stem + 0.3, 0.0), draw.between(0.04, 0.07), Finish::Second);
    if draw.chance(0.5) {
        let size = draw.between(0.2, 0.3);
        object.put(Primitive::ellipsoid(vec3(size, size * 1.25, size)), vec3(0.0, size + 0.12, 0.0), Finish::Detail);
    }
    let (wide, tall) = (draw.between(0.58, 0.72), draw.between(0.28, 0.38));
    let narrow = wide * draw.between(0.42, 0.6);
    object.put(Primitive::Cone { bottom: wide, top: narrow, half: tall }, vec3(0.0, stem + tall, 0.0), Finish::Main);
    let rim = Primitive::Cone { bottom: wide + 0.02, top: wide + 0.015, half: 0.03 };
    object.put(rim, vec3(0.0, stem + 0.03, 0.0), Finish::Second);
    object.put(Primitive::ball(0.06), vec3(0.0, stem + 2.0 * tall + 0.05, 0.0), Finish::Detail);
}

fn bent(draw: &mut Draw, object: &mut Assembly) {
    let radius = draw.between(0.04, 0.055);
    let elbow = vec3(-draw.between(0.35, 0.5), draw.between(0.75, 0.95), 0.0);
    let wrist = vec3(draw.between(0.3, 0.5), elbow.y + draw.between(0.4, 0.6), 0.0);
    object.rod(vec3(0.0, 0.06, 0.0), elbow, radius, Finish::Second);
    object.rod(elbow, wrist, radius, Finish::Second);
    object.put(Primitive::ball(radius * 1.8), elbow, Finish::Detail);
    // The head looks down and outwards.
    let tilt = Rotation::about_z(draw.between(0.5, 0.85));
    let (wide, half) = (draw.between(0.38, 0.48), draw.between(0.22, 0.3));
    let middle = wrist + tilt.apply(vec3(0.0, -half * 0.8, 0.0));
    object.put_turned(Primitive::Cone { bottom: wide, top: 0.14, half }, middle, tilt, Finish::Main);
    let bulb = wrist + tilt.apply(vec3(0.0, -half * 1.75, 0.0));
    object.put(Primitive::ball(0.2), bulb, Finish::Detail);
}
