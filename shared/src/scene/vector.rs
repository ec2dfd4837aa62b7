//! Points, directions and rotations in plain `f32` arithmetic.
//!
//! Only `+ − × ÷ √` on values and `libm` for angles, so native code and WebAssembly agree to the last bit.

use std::ops::{Add, Mul, Neg, Sub};

/// A point, a direction or a linear colour.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Vec3 {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) z: f32,
}

/// Shorthand for [`Vec3`].
pub(super) const fn vec3(x: f32, y: f32, z: f32) -> Vec3 {
    Vec3 { x, y, z }
}

impl Vec3 {
    pub(super) const ZERO: Self = vec3(0.0, 0.0, 0.0);
    pub(super) const UP: Self = vec3(0.0, 1.0, 0.0);

    #[inline]
    pub(super) fn splat(value: f32) -> Self {
        vec3(value, value, value)
    }

    #[inline]
    pub(super) fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    #[inline]
    pub(super) fn cross(self, other: Self) -> Self {
        vec3(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    #[inline]
    pub(super) fn length(self) -> f32 {
        self.dot(self).sqrt()
    }

    /// Unit length; the zero vector stays zero.
    #[inline]
    pub(super) fn normalised(self) -> Self {
        let length = self.length();
        if length > 0.0 { self * (1.0 / length) } else { self }
    }

    /// Component by component.
    #[inline]
    pub(super) fn times(self, other: Self) -> Self {
        vec3(self.x * other.x, self.y * other.y, self.z * other.z)
    }

    /// One over each component.
    #[inline]
    pub(super) fn inverse(self) -> Self {
        vec3(1.0 / self.x, 1.0 / self.y, 1.0 / self.z)
    }

    #[inline]
    pub(super) fn mix(self, other: Self, share: f32) -> Self {
        self + (other - self) * share
    }
}

impl From<Vec3> for [f32; 3] {
    #[inline]
    fn from(v: Vec3) -> Self {
        [v.x, v.y, v.z]
    }
}

impl Add for Vec3 {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        vec3(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    #[inline]
    fn sub(self, other: Self) -> Self {
        vec3(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f32> for Vec3 {
    type Output = Self;
    #[inline]
    fn mul(self, scale: f32) -> Self {
        vec3(self.x * scale, self.y * scale, self.z * scale)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        vec3(-self.x, -self.y, -self.z)
    }
}

/// A rotation, kept as the images of the three axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rotation {
    pub(super) x: Vec3,
    pub(super) y: Vec3,
    pub(super) z: Vec3,
}

impl Rotation {
    pub(super) const NONE: Self = Self { x: vec3(1.0, 0.0, 0.0), y: Vec3::UP, z: vec3(0.0, 0.0, 1.0) };

    /// About the x axis; radians, y towards z.
    #[inline(never)]
    pub(super) fn about_x(angle: f32) -> Self {
        let (sin, cos) = libm::sincosf(angle);
        Self { x: vec3(1.0, 0.0, 0.0), y: vec3(0.0, cos, sin), z: vec3(0.0, -sin, cos) }
    }

    /// About the vertical axis; radians, z towards x.
    #[inline(never)]
    pub(super) fn about_y(angle: f32) -> Self {
        let (sin, cos) = libm::sincosf(angle);
        Self { x: vec3(cos, 0.0, -sin), y: Vec3::UP, z: vec3(sin, 0.0, cos) }
    }

    /// About the z axis; radians, x towards y.
    #[inline(never)]
    pub(super) fn about_z(angle: f32) -> Self {
        let (sin, cos) = libm::sincosf(angle);
        Self { x: vec3(cos, sin, 0.0), y: vec3(-sin, cos, 0.0), z: vec3(0.0, 0.0, 1.0) }
    }

    /// `first`, then `self`.
    #[inline]
    pub(super) fn after(self, first: Self) -> Self {
        Self { x: self.apply(first.x), y: self.apply(first.y), z: self.apply(first.z) }
    }

    #[inline]
    pub(super) fn apply(self, v: Vec3) -> Vec3 {
        self.x * v.x + self.y * v.y + self.z * v.z
    }

    /// The inverse rotation.
    #[inline]
    pub(super) fn undo(self, v: Vec3) -> Vec3 {
        vec3(self.x.dot(v), self.y.dot(v), self.z.dot(v))
    }
}

/// The larger of two numbers, `b` if they cannot be compared. Unlike `f32::max` it is one instruction, and it treats
/// −0 and 0 alike on every platform.
#[inline]
pub(super) fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The smaller of two numbers, `b` if they cannot be compared.
#[inline]
pub(super) fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// 0 below `low`, 1 above `high`, smooth between.
#[inline]
pub(super) fn smoothstep(low: f32, high: f32, value: f32) -> f32 {
    // The reciprocal of a constant range is a constant.
    let t = ((value - low) * (1.0 / (high - low))).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}
