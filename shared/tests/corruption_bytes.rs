//! The bytes of every corruption are the stored ones. A change that is meant to make it faster changes none of them, on no
//! platform; where bytes are meant to change,
//! `cargo test -p vitro --no-default-features --features any-image --test corruption_bytes -- --ignored` stores them anew.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use vitro::corruption::{self, Corruption, Severity, Variant};
use vitro::image::Rgb8;

/// Sizes with and without a rest of the blocks that are computed at once, one of them smaller than most filters.
const SIZES: [(usize, usize); 4] = [(5, 9), (32, 32), (57, 33), (70, 66)];

fn stored() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corruption_bytes.txt")
}

/// Slopes, stripes, greys and noise: all levels, hues and edges of every strength.
fn image(width: usize, height: usize) -> Rgb8 {
    let mut noise = 0x2545_F491u32;
    Rgb8::from_fn(width, height, |x, y| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (noise >> 24) as usize;
        match (x / 8 + y / 8) % 4 {
            0 => [x * 255 / width, y * 255 / height, (x + y) * 2].map(|level| level as u8),
            1 => [(x % 4 / 2 * 255) as u8; 3],
            2 => [grain, grain * x % 256, 255 - grain].map(|level| level as u8),
            _ => [(x * 3) as u8; 3],
        }
    })
}

/// FNV-1a of what the corruption makes of all sizes, severities and variants.
fn hash(corruption: &Corruption) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    for (width, height) in SIZES {
        let image = image(width, height);
        for (at, severity) in Severity::ALL.into_iter().enumerate() {
            for (other, variant) in Variant::ALL.iter().enumerate() {
                let out = corruption::corrupt(&image, corruption, severity, *variant, (at * 10 + other) as u64);
                let add = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
                hash = out.bytes().iter().fold(hash, add);
            }
        }
    }
    hash
}

fn hashes() -> String {
    corruption::ALL.iter().fold(String::new(), |mut text, corruption| {
        writeln!(text, "{} {:016x}", corruption.name, hash(corruption)).unwrap();
        text
    })
}

#[test]
fn no_byte_of_any_corruption_has_changed() {
    let stored = fs::read_to_string(stored()).unwrap();
    let changed: Vec<_> =
        hashes().lines().filter(|line| !stored.lines().any(|known| known == *line)).map(str::to_owned).collect();
    assert!(changed.is_empty(), "other bytes than the stored ones: {changed:?}");
}

#[test]
#[ignore = "stores the bytes of today as the right ones"]
fn store() {
    fs::write(stored(), hashes()).unwrap();
}
