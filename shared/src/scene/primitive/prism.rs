//! Outlines of up to twelve corners in the x–y plane, thickened along z: stars, gables, car bodies, fins.
//!
//! Convex outlines are cut like a box, by one pair of planes and one plane per edge; others edge by edge.

use super::bevel;
use crate::scene::vector::{Vec3, larger, smaller, vec3};

/// Most corners of an outline.
const MOST: usize = 12;

/// A closed outline, corners in counter-clockwise order, not necessarily convex.
#[derive(Clone, Copy, Debug)]
pub(in crate::scene) struct Outline {
    /// The corners in use come first.
    edges: [Edge; MOST],
    count: usize,
    convex: bool,
    /// Lowest and highest coordinates.
    low: [f32; 2],
    high: [f32; 2],
}

/// From one corner to the next.
#[derive(Clone, Copy, Debug, Default)]
struct Edge {
    from: [f32; 2],
    /// Unit direction, and its outward normal's distance from the origin.
    along: [f32; 2],
    length: f32,
    offset: f32,
}

impl Edge {
    fn new(from: [f32; 2], to: [f32; 2]) -> Self {
        let (x, y) = (to[0] - from[0], to[1] - from[1]);
        let length = (x * x + y * y).sqrt();
        let along = [x / length, y / length];
        Self { from, along, length, offset: from[0] * along[1] - from[1] * along[0] }
    }

    /// Component of `v` along the outward normal.
    #[inline]
    fn out(&self, x: f32, y: f32) -> f32 {
        x * self.along[1] - y * self.along[0]
    }

    /// How far along the edge, from its first corner.
    #[inline]
    fn walk(&self, x: f32, y: f32) -> f32 {
        (x - self.from[0]) * self.along[0] + (y - self.from[1]) * self.along[1]
    }
}

impl Outline {
    /// Takes the first twelve of `corners`.
    pub(in crate::scene) fn new(corners: &[[f32; 2]]) -> Self {
        let count = corners.len().min(MOST);
        let mut edges = [Edge::default(); MOST];
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for i in 0..count {
            let c = corners[i];
            edges[i] = Edge::new(c, corners[(i + 1) % count]);
            low = [smaller(low[0], c[0]), smaller(low[1], c[1])];
            high = [larger(high[0], c[0]), larger(high[1], c[1])];
        }
        let convex = edges[..count]
            .iter()
            .all(|edge| corners[..count].iter().all(|c| edge.out(c[0], c[1]) < edge.offset + 1e-4));
        Self { edges, count, convex, low, high }
    }

    /// True when the outline has no dent.
    pub(super) fn convex(&self) -> bool {
        self.convex
    }

    /// Lowest and highest coordinates.
    pub(super) fn extent(&self) -> ([f32; 2], [f32; 2]) {
        (self.low, self.high)
    }

    #[inline]
    fn edges(&self) -> &[Edge] {
        &self.edges[..self.count]
    }

    /// Is the point inside? Counts the edges to its right.
    fn contains(&self, x: f32, y: f32) -> bool {
        let mut inside = false;
        let edges = self.edges();
        let mut last = edges[edges.len() - 1].from;
        for edge in edges {
            let (a, b) = (last, edge.from);
            if (a[1] > y) != (b[1] > y) && x < a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) {
                inside = !inside;
            }
            last = b;
        }
        inside
    }

    /// Signed distance to the outline (a lower bound outside a convex one) and the outward normal there.
    #[inline]
    fn nearest(&self, x: f32, y: f32) -> (f32, [f32; 2]) {
        if self.convex {
            let mut best = (f32::MIN, [0.0, 1.0]);
            for edge in self.edges() {
                let gap = edge.out(x, y) - edge.offset;
                if gap > best.0 {
                    best = (gap, edge.along);
                }
            }
            return (best.0, [best.1[1], -best.1[0]]);
        }
        let mut best = (f32::MAX, [0.0, 1.0]);
        for edge in self.edges() {
            let walk = edge.walk(x, y).clamp(0.0, edge.length);
            let (dx, dy) = (x - edge.from[0] - walk * edge.along[0], y - edge.from[1] - walk * edge.along[1]);
            let square = dx * dx + dy * dy;
            if square < best.0 {
                best = (square, edge.along);
            }
        }
        let gap = best.0.sqrt();
        (if self.contains(x, y) { -gap } else { gap }, [best.1[1], -best.1[0]])
    }
}

#[inline]
pub(super) fn hit(outline: &Outline, half: f32, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let inverse = 1.0 / direction.z;
    let (middle, reach) = (-origin.z * inverse, half * inverse.abs());
    let (near, far) = (middle - reach, middle + reach);
    if outline.convex {
        cut(outline, origin, direction, near, far, min)
    } else {
        walk(outline, origin, direction, near, far, min)
    }
}

/// The stretch of the ray inside every edge's plane and between the faces.
#[inline]
fn cut(outline: &Outline, origin: Vec3, direction: Vec3, mut near: f32, mut far: f32, min: f32) -> Option<f32> {
    for edge in outline.edges() {
        let rise = edge.out(direction.x, direction.y);
        let t = (edge.offset - edge.out(origin.x, origin.y)) / rise;
        if rise < 0.0 {
            near = larger(t, near);
        } else {
            far = smaller(t, far);
        }
        if near > far {
            return None;
        }
    }
    (near > min).then_some(near)
}

/// The front face or the first edge crossed inwards between the faces.
#[inline]
fn walk(outline: &Outline, origin: Vec3, direction: Vec3, near: f32, far: f32, min: f32) -> Option<f32> {
    if far < min {
        return None;
    }
    if near > min && outline.contains(origin.x + near * direction.x, origin.y + near * direction.y) {
        return Some(near);
    }
    let mut best = far;
    for edge in outline.edges() {
        let rise = edge.out(direction.x, direction.y);
        if rise >= 0.0 {
            continue;
        }
        let t = (edge.offset - edge.out(origin.x, origin.y)) / rise;
        if t > min && t > near && t < best {
            let along = edge.walk(origin.x + t * direction.x, origin.y + t * direction.y);
            if along >= 0.0 && along <= edge.length {
                best = t;
            }
        }
    }
    (best < far).then_some(best)
}

#[inline]
pub(super) fn normal(outline: &Outline, half: f32, p: Vec3) -> Vec3 {
    let (gap, side) = outline.nearest(p.x, p.y);
    let face = vec3(0.0, 0.0, if p.z < 0.0 { -1.0 } else { 1.0 });
    (vec3(side[0], side[1], 0.0) * bevel(-gap) + face * bevel(half - p.z.abs())).normalised()
}

#[inline]
pub(super) fn distance(outline: &Outline, half: f32, p: Vec3, far: f32) -> f32 {
    let face = p.z.abs() - half;
    let (low, high) = (outline.low, outline.high);
    let across = larger(low[0] - p.x, p.x - high[0]);
    let least = larger(larger(face, across), larger(low[1] - p.y, p.y - high[1]));
    if least > far {
        return least;
    }
    let (side, _) = outline.nearest(p.x, p.y);
    let (u, v) = (larger(side, 0.0), larger(face, 0.0));
    (u * u + v * v).sqrt() + smaller(larger(side, face), 0.0)
}
