//! Random choices of a scene, drawn from one named ChaCha8 stream.
//!
//! The mapping from bits to numbers is written out here, so a new version of a random-number crate cannot move a pixel.

use super::vector::{Vec3, vec3};
use chacha20::ChaCha8Rng;
use chacha20::rand_core::Rng;

/// A stream of choices.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    pub(super) fn new(stream: ChaCha8Rng) -> Self {
        Self(stream)
    }

    /// Uniform in `[0, 1)`, 24 bits.
    // Drawn by the hundred for a scene and from hundreds of places: inlined, they would be kilobytes of what a visitor
    // downloads. So would the parts that objects are made of.
    #[inline(never)]
    pub(super) fn unit(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Uniform in `[low, high)`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// True with probability `probability`.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// −1 or 1.
    pub(super) fn sign(&mut self) -> f32 {
        if self.chance(0.5) { 1.0 } else { -1.0 }
    }

    /// Uniform in `0..count`.
    #[inline(never)]
    pub(super) fn index(&mut self, count: usize) -> usize {
        ((u64::from(self.0.next_u32()) * count as u64) >> 32) as usize
    }

    /// One of `choices`, which is never empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    /// A point in the cube `[−size, size]³`.
    pub(super) fn offset(&mut self, size: f32) -> Vec3 {
        let x = self.between(-size, size);
        let y = self.between(-size, size);
        vec3(x, y, self.between(-size, size))
    }
}
