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

/// Smooth noise, with what it saw last: neighbouring pixels mostly lie in one cell of the lattice, and hashing its eight
/// corners is most of the work.
#[derive(Clone, Debug)]
pub(super) struct Noise {
    /// One for each octave.
    cells: [Cell; 2],
}

/// A cell of the lattice and the numbers at its corners, x fastest.
#[derive(Clone, Copy, Debug)]
struct Cell {
    at: [i32; 3],
    corners: [f32; 8],
}

impl Cell {
    fn new(at: [i32; 3]) -> Self {
        let corner = |i: usize| {
            let along = |axis: usize| at[axis].wrapping_add((i >> axis & 1) as i32);
            lattice(along(0), along(1), along(2))
        };
        Self { at, corners: std::array::from_fn(corner) }
    }

    #[inline]
    fn noise(&mut self, p: Vec3) -> f32 {
        let ((ix, fx), (iy, fy), (iz, fz)) = (floor(p.x), floor(p.y), floor(p.z));
        if self.at != [ix, iy, iz] {
            *self = Self::new([ix, iy, iz]);
        }
        let ease = |t: f32| t * t * (3.0 - 2.0 * t);
        let (tx, ty, tz) = (ease(fx), ease(fy), ease(fz));
        let row = |i: usize| {
            let (a, b) = (self.corners[i], self.corners[i + 1]);
            a + (b - a) * tx
        };
        let sheet = |i: usize| {
            let (a, b) = (row(i), row(i + 2));
            a + (b - a) * ty
        };
        let (a, b) = (sheet(0), sheet(4));
        a + (b - a) * tz
    }
}

impl Noise {
    pub(super) fn new() -> Self {
        Self { cells: [Cell::new([0; 3]); 2] }
    }

    /// One octave in `[0, 1)` with features about one unit wide.
    #[inline]
    pub(super) fn plain(&mut self, p: Vec3) -> f32 {
        self.cells[0].noise(p)
    }

    /// Two octaves, still in `[0, 1)`.
    #[inline]
    pub(super) fn fractal(&mut self, p: Vec3) -> f32 {
        let second = p * 2.1 + vec3(17.3, 5.1, 9.7);
        self.cells[0].noise(p) * 0.65 + self.cells[1].noise(second) * 0.35
    }
}
