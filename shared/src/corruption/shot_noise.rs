//! Shot noise: `Poisson(λx) / λ`, the grain of few photons.

use super::levels::{completed, like, to_byte, unit};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::random::poisson::Poisson;
use crate::random::stream;
use crate::random::words::Words;

/// λ: photons of a full value.
const PHOTONS: Constants<f64> = Constants {
    imagenet: [60.0, 25.0, 12.0, 5.0, 3.0],
    tiny: [250.0, 100.0, 50.0, 30.0, 15.0],
    cifar: [500.0, 250.0, 100.0, 75.0, 50.0],
    inception: Some([50.0, 20.0, 10.0, 5.0, 3.0]),
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "shot_noise",
    title: "Shot noise",
    about: "Every value becomes a Poisson count of photons: bright areas are grainier than dark ones.",
    constants: "how many photons a full value is",
    group: Group::Noise,
    set: Set::Common,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let photons = PHOTONS.at(severity, variant);
    let mut random = stream(seed, 0, ENTRY.name);
    let mut words = Words::new(&mut random);
    // An image has at most 256 rates: each gets its table when it is first met.
    let mut rates: [Option<Poisson>; 256] = [const { None }; 256];
    let counts: Vec<u16> = image
        .bytes()
        .iter()
        .map(|byte| {
            let rate = &mut rates[usize::from(*byte)];
            rate.get_or_insert_with(|| Poisson::new(unit(*byte) * photons)).at(words.next())
        })
        .collect();
    with_counts(image, severity, variant, &counts)
}

/// The image that given photon counts make, `[y, x, c]`; missing ones count as zero.
pub fn with_counts(image: &Rgb8, severity: Severity, variant: Variant, counts: &[u16]) -> Rgb8 {
    let photons = PHOTONS.at(severity, variant);
    let most = counts.iter().copied().max().unwrap_or(0);
    let bytes: Vec<u8> = (0..=most).map(|count| to_byte(f64::from(count) / photons)).collect();
    let counts = completed(counts, image.bytes().len(), 0);
    like(image, counts.iter().take(image.bytes().len()).map(|count| bytes[usize::from(*count)]))
}
