//! Caustic refraction: the image under moving water, bent and lit by its waves (arXiv 2102.11273).
//!
//! A ray that the surface bends by little is not bent at all, so displacements begin with a jump.

use super::bar::{Levels, between, modulo, side, to_level, uniforms};
use super::bilinear::Plane;
use super::border::mirror;
use super::levels::{like, to_unit_single};
use super::smooth::{Gaussian, smooth};
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::stream;

/// The lens moves by this part of n / 2 pixels, the light by that of 2.
const STRENGTH: Levels = Levels::alone([2.35, 3.2, 4.9, 6.6, 9.15]);
/// The published constant, not 2π.
#[expect(clippy::approx_constant, reason = "the published code has these digits and no more")]
const PERIOD: f64 = 6.283_185_307_18;
const OFFSET: f64 = 250.0;
/// The refractive index.
const INDEX: f64 = 4.0;
/// What the smoothing of the caustics and their slopes reach beyond a pixel.
const REACH: usize = 5;

pub(super) const ENTRY: Corruption = Corruption {
    name: "caustic_refraction",
    title: "Caustic refraction",
    about: "The image lies under moving water, which bends and lights it.",
    constants: "the strength of lens and light; from ImageNet-C-bar alone",
    group: Group::Weather,
    set: Set::Bar,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    with_uniforms(image, severity, variant, uniforms(&mut stream(seed, 0, ENTRY.name)))
}

/// The water from numbers on [0, 1) for time and size.
pub fn with_uniforms(image: &Rgb8, severity: Severity, variant: Variant, u: [f64; 2]) -> Rgb8 {
    let n = side(image) as f64;
    let lens = STRENGTH.part(severity, variant, n / 2.0);
    let light = STRENGTH.part(severity, variant, 2.0);
    let (width, caustics) = water(image, u);
    let height = caustics.len() / width;
    let at = |y: Option<usize>, x: Option<usize>| match (y, x) {
        (Some(y), Some(x)) if y < height && x < width => caustics[y * width + x],
        _ => 0.0,
    };
    let values = to_unit_single(image);
    let plane = Plane { values: &values, width: image.width(), height: image.height() };
    let points = (0..image.height()).flat_map(|y| (0..image.width()).map(move |x| (y, x)));
    let lit = points.flat_map(|(y, x)| {
        let slope_x = at(Some(y), Some(x + 1)) - at(Some(y), x.checked_sub(1));
        let slope_y = at(Some(y + 1), Some(x)) - at(y.checked_sub(1), Some(x));
        let [dy, dx] = bent(slope_y, slope_x, lens);
        let (color, single) = plane.single(y as f64 + dy, x as f64 + dx);
        color.map(|value| {
            let lit = if single {
                f64::from((value as f32 + (-slope_x * light) as f32) + (slope_y * light) as f32)
            } else {
                (value - slope_x * light) + slope_y * light
            };
            to_level(lit.clamp(0.0, 1.0) * 255.0)
        })
    });
    like(image, lit)
}

/// Where a ray through a surface of these slopes goes, pixels down and to the right.
fn bent(slope_y: f64, slope_x: f64, lens: f64) -> [f64; 2] {
    let slope = libm::sqrt(slope_x * slope_x + slope_y * slope_y);
    // The cosine below is 1/√(1 + slope²): 0.999 at 0.0447.
    if slope < 0.044 {
        return [0.0, 0.0];
    }
    let angle = libm::atan(slope);
    if libm::cos(angle) >= 0.999 {
        return [0.0, 0.0];
    }
    let moved = lens * libm::sin(angle - libm::asin(libm::sin(angle) / INDEX));
    [slope_y, slope_x].map(|part| (moved * part / slope * 1000.0).round_ties_even() / 1000.0)
}

/// The smoothed caustics of the square of an image, `[n, n]`.
pub fn caustics(image: &Rgb8, u: [f64; 2]) -> Vec<f64> {
    let n = side(image);
    smoothed(n, n, n, u)
}

/// As much of the caustics as the image and the reach of its filters need, and their width.
fn water(image: &Rgb8, u: [f64; 2]) -> (usize, Vec<f64>) {
    let n = side(image);
    let (width, height) = ((image.width() + REACH).min(n), (image.height() + REACH).min(n));
    (width, smoothed(n, width, height, u))
}

fn smoothed(n: usize, width: usize, height: usize, u: [f64; 2]) -> Vec<f64> {
    let time = between(0.5, 2.0, u[0]);
    let size = between(0.75, 1.25, u[1]) * n as f64;
    let start = |at: usize| modulo(at as f64 / size, 1.0) * PERIOD - OFFSET;
    let waves = |at: usize| Waves::new(start(at), time);
    let (rows, columns): (Vec<Waves>, Vec<Waves>) = ((0..height).map(waves).collect(), (0..width).map(waves).collect());
    let points = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
    let mut values: Vec<f64> = points.map(|(row, column)| caustic([row, column], time)).collect();
    smooth(&mut values, width, 1, Gaussian { border: mirror, ..Gaussian::new(1.0) });
    values
}

/// A coordinate of the ground and the first round's waves there, which depend on nothing else.
struct Waves {
    q: f64,
    cos: [f64; 2],
    sin: [f64; 2],
}

/// The time of round 1 to 5.
fn time_of(round: i32, time: f64) -> f64 {
    time * (1.0 - 3.5 / f64::from(round))
}

impl Waves {
    fn new(q: f64, time: f64) -> Self {
        let t = time_of(1, time);
        Self { q, cos: [libm::cos(t - q), libm::cos(t + q)], sin: [libm::sin(t - q), libm::sin(t + q)] }
    }
}

/// The light at a point of the ground, from the waves of its row and its column.
fn caustic([row, column]: [&Waves; 2], time: f64) -> f64 {
    let q = [row.q, column.q];
    let mut i = [q[0] + (row.cos[0] + column.sin[1]), q[1] + (column.sin[0] + row.cos[1])];
    let mut c = 1.0;
    for round in 1..=5 {
        let t = time_of(round, time);
        if round > 1 {
            i = [
                q[0] + (libm::cos(t - i[0]) + libm::sin(t + i[1])),
                q[1] + (libm::sin(t - i[1]) + libm::cos(t + i[0])),
            ];
        }
        let part = |q: f64, wave: f64| (q * 0.005 / wave) * (q * 0.005 / wave);
        c += 1.0 / libm::sqrt(part(q[0], libm::sin(i[0] + t)) + part(q[1], libm::cos(i[1] + t)));
    }
    let light = (1.17 - libm::pow(c / 5.0, 1.4)).abs();
    let square = light * light;
    ((square * square) * (square * square)).clamp(0.0, 1.0)
}
