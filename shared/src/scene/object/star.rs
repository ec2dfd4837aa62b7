//! A five-pointed star, cut from a thick plate, standing on two points.

use super::{Assembly, Class, Pose};
use crate::scene::draw::Draw;
use crate::scene::part::Finish;
use crate::scene::primitive::{Outline, Primitive};
use crate::scene::vector::{Rotation, vec3};
use std::f32::consts::TAU;

pub(super) const CLASS: Class =
    Class { name: "star", pose: Pose { fronts: &[0.0, 180.0], spread: 44.0, elevation: (4.0, 28.0) }, build };

fn build(draw: &mut Draw, object: &mut Assembly) {
    let inner = draw.between(0.42, 0.55);
    let thick = draw.between(0.14, 0.26);
    let outline = |scale: f32| {
        Outline::new(&std::array::from_fn::<_, 10, _>(|i| {
            let radius = if i % 2 == 0 { scale } else { scale * inner };
            let (sin, cos) = libm::sincosf(TAU * i as f32 / 10.0);
            [-radius * sin, radius * cos]
        }))
    };
    let lean = Rotation::about_z(draw.between(-8.0, 8.0).to_radians());
    let place = vec3(0.0, 0.84, 0.0);
    object.put_turned(Primitive::Prism { outline: outline(1.05), half: thick }, place, lean, Finish::Main);
    match draw.index(3) {
        0 => {
            let raised = Primitive::Prism { outline: outline(0.68), half: thick + 0.08 };
            object.put_turned(raised, place, lean, Finish::Second);
        }
        1 => {
            let boss = Primitive::ellipsoid(vec3(0.3, 0.3, thick + 0.12));
            object.put_turned(boss, place, lean, Finish::Detail);
        }
        _ => {}
    }
}
