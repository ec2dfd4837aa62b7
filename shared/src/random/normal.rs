//! Uniform and standard normal numbers from a ChaCha8 stream.
//!
//! Normals come from the ziggurat of Marsaglia and Tsang (2000) with 256 layers. `exp` and `ln` are the `libm` crate's, not
//! the platform's, so that every platform draws the same numbers.

use std::sync::LazyLock;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::Rng;

use super::words;

/// Where the tail of the 256-layer ziggurat begins, and the area of each layer.
const TAIL: f64 = 3.654_152_885_361_009;
const AREA: f64 = 0.004_928_673_233_992_336;

/// Uniform on [0, 1), 53 bits.
pub(crate) fn uniform(random: &mut ChaCha8Rng) -> f64 {
    fraction(random.next_u64())
}

/// The upper 53 bits of a word as a number on [0, 1).
#[inline(always)]
pub(crate) fn fraction(word: u64) -> f64 {
    (word >> 11) as i64 as f64 * (1.0 / (1u64 << 53) as f64)
}

/// `count` standard normal numbers.
pub(crate) fn normals(random: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
    let layers = &*LAYERS;
    let mut values = Vec::with_capacity(count);
    let mut words = [[0; 8]; words::BLOCK];
    let (mut numbers, mut final_ones) = ([0.0; words::BLOCK], [true; words::BLOCK]);
    while values.len() < count {
        // Every number takes at least one word, so that none is drawn in vain.
        let words = words::next(random, &mut words, count - values.len());
        for (word, (number, is_final)) in words.iter().zip(numbers.iter_mut().zip(&mut final_ones)) {
            let (layer, x) = layers.candidate(u64::from_le_bytes(*word));
            (*number, *is_final) = (x as f32, x.abs() < layers.edge[layer + 1]);
        }
        let mut at = 0;
        while at < words.len() {
            let rest = &final_ones[at..words.len()];
            let run = rest.iter().position(|is_final| !is_final).unwrap_or(rest.len());
            values.extend_from_slice(&numbers[at..at + run]);
            at += run;
            let Some(word) = words.get(at) else { break };
            at += 1;
            let mut next = || {
                let word = words.get(at).map_or_else(|| random.next_u64(), |word| u64::from_le_bytes(*word));
                at += 1;
                word
            };
            values.push(layers.draw(u64::from_le_bytes(*word), &mut next) as f32);
        }
    }
    values
}

static LAYERS: LazyLock<Layers> = LazyLock::new(Layers::new);

/// Right edges of the layers, widest first, and the density there.
struct Layers {
    edge: [f64; 257],
    density: [f64; 257],
}

fn density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

impl Layers {
    fn new() -> Self {
        let mut edge = [0.0; 257];
        // The lowest layer is as wide as if it were a rectangle of the same area with the tail folded in.
        edge[0] = AREA / density(TAIL);
        edge[1] = TAIL;
        for layer in 2..256 {
            let below: f64 = edge[layer - 1];
            edge[layer] = libm::sqrt(-2.0 * libm::log(AREA / below + density(below)));
        }
        Self { edge, density: edge.map(density) }
    }

    /// The layer that `bits` fall into and the number that they make, which is final within the next layer's edge.
    #[inline(always)]
    fn candidate(&self, bits: u64) -> (usize, f64) {
        let layer = (bits & 255) as usize;
        // The upper 53 bits as a signed fraction in [-1, 1).
        (layer, (bits as i64 >> 11) as f64 * (1.0 / (1u64 << 52) as f64) * self.edge[layer])
    }

    /// The number that `bits` and, where they do not suffice, further words make.
    fn draw(&self, mut bits: u64, next: &mut impl FnMut() -> u64) -> f64 {
        loop {
            let (layer, x) = self.candidate(bits);
            if x.abs() < self.edge[layer + 1] {
                return x;
            }
            if layer == 0 {
                return tail(next).copysign(x);
            }
            let (low, high) = (self.density[layer], self.density[layer + 1]);
            if low + (high - low) * fraction(next()) < density(x) {
                return x;
            }
            bits = next();
        }
    }
}

/// A normal number conditioned to lie beyond [`TAIL`].
fn tail(next: &mut impl FnMut() -> u64) -> f64 {
    loop {
        let x = -libm::log(1.0 - fraction(next())) / TAIL;
        let y = -libm::log(1.0 - fraction(next()));
        if 2.0 * y >= x * x {
            return TAIL + x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn normals_have_the_moments_and_tails_of_the_normal_distribution() {
        let count = 1_000_000;
        let draws = normals(&mut stream(1, 0, "test"), count);
        let moment = |power: i32| draws.iter().map(|z| f64::from(*z).powi(power)).sum::<f64>() / count as f64;
        assert!(moment(1).abs() < 0.005);
        assert!((moment(2) - 1.0).abs() < 0.006);
        assert!(moment(3).abs() < 0.02);
        assert!((moment(4) - 3.0).abs() < 0.05);
        let beyond = |limit: f32| draws.iter().filter(|z| z.abs() > limit).count() as f64 / count as f64;
        assert!((beyond(1.0) - 0.3173).abs() < 0.002);
        assert!((beyond(2.0) - 0.0455).abs() < 0.001);
        assert!((beyond(3.7) - 2.16e-4).abs() < 6e-5);
    }

    #[test]
    fn the_ziggurat_closes_at_the_top() {
        let top = LAYERS.edge[255];
        let area = top * (1.0 - density(top));
        assert!((area - AREA).abs() < 1e-6, "{area}");
    }

    #[test]
    fn uniforms_fill_the_unit_interval() {
        let mut random = stream(1, 0, "test");
        let draws: Vec<_> = (0..10_000).map(|_| uniform(&mut random)).collect();
        assert!(draws.iter().all(|u| (0.0..1.0).contains(u)));
        assert!((draws.iter().sum::<f64>() / 10_000.0 - 0.5).abs() < 0.01);
    }
}
