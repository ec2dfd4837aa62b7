//! Cylinders and cut cones about the y axis: a quadratic for the side, two discs for the ends.

use super::bevel;
use crate::scene::vector::{Vec3, larger, smaller, vec3};

#[inline]
pub(super) fn hit(bottom: f32, top: f32, half: f32, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let slope = (top - bottom) / (2.0 * half);
    let radius = 0.5 * (top + bottom) + slope * origin.y;
    let growth = slope * direction.y;
    let a = direction.x * direction.x + direction.z * direction.z - growth * growth;
    let b = origin.x * direction.x + origin.z * direction.z - growth * radius;
    let c = origin.x * origin.x + origin.z * origin.z - radius * radius;
    let square = b * b - a * c;
    if square < 0.0 && a > 0.0 {
        return None;
    }
    // Convex, so from outside the ray enters through the side where it first meets it, or through the end it faces.
    if square > 0.0 && a.abs() > 1e-7 {
        let root = square.sqrt();
        let t = (-b - root) / a;
        if t > min && (origin.y + t * direction.y).abs() <= half {
            return Some(t);
        }
    }
    let (level, radius) = if direction.y < 0.0 { (half, top) } else { (-half, bottom) };
    let t = (level - origin.y) / direction.y;
    let (x, z) = (origin.x + t * direction.x, origin.z + t * direction.z);
    (t > min && x * x + z * z <= radius * radius).then_some(t)
}

#[inline]
pub(super) fn normal(bottom: f32, top: f32, half: f32, p: Vec3) -> Vec3 {
    let slope = (top - bottom) / (2.0 * half);
    let out = (p.x * p.x + p.z * p.z).sqrt();
    let gap = 0.5 * (top + bottom) + slope * p.y - out;
    let side = vec3(p.x, -slope * out, p.z).normalised();
    let end = vec3(0.0, if p.y < 0.0 { -1.0 } else { 1.0 }, 0.0);
    (side * bevel(gap) + end * bevel(half - p.y.abs())).normalised()
}

#[inline]
pub(super) fn distance(bottom: f32, top: f32, half: f32, p: Vec3) -> f32 {
    let slope = (top - bottom) / (2.0 * half);
    let out = (p.x * p.x + p.z * p.z).sqrt();
    let side = (out - 0.5 * (top + bottom) - slope * p.y) / (1.0 + slope * slope).sqrt();
    let end = p.y.abs() - half;
    let (u, v) = (larger(side, 0.0), larger(end, 0.0));
    (u * u + v * v).sqrt() + smaller(larger(side, end), 0.0)
}
