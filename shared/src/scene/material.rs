//! What a surface is made of: a solid texture and a gloss.

use super::draw::Draw;
use super::texture::{Pattern, Texture};
use super::vector::{Rotation, Vec3};
use std::f32::consts::FRAC_PI_2;

/// A texture with a specular finish.
#[derive(Clone, Copy, Debug)]
pub(super) struct Material {
    pub(super) texture: Texture,
    /// Strength of the sun's highlight.
    pub(super) gloss: f32,
    /// The highlight's exponent is `2^sharpness`.
    pub(super) sharpness: u32,
    /// Fraction of the surroundings mirrored head-on; grows towards grazing angles.
    pub(super) mirror: f32,
}

impl Material {
    /// A finish for a large surface, in one of `patterns`.
    pub(super) fn textured(draw: &mut Draw, patterns: &[Pattern], colours: (Vec3, Vec3)) -> Self {
        let scale = draw.between(2.6, 6.0);
        let rotation = match draw.index(4) {
            0 => Rotation::about_x(FRAC_PI_2),
            1 => Rotation::about_z(FRAC_PI_2),
            2 => Rotation::about_z(draw.between(0.3, 1.2)),
            _ => Rotation::NONE,
        };
        let texture = Texture::draw(draw, patterns, colours, scale, rotation);
        Self::finished(draw, texture)
    }

    /// A finish in nearly one colour, for small parts and clutter.
    pub(super) fn plain(draw: &mut Draw, colour: Vec3) -> Self {
        let colours = (colour, colour * 0.6);
        let texture = Texture::draw(draw, &[Pattern::Plain], colours, 4.0, Rotation::NONE);
        Self::finished(draw, texture)
    }

    fn finished(draw: &mut Draw, texture: Texture) -> Self {
        let (gloss, sharpness, mirror) = match draw.index(3) {
            0 => (0.05, 3, 0.0),
            1 => (0.35, 5, 0.03),
            _ => (0.9, 7, 0.07),
        };
        Self { texture, gloss, sharpness, mirror }
    }
}
