//! The upper half of an ellipsoid, closed by a flat disc: mushroom caps, rocket noses.

use super::bevel;
use super::ellipsoid::{self, Axes};
use crate::scene::vector::{Vec3, larger, smaller, vec3};

/// Convex, so the ray's stretch inside is the ellipsoid's stretch cut by the half-space y > 0.
#[inline]
pub(super) fn hit(axes: &Axes, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let [a, b, root] = axes.crossings(origin, direction)?;
    let (mut near, mut far) = ((-b - root) / a, (-b + root) / a);
    let plane = -origin.y / direction.y;
    if direction.y > 0.0 {
        near = larger(near, plane);
    } else if direction.y < 0.0 {
        far = smaller(far, plane);
    } else if origin.y < 0.0 {
        return None;
    }
    (near > min && near < far).then_some(near)
}

#[inline]
pub(super) fn normal(axes: &Axes, p: Vec3) -> Vec3 {
    let down = vec3(0.0, -1.0, 0.0);
    if p.y < 1e-3 && axes.level(p) < 0.998 {
        return down;
    }
    let out = ellipsoid::normal(axes, p);
    (out + down * (0.7 * bevel(p.y))).normalised()
}
