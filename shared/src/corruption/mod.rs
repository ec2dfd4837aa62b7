//! Common corruptions: what fog, noise, blur or compression do to an image, at five severities.
//!
//! The nineteen of "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations" (Hendrycks and
//! Dietterich, 2019), computed as the published generators compute them, byte for byte where the numbers are not drawn at
//! random. [`corrupt`] is a pure function of (image, corruption, severity, variant, seed): the same bytes natively and in
//! WebAssembly, at any size from one pixel. Where a generator draws numbers, the arithmetic is a public function of those
//! draws (`with_…`), and the draws come from ChaCha8 streams of our own: same distribution, other numbers.
//!
//! One file per corruption, its constants on top. The shared pieces have files of their own: `border` and `smooth` (filters),
//! `normal` and `poisson` (draws), `levels` (bytes to numbers and back), `clipped_zoom`, `plasma`, `hsv`.

use crate::image::Rgb8;

mod border;
mod clipped_zoom;
mod hsv;
mod levels;
pub(crate) mod normal;
mod poisson;
mod smooth;
pub(crate) mod strength;
mod variant;

pub mod brightness;
pub mod contrast;
pub mod defocus_blur;
pub mod elastic_transform;
pub mod fog;
pub mod frost;
pub mod gaussian_blur;
pub mod gaussian_noise;
pub mod glass_blur;
pub mod impulse_noise;
pub mod jpeg_compression;
pub mod motion_blur;
pub mod pixelate;
pub mod plasma;
pub mod saturate;
pub mod shot_noise;
pub mod snow;
pub mod spatter;
pub mod speckle_noise;
pub mod zoom_blur;

pub use frost::with_photographs as frost_with;
pub use variant::{Severity, SeverityError, UnknownVariant, Variant};

/// Every corruption we compute, in the official order.
pub const ALL: &[Corruption] = &[
    gaussian_noise::ENTRY,
    shot_noise::ENTRY,
    impulse_noise::ENTRY,
    defocus_blur::ENTRY,
    glass_blur::ENTRY,
    motion_blur::ENTRY,
    zoom_blur::ENTRY,
    snow::ENTRY,
    frost::ENTRY,
    fog::ENTRY,
    brightness::ENTRY,
    contrast::ENTRY,
    elastic_transform::ENTRY,
    pixelate::ENTRY,
    jpeg_compression::ENTRY,
    speckle_noise::ENTRY,
    gaussian_blur::ENTRY,
    spatter::ENTRY,
    saturate::ENTRY,
];

/// The four families of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Sensor noise.
    Noise,
    /// Optics and movement.
    Blur,
    /// Weather and light.
    Weather,
    /// What software does.
    Digital,
}

/// Which published set a corruption belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Set {
    /// The fifteen of the benchmark; means are taken over these.
    Common,
    /// The four for validation.
    Extra,
    /// ImageNet-C-bar.
    Bar,
}

/// One row of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Corruption {
    /// Name in commands, folders and tables.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// Family.
    pub group: Group,
    /// Published set.
    pub set: Set,
    /// Whether the seed matters.
    pub stochastic: bool,
    apply: fn(&Rgb8, Severity, Variant, u64) -> Rgb8,
}

/// No corruption has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no corruption `{name}`; did you mean `{nearest}`?")]
pub struct UnknownCorruption {
    /// What was asked for.
    pub name: String,
    /// The most similar name.
    pub nearest: &'static str,
}

/// The corruption called `name`.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static Corruption, UnknownCorruption> {
    if let Some(corruption) = ALL.iter().find(|corruption| corruption.name == name) {
        return Ok(corruption);
    }
    // The first of equally distant names wins, so the answer does not depend on the platform.
    let distance = |corruption: &&Corruption| strsim::damerau_levenshtein(corruption.name, &name.to_lowercase());
    let nearest = ALL.iter().min_by_key(distance).map_or("", |corruption| corruption.name);
    Err(UnknownCorruption { name: name.to_owned(), nearest })
}

/// Corrupts an image. Same size out as in; the seed matters only where [`Corruption::stochastic`] says so.
pub fn corrupt(image: &Rgb8, corruption: &Corruption, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    (corruption.apply)(image, severity, variant, seed)
}

/// [`corrupt`] with frost cut from `photographs` of it; without any, frost is drawn as ever.
pub fn corrupt_with(
    image: &Rgb8,
    corruption: &Corruption,
    severity: Severity,
    variant: Variant,
    seed: u64,
    photographs: &[Rgb8],
) -> Rgb8 {
    if corruption.name == frost::ENTRY.name && !photographs.is_empty() {
        return frost_with(image, severity, variant, photographs, seed);
    }
    corrupt(image, corruption, severity, variant, seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(width: usize, height: usize) -> Rgb8 {
        Rgb8::from_fn(width, height, |x, y| [(x * 37 + y * 11) as u8, (x * y) as u8, (255 - 6 * x.min(40)) as u8])
    }

    #[test]
    fn any_size_is_corrupted_without_a_panic_and_keeps_its_size() {
        for (width, height) in (1..=40)
            .map(|side| (side, 1 + (side * side * 7) % 40))
            .chain((1..=4).flat_map(|w| (1..=4).map(move |h| (w, h))))
        {
            for corruption in ALL {
                for (severity, variant) in Severity::ALL.iter().flat_map(|s| Variant::ALL.iter().map(move |v| (*s, *v)))
                {
                    let out = corrupt(&image(width, height), corruption, severity, variant, 7);
                    assert_eq!((out.width(), out.height()), (width, height), "{}", corruption.name);
                }
            }
        }
    }

    #[test]
    fn the_seed_decides_exactly_the_stochastic_ones() {
        let input = image(40, 33);
        for corruption in ALL {
            let out = |seed| corrupt(&input, corruption, Severity::ALL[2], Variant::ImageNet, seed);
            assert_eq!(out(1), out(1), "{}", corruption.name);
            assert_eq!(out(1) != out(2), corruption.stochastic, "{}", corruption.name);
        }
    }

    #[test]
    fn black_and_white_images_are_no_special_case() {
        for level in [0, 255] {
            let flat = Rgb8::from_fn(24, 17, |_, _| [level; 3]);
            for (corruption, severity) in ALL.iter().flat_map(|c| Severity::ALL.map(|s| (c, s))) {
                corrupt(&flat, corruption, severity, Variant::Cifar, 3);
            }
        }
    }

    #[test]
    fn names_are_found_and_misspelt_names_are_corrected() {
        assert_eq!(find("fog").unwrap().title, "Fog");
        let error = find("gausian_noise").unwrap_err();
        assert_eq!(error.nearest, "gaussian_noise");
        assert_eq!(error.to_string(), "there is no corruption `gausian_noise`; did you mean `gaussian_noise`?");
    }
}
