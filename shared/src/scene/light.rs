//! A sun with a visible disc, a sky above and a bounce from below.

use super::draw::Draw;
use super::part::Ball;
use super::vector::{Vec3, larger, smaller, vec3};

/// Directions to the sun's disc, enough that the steps of a soft shadow do not show.
pub(super) const RAYS: usize = 16;
/// The first few of them span the disc: when they agree, the rest are not asked.
pub(super) const SPAN: usize = 4;

/// From where, in degrees above the ground, and in which colour a sun may shine: warm above 0, cold below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sun {
    pub(super) elevation: (f32, f32),
    pub(super) warmth: (f32, f32),
}

/// The light of one scene.
#[derive(Clone, Debug)]
pub(super) struct Light {
    /// Towards the middle of the sun.
    pub(super) direction: Vec3,
    /// With `direction`, an upright frame.
    across: Vec3,
    along: Vec3,
    pub(super) disc: [Vec3; RAYS],
    /// Tangent of the sun's angular radius.
    pub(super) spread: f32,
    pub(super) sun: Vec3,
    pub(super) sky: Vec3,
    pub(super) bounce: Vec3,
}

/// A thing as the sun sees it: an upright box across the light, and a stretch along it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shade {
    low: [f32; 2],
    high: [f32; 2],
    ahead: f32,
    radius: f32,
}

impl Shade {
    /// May the thing hide part of a sun of tangent `spread` from the point the sun sees at `seen`?
    #[inline]
    pub(super) fn near(&self, seen: Vec3, spread: f32) -> bool {
        let ahead = self.ahead + self.radius - seen.z;
        let blur = spread * ahead;
        ahead > 0.0
            && seen.x > self.low[0] - blur
            && seen.x < self.high[0] + blur
            && seen.y > self.low[1] - blur
            && seen.y < self.high[1] + blur
    }
}

/// Points of the unit disc: three of the rim and the middle, then the rest of the rim and a ring between.
const DISC: [[f32; 2]; RAYS] = [
    [0.95, 0.22],
    [-0.67, 0.71],
    [-0.28, -0.93],
    [0.0, 0.0],
    [0.58, 0.78],
    [0.09, 0.97],
    [-0.97, 0.14],
    [-0.81, -0.53],
    [0.35, -0.91],
    [0.84, -0.47],
    [0.50, 0.22],
    [0.02, 0.54],
    [-0.44, 0.30],
    [-0.36, -0.33],
    [0.08, -0.50],
    [0.44, -0.28],
];

impl Light {
    /// Draws a light that comes from the camera's side, so that shading shows the shape, with one of `suns`. `azimuth` is the
    /// camera's.
    pub(super) fn draw(draw: &mut Draw, azimuth: f32, ground: Vec3, suns: &[Sun]) -> Self {
        // A choice of one takes no draw.
        let Sun { elevation, warmth } = match suns {
            [only] => *only,
            several => draw.pick(several),
        };
        let side = draw.sign() * draw.between(18.0, 100.0);
        let (sin, cos) = libm::sincosf(azimuth + side.to_radians());
        let (rise, flat) = libm::sincosf(draw.between(elevation.0, elevation.1).to_radians());
        let direction = vec3(sin * flat, rise, cos * flat);
        let spread = draw.between(0.03, 0.13);
        let across = Vec3::UP.cross(direction).normalised();
        let along = direction.cross(across);
        let disc = DISC.map(|[u, v]| (direction + across * (u * spread) + along * (v * spread)).normalised());

        let warmth = draw.between(warmth.0, warmth.1);
        let sun = vec3(1.0 + 0.6 * warmth, 1.0, 1.0 - 1.2 * warmth) * draw.between(1.7, 2.6);
        let cool = draw.between(0.0, 0.25);
        let sky = vec3(1.0 - cool, 1.0 - 0.3 * cool, 1.0 + 0.4 * cool) * draw.between(0.55, 1.0);
        let bounce = ground * (0.55 * sun.y * rise) + sky * 0.25;
        Self { direction, across, along, disc, spread, sun, sky, bounce }
    }

    /// A point seen from the sun: two coordinates across its direction, one along it.
    #[inline]
    pub(super) fn seen(&self, point: Vec3) -> Vec3 {
        vec3(point.dot(self.across), point.dot(self.along), point.dot(self.direction))
    }

    /// What `ball`, whose content lies within `corners`, may shade.
    pub(super) fn shade(&self, ball: &Ball, corners: impl Iterator<Item = Vec3>) -> Shade {
        let centre = self.seen(ball.centre);
        let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
        for corner in corners {
            let seen = self.seen(corner);
            low = [smaller(low[0], seen.x), smaller(low[1], seen.y)];
            high = [larger(high[0], seen.x), larger(high[1], seen.y)];
        }
        let radius = ball.radius;
        Shade {
            low: [larger(low[0], centre.x - radius), larger(low[1], centre.y - radius)],
            high: [smaller(high[0], centre.x + radius), smaller(high[1], centre.y + radius)],
            ahead: centre.z,
            radius,
        }
    }

    /// Light from all around on a surface facing `normal`.
    #[inline]
    pub(super) fn around(&self, normal: Vec3) -> Vec3 {
        self.bounce.mix(self.sky, 0.5 + 0.5 * normal.y)
    }
}
