//! Boxes: three pairs of planes.

use super::bevel;
use crate::scene::vector::{Vec3, larger, smaller, vec3};

#[inline]
pub(super) fn hit(half: Vec3, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let inverse = vec3(1.0 / direction.x, 1.0 / direction.y, 1.0 / direction.z);
    let (middle, reach) = (origin.times(inverse), vec3(inverse.x.abs(), inverse.y.abs(), inverse.z.abs()).times(half));
    let near = larger(larger(-middle.x - reach.x, -middle.y - reach.y), -middle.z - reach.z);
    let far = smaller(smaller(reach.x - middle.x, reach.y - middle.y), reach.z - middle.z);
    (near < far && near > min).then_some(near)
}

#[inline]
pub(super) fn normal(half: Vec3, p: Vec3) -> Vec3 {
    let side = |value: f32, half: f32| bevel(half - value.abs()) * if value < 0.0 { -1.0 } else { 1.0 };
    vec3(side(p.x, half.x), side(p.y, half.y), side(p.z, half.z)).normalised()
}

#[inline]
pub(super) fn distance(half: Vec3, p: Vec3) -> f32 {
    let q = vec3(p.x.abs() - half.x, p.y.abs() - half.y, p.z.abs() - half.z);
    let outside = vec3(larger(q.x, 0.0), larger(q.y, 0.0), larger(q.z, 0.0)).length();
    outside + smaller(larger(larger(q.x, q.y), q.z), 0.0)
}
