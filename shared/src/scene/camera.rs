//! Where the scene is seen from, and how the object is framed.
//!
//! The camera circles the object at a chosen azimuth and elevation. Its distance is solved so that the object's projected
//! box has the wanted size; then the image plane is shifted so that the box lies at the wanted place, anywhere in the image.

use super::draw::Draw;
use super::object::Pose;
use super::part::Part;
use super::vector::{Vec3, vec3};

/// Wanted √(width · height) of the object's box, as a fraction of the image's side.
const SIZE: (f32, f32) = (0.54, 0.80);
/// The box's longer side never takes more than this fraction.
const LARGEST: f32 = 0.88;
/// The box keeps this far from the image's edge.
const MARGIN: f32 = 0.02;

/// A pinhole with a shifted image plane. Image coordinates run from −1 to 1, y up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Camera {
    pub(super) origin: Vec3,
    right: Vec3,
    up: Vec3,
    forward: Vec3,
    /// Image units per unit of slope: larger is narrower.
    pub(super) focal: f32,
    shift: [f32; 2],
    /// Azimuth in radians, 0 on the object's front (+z).
    pub(super) azimuth: f32,
}

/// A box in image coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    low: [f32; 2],
    high: [f32; 2],
}

impl Window {
    /// The whole image.
    pub(super) const IMAGE: Self = Self { low: [-1.0; 2], high: [1.0; 2] };

    #[inline]
    pub(super) fn holds(&self, [x, y]: [f32; 2]) -> bool {
        x >= self.low[0] && x <= self.high[0] && y >= self.low[1] && y <= self.high[1]
    }

    /// Do the two have a place in common?
    pub(super) fn meets(&self, other: &Self) -> bool {
        (0..2).all(|axis| self.low[axis] <= other.high[axis] && other.low[axis] <= self.high[axis])
    }

    /// The place at these shares of its width and height.
    pub(super) fn at(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.low[0] + (self.high[0] - self.low[0]) * x, self.low[1] + (self.high[1] - self.low[1]) * y]
    }
}

impl Camera {
    /// Draws a view of `parts` within the class's `pose`.
    pub(super) fn draw(draw: &mut Draw, parts: &[Part], pose: &Pose) -> Self {
        let front = draw.pick(pose.fronts);
        let azimuth = (front + draw.between(-pose.spread, pose.spread)).to_radians();
        let elevation = draw.between(pose.elevation.0, pose.elevation.1).to_radians();
        let roll = draw.between(-7.0, 7.0).to_radians();
        let half_view = draw.between(13.0, 25.0).to_radians();
        let size = draw.between(SIZE.0, SIZE.1);
        let place = [draw.between(-1.0, 1.0), draw.between(-1.0, 1.0)];

        let (sin, cos) = libm::sincosf(azimuth);
        let (rise, flat) = libm::sincosf(elevation);
        let forward = vec3(-sin * flat, -rise, -cos * flat);
        let level = vec3(cos, 0.0, -sin);
        let upright = level.cross(forward);
        let (lean, straight) = libm::sincosf(roll);
        let right = level * straight + upright * lean;
        let up = upright * straight - level * lean;
        let focal = 1.0 / libm::tanf(half_view);
        let mut camera = Self { origin: Vec3::ZERO, right, up, forward, focal, shift: [0.0; 2], azimuth };

        let corners: Vec<Vec3> = parts.iter().flat_map(Part::corners).collect();
        let centre = middle(&corners);
        let mut distance = 2.0 * focal;
        let mut view = ([0.0; 2], [0.0; 2]);
        for _ in 0..4 {
            camera.origin = centre - forward * distance;
            view = camera.frame(&corners);
            let (width, height) = (0.5 * (view.1[0] - view.0[0]), 0.5 * (view.1[1] - view.0[1]));
            let ratio = ((width * height).sqrt() / size).max(width.max(height) / LARGEST);
            distance *= ratio;
        }
        for (axis, place) in place.into_iter().enumerate() {
            let half = 0.5 * (view.1[axis] - view.0[axis]);
            let slack = (1.0 - 2.0 * MARGIN - half).max(0.0);
            camera.shift[axis] = slack * place - 0.5 * (view.0[axis] + view.1[axis]);
        }
        camera
    }

    /// The unit direction through image coordinates `[x, y]`.
    #[inline]
    pub(super) fn ray(&self, [x, y]: [f32; 2]) -> Vec3 {
        let (u, v) = (x - self.shift[0], y - self.shift[1]);
        (self.forward * self.focal + self.right * u + self.up * v).normalised()
    }

    /// The direction from the object towards the camera, level with the ground.
    pub(super) fn towards(&self) -> Vec3 {
        vec3(-self.forward.x, 0.0, -self.forward.z).normalised()
    }

    /// The part of the image that `parts` can appear in.
    pub(super) fn window<'a>(&self, parts: impl IntoIterator<Item = &'a Part>) -> Window {
        let corners: Vec<Vec3> = parts.into_iter().flat_map(Part::corners).collect();
        let (low, high) = self.frame(&corners);
        Window {
            low: [low[0] + self.shift[0], low[1] + self.shift[1]],
            high: [high[0] + self.shift[0], high[1] + self.shift[1]],
        }
    }

    /// Box of the projected `points`.
    fn frame(&self, points: &[Vec3]) -> ([f32; 2], [f32; 2]) {
        points.iter().fold(([f32::MAX; 2], [f32::MIN; 2]), |(low, high), point| {
            let to = *point - self.origin;
            let depth = to.dot(self.forward).max(0.1);
            let (x, y) = (self.focal * to.dot(self.right) / depth, self.focal * to.dot(self.up) / depth);
            ([low[0].min(x), low[1].min(y)], [high[0].max(x), high[1].max(y)])
        })
    }
}

fn middle(points: &[Vec3]) -> Vec3 {
    let (low, high) = points.iter().fold((Vec3::splat(f32::MAX), Vec3::splat(f32::MIN)), |(low, high), p| {
        (vec3(low.x.min(p.x), low.y.min(p.y), low.z.min(p.z)), vec3(high.x.max(p.x), high.y.max(p.y), high.z.max(p.z)))
    });
    (low + high) * 0.5
}
