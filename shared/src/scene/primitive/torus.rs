//! Rings about the z axis, found by stepping along the ray by the exact distance.
//!
//! The quartic has a closed form, but single precision loses its roots; sixteen to thirty steps inside the bounding ball do not.

use crate::scene::vector::{Vec3, vec3};

const STEPS: usize = 32;
const CLOSE: f32 = 6e-4;

#[inline]
pub(super) fn hit(ring: f32, tube: f32, open: bool, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let reach = ring + tube;
    let (b, c) = (origin.dot(direction), origin.dot(origin) - reach * reach);
    let root = b * b - c;
    if root <= 0.0 {
        return None;
    }
    let root = root.sqrt();
    // The slab |z| < tube cuts the stretch further.
    let (mut near, mut far) = ((-b - root).max(min), -b + root);
    let inverse = 1.0 / direction.z;
    let (low, high) = ((-tube - origin.z) * inverse, (tube - origin.z) * inverse);
    near = near.max(low.min(high));
    far = far.min(low.max(high));
    let mut t = near;
    for _ in 0..STEPS {
        if t >= far {
            return None;
        }
        let p = origin + direction * t;
        let gap = distance(ring, tube, p);
        if gap < CLOSE {
            if !open || p.x > 0.0 {
                return Some(t);
            }
            // The missing half: pass through it.
            t += CLOSE + gap.abs().max(0.02);
        } else {
            t += gap;
        }
    }
    None
}

#[inline]
pub(super) fn normal(ring: f32, p: Vec3) -> Vec3 {
    let out = (p.x * p.x + p.y * p.y).sqrt().max(1e-6);
    (p - vec3(p.x, p.y, 0.0) * (ring / out)).normalised()
}

#[inline]
pub(super) fn distance(ring: f32, tube: f32, p: Vec3) -> f32 {
    let out = (p.x * p.x + p.y * p.y).sqrt() - ring;
    (out * out + p.z * p.z).sqrt() - tube
}
