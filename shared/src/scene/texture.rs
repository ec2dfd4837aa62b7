//! Solid procedural textures: a colour for every point in space.
//!
//! Each pattern is a mask in `[0, 1]` between two colours. `footprint` is the width of a pixel on the surface: edges are
//! softened over it and patterns finer than it fade to their mean, so that small images do not alias.

use super::draw::Draw;
use super::noise::{Noise, floor, lattice};
use super::vector::{Rotation, Vec3, smoothstep, vec3};

/// The shape of a texture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pattern {
    /// One colour with a faint mottle.
    Plain,
    /// Cubes in alternation.
    Checker,
    /// Slabs across the local y axis.
    Stripes,
    /// Soft clouds.
    Clouds,
    /// Sharp-edged veins through clouds.
    Marble,
    /// Rings about the local y axis.
    Wood,
    /// Small blots.
    Speckle,
    /// Rows of bricks in the local x–y plane, with mortar.
    Bricks,
    /// Long boards along local x, laid side by side in y.
    Boards,
    /// Balls on a lattice, cut wherever the surface lies.
    Dots,
    /// Stripes that bend to and fro.
    Zigzag,
    /// Strands in blocks, each block across its neighbours.
    Weave,
    /// A curtain that hangs along the local y axis.
    Folds,
}

/// A pattern, its two linear colours and its place in space.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texture {
    pub(super) pattern: Pattern,
    pub(super) first: Vec3,
    pub(super) second: Vec3,
    /// Pattern units per unit of length.
    pub(super) scale: f32,
    pub(super) rotation: Rotation,
    pub(super) offset: Vec3,
}

impl Texture {
    /// One of `patterns` in the two given colours, `scale` units per length, turned by `rotation`, shifted at random.
    pub(super) fn draw(
        draw: &mut Draw,
        patterns: &[Pattern],
        colours: (Vec3, Vec3),
        scale: f32,
        rotation: Rotation,
    ) -> Self {
        let pattern = draw.pick(patterns);
        Self { pattern, first: colours.0, second: colours.1, scale, rotation, offset: draw.offset(40.0) }
    }

    /// Linear colour at `point`.
    pub(super) fn colour(&self, point: Vec3, footprint: f32, noise: &mut Noise) -> Vec3 {
        let p = self.rotation.undo(point) * self.scale + self.offset;
        let width = footprint * self.scale;
        let share = match self.pattern {
            Pattern::Plain => 0.35 * noise.plain(p * 1.7),
            Pattern::Checker => {
                let sign = |v: f32| 2.0 * square(v, width) - 1.0;
                0.5 + 0.5 * sign(p.x) * sign(p.y) * sign(p.z)
            }
            Pattern::Stripes => square(p.y, width),
            Pattern::Clouds => smoothstep(0.2, 0.8, noise.fractal(p)),
            Pattern::Marble => {
                let vein = (2.0 * noise.fractal(p * 0.9) - 1.0).abs();
                1.0 - smoothstep(0.02, 0.16 + width, vein)
            }
            Pattern::Wood => {
                let (x, z) = (p.x - self.offset.x + 3.0, p.z - self.offset.z + 2.0);
                let rings = (x * x + z * z).sqrt() * 1.6 + 1.2 * noise.plain(vec3(p.x * 0.6, p.y * 0.25, p.z * 0.6));
                let (_, saw) = floor(rings);
                let ring = smoothstep(0.0, 0.75, saw) * (1.0 - smoothstep(0.85, 1.0, saw));
                fade(ring, 0.4, width * 1.6)
            }
            Pattern::Speckle => fade(smoothstep(0.62, 0.7 + 0.5 * width, noise.plain(p * 3.0)), 0.2, width * 2.0),
            Pattern::Bricks => {
                let (row, v) = floor(p.y * 1.6);
                let (column, u) = floor(p.x * 0.8 + 0.5 * (row & 1) as f32);
                let joint = edge(u, 0.04, width * 0.8).max(edge(v, 0.08, width * 1.6));
                fade(joint.max(0.35 * lattice(column, row, 7)), 0.3, width * 1.2)
            }
            Pattern::Boards => {
                let (board, v) = floor(p.y);
                let (_, u) = floor(p.x * 0.2 + lattice(board, 3, 5));
                let joint = edge(v, 0.03, width).max(edge(u, 0.005, width * 0.2));
                let grain = 0.5 * noise.plain(vec3(p.x * 0.7, p.y * 6.0, board as f32 * 9.0));
                fade((0.45 * lattice(board, 11, 2) + 0.6 * grain).max(joint), 0.35, width * 1.2)
            }
            Pattern::Dots => {
                let centre = |v: f32| floor(v).1 - 0.5;
                let gap = vec3(centre(p.x), centre(p.y), centre(p.z)).length();
                fade(((0.38 - gap) / (width + 0.02) + 0.5).clamp(0.0, 1.0), 0.3, width)
            }
            Pattern::Zigzag => square(p.y * 1.5 + 1.5 * ramp(p.x + p.z), width * 2.0),
            Pattern::Weave => {
                let ((column, _), (row, _), (layer, _)) = (floor(p.x), floor(p.y), floor(p.z));
                let along = if (column + row + layer) & 1 == 0 { p.x } else { p.y };
                square(along * 4.0, width * 4.0)
            }
            Pattern::Folds => {
                let swing = 1.2 * noise.plain(vec3(p.x * 0.5, p.y * 0.12, 0.0));
                // Deeper than the second colour, as folds of a cloth are.
                2.2 * smoothstep(0.0, 1.0, ramp(p.x * 0.8 + swing))
            }
        };
        self.first.mix(self.second, share)
    }
}

/// A triangle wave of period two between 0 and 1.
#[inline]
fn ramp(value: f32) -> f32 {
    let (_, phase) = floor(value * 0.5);
    1.0 - (2.0 * phase - 1.0).abs()
}

/// A square wave of period two, its edges as wide as a pixel, fading to a half when pixels outgrow it.
#[inline]
fn square(value: f32, width: f32) -> f32 {
    let sharp = ((ramp(value) - 0.5) / (width + 1e-3) + 0.5).clamp(0.0, 1.0);
    fade(sharp, 0.5, width)
}

/// How much of a joint of half-width `half` at 0 ≡ 1 covers `phase`.
#[inline]
fn edge(phase: f32, half: f32, width: f32) -> f32 {
    let distance = phase.min(1.0 - phase);
    ((half - distance) / (width + 1e-3) + 0.5).clamp(0.0, 1.0)
}

/// `value` while pixels are small against the pattern, `mean` once they are not.
#[inline]
fn fade(value: f32, mean: f32, width: f32) -> f32 {
    value + (mean - value) * smoothstep(0.4, 1.4, width)
}
