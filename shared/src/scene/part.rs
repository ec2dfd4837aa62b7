//! A primitive set in the world, with its finish.

use super::primitive::Primitive;
use super::vector::{Rotation, Vec3, vec3};

/// Which of the object's three finishes a part wears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    /// The largest surface.
    Main = 0,
    /// The second surface.
    Second = 1,
    /// Small parts.
    Detail = 2,
}

/// A placed primitive. Its bounding ball is kept for quick rejection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) primitive: Primitive,
    place: Vec3,
    rotation: Rotation,
    turned: bool,
    /// No point of its surface hides another from outside.
    pub(super) convex: bool,
    pub(super) ball: Ball,
    /// Index into the scene's materials.
    pub(super) material: usize,
}

impl Part {
    /// `primitive` centred at `place`, upright.
    pub(super) fn new(primitive: Primitive, place: Vec3, material: usize) -> Self {
        Self::build(primitive, place, Rotation::NONE, false, material)
    }

    /// `primitive` turned by `rotation`, then centred at `place`.
    pub(super) fn turned(primitive: Primitive, place: Vec3, rotation: Rotation, material: usize) -> Self {
        Self::build(primitive, place, rotation, true, material)
    }

    #[inline(never)]
    fn build(primitive: Primitive, place: Vec3, rotation: Rotation, turned: bool, material: usize) -> Self {
        let (low, high) = primitive.extent();
        let centre = place + rotation.apply((low + high) * 0.5);
        let radius = primitive.radius();
        let convex = primitive.convex();
        Self { primitive, place, rotation, turned, convex, ball: Ball { centre, radius }, material }
    }

    /// The part with everything it belongs to turned by `rotation` about the origin, then shifted by `shift`.
    pub(super) fn moved(self, rotation: Rotation, shift: Vec3) -> Self {
        let place = rotation.apply(self.place) + shift;
        Self::turned(self.primitive, place, rotation.after(self.rotation), self.material)
    }

    /// The eight corners of the part's own box, in the world.
    pub(super) fn corners(&self) -> [Vec3; 8] {
        let (low, high) = self.primitive.extent();
        std::array::from_fn(|i| {
            let pick = |bit: usize, low: f32, high: f32| if i & bit == 0 { low } else { high };
            let corner = vec3(pick(1, low.x, high.x), pick(2, low.y, high.y), pick(4, low.z, high.z));
            self.place + self.rotation.apply(corner)
        })
    }

    /// A point of the world in the part's own frame.
    #[inline]
    pub(super) fn local_point(&self, point: Vec3) -> Vec3 {
        self.local_direction(point - self.place)
    }

    /// A direction of the world in the part's own frame.
    #[inline]
    pub(super) fn local_direction(&self, direction: Vec3) -> Vec3 {
        if self.turned { self.rotation.undo(direction) } else { direction }
    }

    /// Unit normal at a surface point.
    #[inline]
    pub(super) fn normal(&self, p: Vec3) -> Vec3 {
        let normal = self.primitive.normal(self.local_point(p));
        if self.turned { self.rotation.apply(normal) } else { normal }
    }

    /// About the distance to the surface; beyond `far` any larger number.
    // Always inlined, as are `Primitive::distance` and `World::trace`: points then stay in registers, which is a tenth of
    // a scene's time.
    #[inline(always)]
    pub(super) fn distance(&self, p: Vec3, far: f32) -> f32 {
        self.primitive.distance(self.local_point(p), far)
    }
}

/// A bounding ball.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ball {
    pub(super) centre: Vec3,
    pub(super) radius: f32,
}

impl Ball {
    /// A ball around all `parts`, centred in their common box.
    pub(super) fn around(parts: &[Part]) -> Self {
        let mut low = Vec3::splat(f32::MAX);
        let mut high = Vec3::splat(f32::MIN);
        for ball in parts.iter().map(|part| part.ball) {
            let (a, b) = (ball.centre - Vec3::splat(ball.radius), ball.centre + Vec3::splat(ball.radius));
            low = vec3(low.x.min(a.x), low.y.min(a.y), low.z.min(a.z));
            high = vec3(high.x.max(b.x), high.y.max(b.y), high.z.max(b.z));
        }
        let centre = (low + high) * 0.5;
        let radius = parts.iter().map(|part| (part.ball.centre - centre).length() + part.ball.radius);
        Self { centre, radius: radius.fold(0.0, f32::max) }
    }

    /// Does the ball reach within `far` of `point`?
    #[inline]
    pub(super) fn near(&self, point: Vec3, far: f32) -> bool {
        let to = point - self.centre;
        let reach = self.radius + far;
        to.dot(to) < reach * reach
    }
}
