//! Random numbers: ChaCha8 streams named by what they are for.
//!
//! A stream is a function of (seed, sample index, purpose), so any sample can be drawn alone, in any order, on any
//! platform, with the same bytes. Nothing in this crate reads entropy. `normal` and `poisson` turn a stream into numbers of
//! a distribution, `words` takes many at once.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::SeedableRng;

pub(crate) mod normal;
pub(crate) mod poisson;
pub(crate) mod words;

/// The stream for `purpose` (a short constant such as `"scene"`) of sample `index` under `seed`.
///
/// Different purposes give unrelated streams: adding a draw to one never shifts another.
pub fn stream(seed: u64, index: u64, purpose: &str) -> ChaCha8Rng {
    let mut key = [0u8; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&index.to_le_bytes());
    key[16..24].copy_from_slice(&fnv1a(purpose).to_le_bytes());
    key[24..].copy_from_slice(b"vitro/v1");
    ChaCha8Rng::from_seed(key)
}

/// FNV-1a, 64 bits: names to numbers, stable across platforms and releases.
pub fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chacha20::rand_core::Rng;

    #[test]
    fn streams_depend_on_every_part_of_their_name() {
        let first = |seed, index, purpose| stream(seed, index, purpose).next_u64();
        let base = first(1, 2, "a");
        assert_eq!(base, first(1, 2, "a"));
        assert_ne!(base, first(2, 2, "a"));
        assert_ne!(base, first(1, 3, "a"));
        assert_ne!(base, first(1, 2, "b"));
    }

    #[test]
    fn fnv1a_matches_its_published_vector() {
        assert_eq!(fnv1a("inputs.x"), 0x06c2_710d_659b_906e);
    }
}
