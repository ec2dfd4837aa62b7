//! A vertical rod with round ends.

use crate::scene::vector::{Vec3, vec3};

#[inline]
pub(super) fn hit(half: f32, radius: f32, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let a = direction.x * direction.x + direction.z * direction.z;
    let b = origin.x * direction.x + origin.z * direction.z;
    let c = origin.x * origin.x + origin.z * origin.z - radius * radius;
    let root = b * b - a * c;
    if root < 0.0 {
        return None;
    }
    let t = (-b - root.sqrt()) / a;
    let y = origin.y + t * direction.y;
    if y.abs() <= half {
        return (t > min).then_some(t);
    }
    // The ray passes the side beyond an end, so only that end's ball can be first.
    let up = if a > 1e-9 { y } else { -direction.y };
    let centre = vec3(0.0, if up > 0.0 { half } else { -half }, 0.0);
    let from = origin - centre;
    let (b, c) = (from.dot(direction), from.dot(from) - radius * radius);
    let root = b * b - c;
    if root < 0.0 {
        return None;
    }
    let t = -b - root.sqrt();
    (t > min).then_some(t)
}

#[inline]
pub(super) fn normal(half: f32, p: Vec3) -> Vec3 {
    (p - vec3(0.0, p.y.clamp(-half, half), 0.0)).normalised()
}

#[inline]
pub(super) fn distance(half: f32, radius: f32, p: Vec3) -> f32 {
    (p - vec3(0.0, p.y.clamp(-half, half), 0.0)).length() - radius
}
