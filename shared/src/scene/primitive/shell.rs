//! A hollow half-ellipsoid, open below: umbrellas, bowls upside down, bells.

use super::ellipsoid::{self, Axes};
use crate::scene::vector::{Vec3, larger, vec3};

/// The outside where the ray enters it, the inside where it leaves it, or the rim between them.
#[inline]
pub(super) fn hit(outer: &Axes, inner: &Axes, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let [a, b, root] = outer.crossings(origin, direction)?;
    let mut best = f32::INFINITY;
    let mut offer = |t: f32, keep: bool| {
        if keep && t > min && t < best {
            best = t;
        }
    };
    let t = (-b - root) / a;
    offer(t, origin.y + t * direction.y >= 0.0);
    if let Some([a, b, root]) = inner.crossings(origin, direction) {
        let t = (-b + root) / a;
        offer(t, origin.y + t * direction.y >= 0.0);
    }
    let t = -origin.y / direction.y;
    let p = origin + direction * t;
    offer(t, outer.level(p) <= 1.0 && inner.level(p) >= 1.0);
    (best < f32::INFINITY).then_some(best)
}

#[inline]
pub(super) fn normal(outer: &Axes, inner: &Axes, p: Vec3) -> Vec3 {
    let (out, within) = (outer.level(p), inner.level(p));
    if p.y < 2e-3 && out < 0.999 && within > 1.001 {
        return vec3(0.0, -1.0, 0.0);
    }
    if (out - 1.0).abs() < (within - 1.0).abs() { ellipsoid::normal(outer, p) } else { -ellipsoid::normal(inner, p) }
}

#[inline]
pub(super) fn distance(outer: &Axes, inner: &Axes, p: Vec3) -> f32 {
    larger(larger(ellipsoid::distance(outer, p), -ellipsoid::distance(inner, p)), -p.y)
}
