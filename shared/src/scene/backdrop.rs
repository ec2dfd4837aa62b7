//! Everything behind the object: the ground it stands on, and a wall, a sky or a studio sweep behind.

use super::camera::Camera;
use super::draw::Draw;
use super::families::Families;
use super::noise::Noise;
use super::palette::Palette;
use super::texture::Texture;
use super::vector::{Rotation, Vec3, smoothstep, vec3};
use std::f32::consts::{FRAC_PI_2, TAU};

/// What closes the view.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behind {
    /// An upright plane `{p : p·normal = −distance}` facing the scene.
    Wall { normal: Vec3, distance: f32, texture: Texture },
    /// A gradient from the horizon up, with soft clouds; the ground fades into the horizon.
    Sky { horizon: Vec3, zenith: Vec3, cloud: Vec3, scale: f32, offset: Vec3 },
    /// A clear sky over a ridge of hills; the ground fades into their haze.
    Hills { haze: Vec3, zenith: Vec3, hill: Vec3, height: f32, offset: Vec3 },
    /// The ground bends up into one even colour.
    Sweep { colour: Vec3, top: Vec3 },
}

/// Kinds of [`Behind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Wall,
    Sky,
    Hills,
    Sweep,
}

/// The setting of one scene.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backdrop {
    pub(super) ground: Texture,
    pub(super) behind: Behind,
}

impl Backdrop {
    pub(super) fn draw(draw: &mut Draw, palette: &Palette, camera: &Camera, families: &Families) -> Self {
        let turn = draw.between(0.0, TAU);
        let scale = draw.between(0.8, 2.4);
        let mut ground = Texture::draw(draw, families.grounds, palette.ground, scale, lying(turn));
        // In the middle of a layer, so that a checkerboard does not change sides within the floor.
        ground.offset.z = 0.5;
        let (colour, other) = palette.backdrop;
        let behind = match draw.pick(families.places) {
            Place::Wall => {
                let turn = camera.azimuth + draw.between(-0.5, 0.5);
                let (sin, cos) = libm::sincosf(turn);
                let normal = vec3(sin, 0.0, cos).mix(camera.towards(), 0.3).normalised();
                let rotation = Rotation { x: Vec3::UP.cross(normal), y: Vec3::UP, z: normal };
                let scale = draw.between(0.8, 2.2);
                let mut texture = Texture::draw(draw, families.walls, (colour, other), scale, rotation);
                let distance = draw.between(1.9, 4.0);
                texture.offset.z = 0.5 + distance * scale;
                Behind::Wall { normal, distance, texture }
            }
            Place::Sky => {
                let cloud = colour.mix(Vec3::splat(0.9), draw.between(0.2, 0.8));
                let horizon = colour.mix(Vec3::splat(0.85), draw.between(0.1, 0.6));
                let (scale, offset) = (draw.between(2.0, 6.0), draw.offset(30.0));
                Behind::Sky { horizon, zenith: colour, cloud, scale, offset }
            }
            Place::Hills => {
                let haze = colour.mix(Vec3::splat(0.85), draw.between(0.3, 0.7));
                let hill = other * draw.between(0.35, 0.6);
                Behind::Hills {
                    haze,
                    zenith: colour,
                    hill,
                    height: draw.between(0.06, 0.16),
                    offset: draw.offset(30.0),
                }
            }
            Place::Sweep => Behind::Sweep { colour, top: other },
        };
        Self { ground, behind }
    }

    /// How far `point` is before the wall, if there is one.
    pub(super) fn room(&self, point: Vec3) -> f32 {
        match &self.behind {
            Behind::Wall { normal, distance, .. } => point.dot(*normal) + distance,
            _ => f32::INFINITY,
        }
    }

    /// Colour of a ray that leaves the scene, and of mirrored surroundings.
    pub(super) fn far(&self, direction: Vec3, noise: &mut Noise) -> Vec3 {
        match &self.behind {
            Behind::Wall { texture, .. } => texture.first,
            Behind::Sky { horizon, zenith, cloud, scale, offset } => {
                let height = direction.y.max(0.0);
                let base = horizon.mix(*zenith, smoothstep(0.0, 0.5, height));
                let spot = vec3(direction.x, direction.y * 2.5, direction.z) * *scale + *offset;
                base.mix(*cloud, 0.7 * smoothstep(0.45, 0.75, noise.fractal(spot)))
            }
            Behind::Hills { haze, zenith, hill, height, offset } => {
                let flat = (direction.x * direction.x + direction.z * direction.z).sqrt();
                let around = vec3(direction.x, 0.0, direction.z) * (5.0 / flat) + *offset;
                let ridge = height * (0.3 + noise.fractal(around));
                let rise = direction.y / flat;
                let sky = haze.mix(*zenith, smoothstep(0.0, 0.5, rise));
                // Haze lies in the valleys; the ridge is soft enough not to show steps.
                let slope = hill.mix(*haze, 0.75 - 0.6 * smoothstep(0.0, 0.2, rise));
                slope.mix(sky, smoothstep(-0.004, 0.004, rise - ridge))
            }
            Behind::Sweep { colour, top } => colour.mix(*top, smoothstep(-0.3, 0.5, direction.y)),
        }
    }

    /// A cheap stand-in for [`Self::far`], smooth, for mirrors.
    pub(super) fn reflected(&self, direction: Vec3) -> Vec3 {
        let (low, high) = match &self.behind {
            Behind::Wall { texture, .. } => (texture.first, texture.second),
            Behind::Sky { horizon, zenith, .. } => (*horizon, *zenith),
            Behind::Hills { haze, zenith, .. } => (*haze, *zenith),
            Behind::Sweep { colour, top } => (*colour, *top),
        };
        let above = low.mix(high, direction.y.max(0.0)) + Vec3::splat(0.25 * smoothstep(0.1, 0.8, direction.y));
        self.ground.first.mix(above, smoothstep(-0.12, 0.12, direction.y))
    }
}

/// Patterns live in their x–y plane: the floor takes x and z for it, turned by `angle`.
fn lying(angle: f32) -> Rotation {
    Rotation::about_y(angle).after(Rotation::about_x(FRAC_PI_2))
}
