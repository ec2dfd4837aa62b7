//! Everything behind the object: the ground it stands on, and a wall, a sky or a studio sweep behind.

use super::draw::Draw;
use super::noise::Noise;
use super::palette::Palette;
use super::texture::{Pattern, Texture};
use super::vector::{Rotation, Vec3, smoothstep, vec3};
use std::f32::consts::{FRAC_PI_2, TAU};

/// What closes the view.
#[derive(Clone, Copy, Debug)]
pub(super) enum Behind {
    /// An upright plane `{p : p·normal = −distance}` facing the scene.
    Wall { normal: Vec3, distance: f32, texture: Texture },
    /// A gradient from the horizon up, with soft clouds; the ground fades into the horizon.
    Sky { horizon: Vec3, zenith: Vec3, cloud: Vec3, scale: f32, offset: Vec3 },
    /// The ground bends up into one even colour.
    Sweep { colour: Vec3, top: Vec3 },
}

/// The setting of one scene.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backdrop {
    pub(super) ground: Texture,
    pub(super) behind: Behind,
}

const GROUNDS: [Pattern; 9] = [
    Pattern::Plain,
    Pattern::Checker,
    Pattern::Stripes,
    Pattern::Clouds,
    Pattern::Clouds,
    Pattern::Marble,
    Pattern::Speckle,
    Pattern::Boards,
    Pattern::Boards,
];

const WALLS: [Pattern; 8] = [
    Pattern::Plain,
    Pattern::Stripes,
    Pattern::Bricks,
    Pattern::Bricks,
    Pattern::Clouds,
    Pattern::Checker,
    Pattern::Marble,
    Pattern::Speckle,
];

impl Backdrop {
    /// `towards` points level from the object to the camera; `azimuth` is the camera's.
    pub(super) fn draw(draw: &mut Draw, palette: &Palette, towards: Vec3, azimuth: f32) -> Self {
        let turn = draw.between(0.0, TAU);
        let scale = draw.between(0.8, 2.4);
        let mut ground = Texture::draw(draw, &GROUNDS, palette.ground, scale, lying(turn));
        // In the middle of a layer, so that a checkerboard does not change sides within the floor.
        ground.offset.z = 0.5;
        let (colour, other) = palette.backdrop;
        let behind = match draw.index(5) {
            0 | 1 => {
                let turn = azimuth + draw.between(-0.5, 0.5);
                let (sin, cos) = libm::sincosf(turn);
                let normal = vec3(sin, 0.0, cos).mix(towards, 0.3).normalised();
                let rotation = Rotation { x: Vec3::UP.cross(normal), y: Vec3::UP, z: normal };
                let scale = draw.between(0.8, 2.2);
                let mut texture = Texture::draw(draw, &WALLS, (colour, other), scale, rotation);
                let distance = draw.between(1.9, 4.0);
                texture.offset.z = 0.5 + distance * scale;
                Behind::Wall { normal, distance, texture }
            }
            2 | 3 => {
                let cloud = colour.mix(Vec3::splat(0.9), draw.between(0.2, 0.8));
                let horizon = colour.mix(Vec3::splat(0.85), draw.between(0.1, 0.6));
                let (scale, offset) = (draw.between(2.0, 6.0), draw.offset(30.0));
                Behind::Sky { horizon, zenith: colour, cloud, scale, offset }
            }
            _ => Behind::Sweep { colour, top: other },
        };
        Self { ground, behind }
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
            Behind::Sweep { colour, top } => colour.mix(*top, smoothstep(-0.3, 0.5, direction.y)),
        }
    }

    /// A cheap stand-in for [`Self::far`], smooth, for mirrors.
    pub(super) fn reflected(&self, direction: Vec3) -> Vec3 {
        let (low, high) = match &self.behind {
            Behind::Wall { texture, .. } => (texture.first, texture.second),
            Behind::Sky { horizon, zenith, .. } => (*horizon, *zenith),
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
