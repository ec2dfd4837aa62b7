//! What the fuzz target does with its bytes, as a plain function: the property tests of `shared/` drive it as well.
//!
//! The first bytes choose width and height (two each, little endian), corruption, severity, variant and seed (eight); the
//! rest are the pixels, repeated as often as needed.

use vitro::corruption::{self, Severity, Variant};
use vitro::image::Rgb8;

/// Sides go up to this.
const LARGEST: usize = 300;

/// Corrupts the image that `data` describes, twice. Too few bytes describe none.
///
/// # Panics
/// When the size changes, or when the two results differ.
pub(crate) fn corrupt(data: &[u8]) {
    let Some((&[w0, w1, h0, h1, kind, severity, variant], data)) = data.split_first_chunk() else { return };
    let Some((seed, pixels)) = data.split_first_chunk() else { return };
    let side = |bytes| 1 + usize::from(u16::from_le_bytes(bytes)) % LARGEST;
    let (width, height) = (side([w0, w1]), side([h0, h1]));
    let mut bytes = pixels.iter().copied().cycle();
    let image = Rgb8::from_fn(width, height, |_, _| std::array::from_fn(|_| bytes.next().unwrap_or(0)));

    let corruption = &corruption::ALL[usize::from(kind) % corruption::ALL.len()];
    let severity = Severity::ALL[usize::from(severity) % Severity::ALL.len()];
    let variant = Variant::ALL[usize::from(variant) % Variant::ALL.len()];
    let run = || corruption::corrupt(&image, corruption, severity, variant, u64::from_le_bytes(*seed));
    let out = run();
    assert_eq!((out.width(), out.height()), (width, height), "{}", corruption.name);
    assert!(out == run(), "{} gives other bytes for the same seed", corruption.name);
}
