//! Value noise on an integer lattice: the grain of every procedural texture.

use super::vector::{Vec3, vec3};

/// Largest whole number not above `value`, and what is left; for |value| below four million.
///
/// Adding 1.5 · 2²³ leaves the nearest whole number in the lowest bits: shorter than a cast, which has to saturate.
#[inline]
pub(super) fn floor(value: f32) -> (i32, f32) {
    const SHIFT: f32 = 12_582_912.0;
    let shifted = value + SHIFT;
    let nearest = shifted - SHIFT;
    let whole = shifted.to_bits().wrapping_sub(SHIFT.to_bits()) as i32;
    if nearest > value { (whole.wrapping_sub(1), value - (nearest - 1.0)) } else { (whole, value - nearest) }
}

/// A fixed pseudo-random number in `[0, 1)` for each lattice point.
#[inline]
pub(super) fn lattice(x: i32, y: i32, z: i32) -> f32 {
    mixed(
        (x as u32).wrapping_mul(0x9E37_79B1)
            ^ (y as u32).wrapping_mul(0x85EB_CA77)
            ^ (z as u32).wrapping_mul(0xC2B2_AE3D),
    )
}

#[inline]
fn mixed(mut bits: u32) -> f32 {
    bits ^= bits >> 15;
    bits = bits.wrapping_mul(0x2C1B_3C6D);
    bits ^= bits >> 13;
    bits = bits.wrapping_mul(0x297A_2D39);
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Smooth noise in `[0, 1)` with features about one unit wide.
#[inline]
pub(super) fn noise(p: Vec3) -> f32 {
    let ((ix, fx), (iy, fy), (iz, fz)) = (floor(p.x), floor(p.y), floor(p.z));
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (tx, ty, tz) = (ease(fx), ease(fy), ease(fz));
    let x = [(ix as u32).wrapping_mul(0x9E37_79B1), (ix.wrapping_add(1) as u32).wrapping_mul(0x9E37_79B1)];
    let y = [(iy as u32).wrapping_mul(0x85EB_CA77), (iy.wrapping_add(1) as u32).wrapping_mul(0x85EB_CA77)];
    let z = [(iz as u32).wrapping_mul(0xC2B2_AE3D), (iz.wrapping_add(1) as u32).wrapping_mul(0xC2B2_AE3D)];
    let row = |j: usize, k: usize| {
        let rest = y[j] ^ z[k];
        let (a, b) = (mixed(x[0] ^ rest), mixed(x[1] ^ rest));
        a + (b - a) * tx
    };
    let sheet = |k: usize| {
        let (a, b) = (row(0, k), row(1, k));
        a + (b - a) * ty
    };
    let (a, b) = (sheet(0), sheet(1));
    a + (b - a) * tz
}

/// Two octaves of [`noise`], still in `[0, 1)`.
pub(super) fn fractal(p: Vec3) -> f32 {
    noise(p) * 0.65 + noise(p * 2.1 + vec3(17.3, 5.1, 9.7)) * 0.35
}
