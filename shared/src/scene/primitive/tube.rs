//! A cup: a cylinder hollowed from above, with a wall, a rim and a floor.

use crate::scene::vector::{Vec3, vec3};

#[inline]
pub(super) fn hit(radius: f32, wall: f32, half: f32, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let (inner, floor) = (radius - wall, wall - half);
    let a = direction.x * direction.x + direction.z * direction.z;
    let b = origin.x * direction.x + origin.z * direction.z;
    let square = origin.x * origin.x + origin.z * origin.z;
    let outside = b * b - a * (square - radius * radius);
    if outside < 0.0 {
        return None;
    }
    let mut best = f32::INFINITY;
    let mut offer = |t: f32, keep: bool| {
        if keep && t > min && t < best {
            best = t;
        }
    };
    let t = (-b - outside.sqrt()) / a;
    offer(t, (origin.y + t * direction.y).abs() <= half);
    let inside = b * b - a * (square - inner * inner);
    if inside > 0.0 {
        let t = (-b + inside.sqrt()) / a;
        let y = origin.y + t * direction.y;
        offer(t, y >= floor && y <= half);
    }
    let out = |t: f32| {
        let (x, z) = (origin.x + t * direction.x, origin.z + t * direction.z);
        x * x + z * z
    };
    let t = (half - origin.y) / direction.y;
    offer(t, (inner * inner..=radius * radius).contains(&out(t)));
    let t = (floor - origin.y) / direction.y;
    offer(t, out(t) <= inner * inner);
    let t = (-half - origin.y) / direction.y;
    offer(t, out(t) <= radius * radius);
    (best < f32::INFINITY).then_some(best)
}

#[inline]
pub(super) fn normal(radius: f32, wall: f32, half: f32, p: Vec3) -> Vec3 {
    let out = (p.x * p.x + p.z * p.z).sqrt();
    let side = vec3(p.x, 0.0, p.z) * (1.0 / out.max(1e-6));
    let across = (out - (radius - 0.5 * wall)) / (0.5 * wall);
    if p.y > half - 0.02 && across.abs() < 1.05 {
        // The rim is round across the wall.
        return (side * across.clamp(-1.0, 1.0) + Vec3::UP * 0.8).normalised();
    }
    if across > 0.0 {
        return side;
    }
    if p.y < wall - half + 1e-3 && out < radius - wall - 1e-3 { Vec3::UP } else { -side }
}

#[inline]
pub(super) fn distance(radius: f32, wall: f32, half: f32, p: Vec3) -> f32 {
    let out = (p.x * p.x + p.z * p.z).sqrt();
    let shell = ((out - radius + 0.5 * wall).abs() - 0.5 * wall).max(p.y.abs() - half);
    let base = (out - radius).max((p.y + half - 0.5 * wall).abs() - 0.5 * wall);
    shell.min(base)
}
