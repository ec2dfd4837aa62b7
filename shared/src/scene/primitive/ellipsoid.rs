//! Spheres and ellipsoids about the origin: a unit sphere after dividing by the semi-axes.

use crate::scene::vector::{Vec3, smaller};

/// Semi-axes, with their reciprocals at hand.
#[derive(Clone, Copy, Debug)]
pub(in crate::scene) struct Axes {
    pub(super) size: Vec3,
    inverse: Vec3,
}

impl Axes {
    pub(in crate::scene) fn new(size: Vec3) -> Self {
        Self { size, inverse: size.inverse() }
    }

    /// The longest.
    pub(super) fn longest(&self) -> f32 {
        self.size.x.max(self.size.y).max(self.size.z)
    }

    /// 1 on the surface, less inside.
    #[inline]
    pub(super) fn level(&self, p: Vec3) -> f32 {
        p.times(self.inverse).length()
    }

    /// `[a, b, root]`: the ray crosses at `(−b ∓ root) / a`; `None` where it misses.
    #[inline]
    pub(super) fn crossings(&self, origin: Vec3, direction: Vec3) -> Option<[f32; 3]> {
        let (o, d) = (origin.times(self.inverse), direction.times(self.inverse));
        let (a, b, c) = (d.dot(d), o.dot(d), o.dot(o) - 1.0);
        let square = b * b - a * c;
        (square > 0.0).then(|| [a, b, square.sqrt()])
    }
}

#[inline]
pub(super) fn hit(axes: &Axes, origin: Vec3, direction: Vec3, min: f32) -> Option<f32> {
    let [a, b, root] = axes.crossings(origin, direction)?;
    let near = (-b - root) / a;
    (near > min).then_some(near)
}

#[inline]
pub(super) fn normal(axes: &Axes, p: Vec3) -> Vec3 {
    p.times(axes.inverse).times(axes.inverse).normalised()
}

#[inline]
pub(super) fn distance(axes: &Axes, p: Vec3) -> f32 {
    let scaled = p.times(axes.inverse);
    let (level, slope) = (scaled.length(), scaled.times(axes.inverse).length());
    if slope > 0.0 { level * (level - 1.0) / slope } else { -smaller(smaller(axes.size.x, axes.size.y), axes.size.z) }
}
