//! The shapes everything is built from, each exact against a ray.
//!
//! A primitive lives in its own frame, y up, centred at the origin. It answers four questions: where a ray first meets it,
//! which way the surface faces there, about how far a point is from it (for contact shadows), and how large it is.

mod capsule;
mod cone;
mod cuboid;
mod dome;
mod ellipsoid;
mod prism;
mod shell;
mod torus;
mod tube;

use ellipsoid::Axes;
pub(super) use prism::Outline;

use super::vector::{Vec3, vec3};

/// A shape in its own frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Primitive {
    /// Semi-axes.
    Ellipsoid(Axes),
    /// The upper half of an ellipsoid of these semi-axes, closed below at y = 0.
    Dome(Axes),
    /// An upper half-ellipsoid of these semi-axes, hollowed by a smaller one, open below at y = 0.
    Shell { outer: Axes, inner: Axes },
    /// Half-sides of a box.
    Cuboid(Vec3),
    /// A cylinder or a cone cut flat: radius at the bottom, radius at the top, half-height.
    Cone { bottom: f32, top: f32, half: f32 },
    /// A vertical segment from −half to half, thickened to `radius`.
    Capsule { half: f32, radius: f32 },
    /// A ring around the z axis; `open` keeps only x > 0, as a handle.
    Torus { ring: f32, tube: f32, open: bool },
    /// A cup: outer radius, wall thickness, half-height; open above.
    Tube { radius: f32, wall: f32, half: f32 },
    /// An outline in x–y, thickened to ±half along z.
    Prism { outline: Outline, half: f32 },
}

impl Primitive {
    /// An ellipsoid of these semi-axes.
    pub(super) fn ellipsoid(axes: Vec3) -> Self {
        Self::Ellipsoid(Axes::new(axes))
    }

    /// The upper half of such an ellipsoid.
    pub(super) fn dome(axes: Vec3) -> Self {
        Self::Dome(Axes::new(axes))
    }

    /// A hollow upper half of such an ellipsoid, its wall this thick.
    pub(super) fn shell(axes: Vec3, wall: f32) -> Self {
        Self::Shell { outer: Axes::new(axes), inner: Axes::new(axes - Vec3::splat(wall)) }
    }

    /// A ball.
    pub(super) fn ball(radius: f32) -> Self {
        Self::ellipsoid(Vec3::splat(radius))
    }

    /// The first crossing at a distance in `(min, max)` along a unit direction.
    #[inline]
    pub(super) fn hit(&self, origin: Vec3, direction: Vec3, min: f32, max: f32) -> Option<f32> {
        let t = match self {
            Self::Ellipsoid(axes) => ellipsoid::hit(axes, origin, direction, min),
            Self::Dome(axes) => dome::hit(axes, origin, direction, min),
            Self::Shell { outer, inner } => shell::hit(outer, inner, origin, direction, min),
            Self::Cuboid(half) => cuboid::hit(*half, origin, direction, min),
            Self::Cone { bottom, top, half } => cone::hit(*bottom, *top, *half, origin, direction, min),
            Self::Capsule { half, radius } => capsule::hit(*half, *radius, origin, direction, min),
            Self::Torus { ring, tube, open } => torus::hit(*ring, *tube, *open, origin, direction, min),
            Self::Tube { radius, wall, half } => tube::hit(*radius, *wall, *half, origin, direction, min),
            Self::Prism { outline, half } => prism::hit(outline, *half, origin, direction, min),
        }?;
        (t < max).then_some(t)
    }

    /// Unit normal at a point of the surface. Edges are rounded here, not in the silhouette.
    #[inline]
    pub(super) fn normal(&self, p: Vec3) -> Vec3 {
        match self {
            Self::Ellipsoid(axes) => ellipsoid::normal(axes, p),
            Self::Dome(axes) => dome::normal(axes, p),
            Self::Shell { outer, inner } => shell::normal(outer, inner, p),
            Self::Cuboid(half) => cuboid::normal(*half, p),
            Self::Cone { bottom, top, half } => cone::normal(*bottom, *top, *half, p),
            Self::Capsule { half, .. } => capsule::normal(*half, p),
            Self::Torus { ring, .. } => torus::normal(*ring, p),
            Self::Tube { radius, wall, half } => tube::normal(*radius, *wall, *half, p),
            Self::Prism { outline, half } => prism::normal(outline, *half, p),
        }
    }

    /// About the distance to the surface, negative inside; beyond `far` any larger number.
    #[inline(always)]
    pub(super) fn distance(&self, p: Vec3, far: f32) -> f32 {
        match self {
            Self::Ellipsoid(axes) => ellipsoid::distance(axes, p),
            Self::Dome(axes) => ellipsoid::distance(axes, p).max(-p.y),
            Self::Shell { outer, inner } => shell::distance(outer, inner, p),
            Self::Cuboid(half) => cuboid::distance(*half, p),
            Self::Cone { bottom, top, half } => cone::distance(*bottom, *top, *half, p),
            Self::Capsule { half, radius } => capsule::distance(*half, *radius, p),
            Self::Torus { ring, tube, .. } => torus::distance(*ring, *tube, p),
            Self::Tube { radius, wall, half } => tube::distance(*radius, *wall, *half, p),
            Self::Prism { outline, half } => prism::distance(outline, *half, p, far),
        }
    }

    /// Radius of the smallest ball around the middle of [`Self::extent`].
    pub(super) fn radius(&self) -> f32 {
        match self {
            Self::Ellipsoid(axes) => axes.longest(),
            Self::Capsule { half, radius } => half + radius,
            _ => {
                let (low, high) = self.extent();
                (high - low).length() * 0.5
            }
        }
    }

    /// True where no surface point can hide another.
    pub(super) fn convex(&self) -> bool {
        match self {
            Self::Torus { .. } | Self::Tube { .. } | Self::Shell { .. } => false,
            Self::Prism { outline, .. } => outline.convex(),
            _ => true,
        }
    }

    /// Opposite corners of the box around the shape.
    pub(super) fn extent(&self) -> (Vec3, Vec3) {
        match self {
            Self::Ellipsoid(axes) => symmetric(axes.size),
            Self::Dome(axes) | Self::Shell { outer: axes, .. } => (vec3(-axes.size.x, 0.0, -axes.size.z), axes.size),
            Self::Cuboid(half) => (-*half, *half),
            Self::Cone { bottom, top, half } => symmetric(vec3(bottom.max(*top), *half, bottom.max(*top))),
            Self::Capsule { half, radius } => symmetric(vec3(*radius, half + radius, *radius)),
            Self::Torus { ring, tube, open } => {
                let side = ring + tube;
                (vec3(if *open { 0.0 } else { -side }, -side, -tube), vec3(side, side, *tube))
            }
            Self::Tube { radius, half, .. } => symmetric(vec3(*radius, *half, *radius)),
            Self::Prism { outline, half } => {
                let (low, high) = outline.extent();
                (vec3(low[0], low[1], -half), vec3(high[0], high[1], *half))
            }
        }
    }
}

fn symmetric(half: Vec3) -> (Vec3, Vec3) {
    (-half, half)
}

/// Where the edge between two faces blends their normals: within this length of it.
const BEVEL: f32 = 0.035;

/// How strongly a face bends its normal towards a neighbour that lies `gap` away across the edge.
#[inline]
fn bevel(gap: f32) -> f32 {
    (1.0 - gap / BEVEL).clamp(0.0, 1.0)
}
