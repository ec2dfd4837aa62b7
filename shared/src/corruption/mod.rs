//! Common corruptions: what fog, noise, blur or compression do to an image, at five severities.
//!
//! The nineteen of "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations" (Hendrycks and
//! Dietterich, 2019), computed as the published generators compute them, byte for byte where the numbers are not drawn at
//! random. [`corrupt`] is a pure function of (image, corruption, severity, variant, seed): the same bytes natively and in
//! WebAssembly, at any size from one pixel. Where a generator draws numbers, the arithmetic is a public function of those
//! draws (`with_…`), and the draws come from ChaCha8 streams of our own: same distribution, other numbers.
//!
//! The fifteen of ImageNet-C-bar and CIFAR-10-C-bar (Mintun, Kirillov and Xie, 2021) stand beside them; nothing takes them
//! unasked, and no mean counts them.
//!
//! A corruption is its file, with constants on top and its row of the registry ([`Corruption`]), and one line of `registry!`
//! below. The shared pieces have files of their own: `border` and `smooth` (filters), `levels` (bytes to numbers and back),
//! `clipped_zoom`, `plasma`, `hsv`; `bar`, `bilinear`, `spectral` and `stars` serve the sets of C-bar.
//!
//! # Examples
//!
//! ```
//! use vitro::corruption::{self, Severity, Variant};
//! use vitro::image::Rgb8;
//!
//! let image = Rgb8::from_fn(64, 64, |x, y| [4 * x as u8, 4 * y as u8, 128]);
//! let fog = corruption::find("fog")?;
//! let foggy = corruption::corrupt(&image, fog, Severity::try_from(3)?, Variant::for_side(64), 0);
//! assert_ne!(foggy, image);
//! assert_eq!(corruption::find("frog").unwrap_err().nearest, "fog");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::image::Rgb8;
use crate::name::{self, UnknownName};

mod bar;
mod bilinear;
mod border;
mod clipped_zoom;
mod entry;
mod hsv;
mod levels;
pub mod plasma;
mod smooth;
mod spectral;
mod stars;
pub(crate) mod strength;
mod variant;

use entry::Needs;
pub use entry::{Corruption, Group, Set};
pub use variant::{Severity, SeverityError, UnknownVariant, Variant};

/// One line declares a corruption's file and registers it. rustfmt does not look into macros, so `cargo xtask test` names the
/// files to it; `rustfmt shared/src/corruption/*.rs` formats them.
macro_rules! registry {
    ($($file:ident,)+) => {
        $(pub mod $file;)+

        /// Every corruption we compute, in the official order.
        pub const ALL: &[Corruption] = &[$($file::ENTRY),+];
    };
}

registry! {
    gaussian_noise,
    shot_noise,
    impulse_noise,
    defocus_blur,
    glass_blur,
    motion_blur,
    zoom_blur,
    snow,
    frost,
    fog,
    brightness,
    contrast,
    elastic_transform,
    pixelate,
    jpeg_compression,
    speckle_noise,
    gaussian_blur,
    spatter,
    saturate,
    blue_noise_sample,
    brownish_noise,
    caustic_refraction,
    checkerboard_cutout,
    circular_motion_blur,
    cocentric_sine_waves,
    inverse_sparkles,
    lines,
    perlin_noise,
    pinch_and_twirl,
    plasma_noise,
    ripple,
    single_frequency_greyscale,
    sparkles,
    transverse_chromatic_abberation,
}

/// What is measured or made where nobody chooses: the nineteen of the benchmark and its validation.
pub fn by_default() -> impl Iterator<Item = &'static Corruption> {
    ALL.iter().filter(|corruption| corruption.set.by_default())
}

/// The corruption called `name`.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static Corruption, UnknownName> {
    name::find("corruption", ALL, |corruption| corruption.name, name)
}

/// Corrupts an image. Same size out as in; the seed matters only where [`Corruption::stochastic`] says so.
pub fn corrupt(image: &Rgb8, corruption: &Corruption, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    match corruption.needs {
        Needs::Image(apply) => apply(image, severity, variant),
        Needs::Seed(apply) | Needs::SeedOrPhotographs(apply, _) => apply(image, severity, variant, seed),
    }
}

/// [`corrupt`] with what can be made from `photographs` made from them; without any, it is drawn as ever.
pub fn corrupt_with(
    image: &Rgb8,
    corruption: &Corruption,
    severity: Severity,
    variant: Variant,
    seed: u64,
    photographs: &[Rgb8],
) -> Rgb8 {
    match corruption.needs {
        Needs::SeedOrPhotographs(_, apply) if !photographs.is_empty() => {
            apply(image, severity, variant, photographs, seed)
        }
        _ => corrupt(image, corruption, severity, variant, seed),
    }
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
            // Some draw one of a few orders only, so two seeds may agree.
            let differs = (2..12).any(|seed| out(1) != out(seed));
            assert_eq!(differs, corruption.stochastic(), "{}", corruption.name);
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
    fn every_row_of_the_registry_is_complete_and_its_name_is_its_own() {
        for (at, corruption) in ALL.iter().enumerate() {
            let Corruption { name, title, about, constants, .. } = corruption;
            assert!(!title.is_empty() && about.ends_with('.') && !constants.is_empty(), "{name}");
            assert!(ALL[..at].iter().all(|other| other.name != *name), "{name} stands twice");
        }
    }

    #[test]
    fn the_default_is_the_nineteen_and_leaves_bar_out() {
        let count = |set| ALL.iter().filter(|corruption| corruption.set == set).count();
        assert_eq!((count(Set::Common), count(Set::Extra), by_default().count()), (15, 4, 19));
        assert!(by_default().all(|corruption| corruption.set != Set::Bar));
    }

    #[test]
    fn photographs_are_for_what_says_that_it_uses_them() {
        let photographs = [image(60, 50)];
        for corruption in ALL {
            let with = |photographs| {
                corrupt_with(&image(40, 33), corruption, Severity::ALL[2], Variant::ImageNet, 5, photographs)
            };
            assert_eq!(with(&photographs[..]) != with(&[]), corruption.uses_photographs(), "{}", corruption.name);
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
