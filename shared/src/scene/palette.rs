//! Colours, drawn without looking at the class.
//!
//! One base hue per scene. The setting is pale and quiet, the object darker or more saturated, as in a product photograph:
//! the outline can be seen, so that shape can be learnt, while the colours themselves say nothing about the class. Values are
//! display values squared, which stands for linear light.

use super::draw::Draw;
use super::noise::floor;
use super::vector::{Vec3, vec3};

/// All colours of one scene, linear.
#[derive(Clone, Copy, Debug)]
pub(super) struct Palette {
    /// Main, second and small-detail colour of the object, each with a companion for its texture.
    pub(super) object: [(Vec3, Vec3); 3],
    pub(super) ground: (Vec3, Vec3),
    pub(super) backdrop: (Vec3, Vec3),
    /// One colour per clutter item, reused in turn.
    pub(super) clutter: [Vec3; 4],
}

/// Steps around the colour wheel that look deliberate together.
const STEPS: [f32; 7] = [0.06, 0.12, 0.33, 0.42, 0.5, 0.58, 0.67];

impl Palette {
    pub(super) fn draw(draw: &mut Draw) -> Self {
        let hue = draw.unit();
        let ground = muted(draw, hue);
        let backdrop_hue = hue + draw.pick(&STEPS);
        let backdrop = muted(draw, backdrop_hue);
        let main = apart(draw, &[ground.0, backdrop.0], 0.30);
        let second = apart(draw, &[main.0, ground.0], 0.22);
        let detail = apart(draw, &[main.0, second.0], 0.30);
        let clutter = [(); 4].map(|()| {
            let (hue, saturation) = (draw.unit(), draw.between(0.05, 0.7));
            linear(hue, saturation, draw.between(0.25, 0.8))
        });
        Self { object: [main, second, detail], ground, backdrop, clutter }
    }
}

/// A quiet colour near `hue` and a companion of slightly different brightness.
fn muted(draw: &mut Draw, hue: f32) -> (Vec3, Vec3) {
    let saturation = draw.between(0.02, 0.22);
    let value = draw.between(0.74, 0.95);
    let step = -draw.between(0.03, 0.12);
    let shift = draw.between(-0.06, 0.06);
    (linear(hue, saturation, value), linear(hue + shift, saturation, value + step))
}

/// A colour at least `gap` away (in display values) from all of `others`, if twelve tries find one, and a companion.
fn apart(draw: &mut Draw, others: &[Vec3], gap: f32) -> (Vec3, Vec3) {
    let mut best = (-1.0, 0.0, 0.0, 0.0);
    for _ in 0..12 {
        let hue = draw.unit();
        let saturation = if draw.chance(0.15) { draw.between(0.0, 0.12) } else { draw.between(0.45, 0.9) };
        let value = draw.between(0.22, 0.72);
        let colour = display(hue, saturation, value);
        let nearest = others.iter().map(|other| (colour - root(*other)).length()).fold(f32::MAX, f32::min);
        if nearest > best.0 {
            best = (nearest, hue, saturation, value);
        }
        if nearest > gap {
            break;
        }
    }
    let (_, hue, saturation, value) = best;
    let companion = if draw.chance(0.35) {
        linear(hue + draw.pick(&STEPS), saturation * 0.8, draw.between(0.3, 0.75))
    } else {
        let step = draw.between(0.14, 0.3) * if value > 0.5 { -1.0 } else { 1.0 };
        linear(hue + 0.03, saturation, value + step)
    };
    (linear(hue, saturation, value), companion)
}

fn root(colour: Vec3) -> Vec3 {
    vec3(colour.x.sqrt(), colour.y.sqrt(), colour.z.sqrt())
}

fn linear(hue: f32, saturation: f32, value: f32) -> Vec3 {
    let colour = display(hue, saturation, value.clamp(0.08, 0.97));
    colour.times(colour)
}

/// Hue in turns, saturation and value in `[0, 1]`, to display red, green, blue.
fn display(hue: f32, saturation: f32, value: f32) -> Vec3 {
    let channel = |shift: f32| {
        let (_, turn) = floor(hue + shift);
        let ramp = ((turn * 6.0 - 3.0).abs() - 1.0).clamp(0.0, 1.0);
        value * (1.0 - saturation + saturation * ramp)
    };
    vec3(channel(0.0), channel(2.0 / 3.0), channel(1.0 / 3.0))
}
