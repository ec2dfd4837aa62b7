//! Spatter: drops of water or splashes of mud on the lens.
//!
//! Water finds the outlines of random blots, lights them from one side and adds a pale turquoise; its steps are OpenCV's and
//! in [`outline`]. Mud paints blots brown. Where no blot survives the threshold the reference divides by zero and its image is
//! lost; ours is then left as it was.

mod outline;

use super::levels::{completed, like, to_byte_single, to_unit_single, unit_of};
use super::plasma::Storage;
use super::smooth::{Gaussian, smooth};
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::lanes::widest;
use crate::random::normal::normals;
use crate::random::stream;

/// What is on the lens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Water,
    Mud,
}

/// The constants of one severity.
#[derive(Clone, Copy)]
struct Splash {
    /// Mean and deviation of the field that blots are cut from, and the σ of its smoothing.
    mean: f64,
    deviation: f64,
    sigma: f64,
    /// Field values below are no blot.
    threshold: f64,
    /// Water: opacity. Mud: σ of its soft edge.
    strength: f64,
    kind: Kind,
}

const fn water(mean: f64, deviation: f64, sigma: f64, threshold: f64, strength: f64) -> Splash {
    Splash { mean, deviation, sigma, threshold, strength, kind: Kind::Water }
}

const fn mud(mean: f64, deviation: f64, sigma: f64, threshold: f64, strength: f64) -> Splash {
    Splash { kind: Kind::Mud, ..water(mean, deviation, sigma, threshold, strength) }
}

const SPLASH: Constants<Splash> = Constants {
    imagenet: [
        water(0.65, 0.3, 4.0, 0.69, 0.6),
        water(0.65, 0.3, 3.0, 0.68, 0.6),
        water(0.65, 0.3, 2.0, 0.68, 0.5),
        mud(0.65, 0.3, 1.0, 0.65, 1.5),
        mud(0.67, 0.4, 1.0, 0.65, 1.5),
    ],
    tiny: [
        water(0.62, 0.1, 0.7, 0.7, 0.6),
        water(0.65, 0.1, 0.8, 0.7, 0.6),
        water(0.65, 0.3, 1.0, 0.69, 0.6),
        mud(0.65, 0.1, 0.7, 0.68, 0.6),
        mud(0.65, 0.1, 0.5, 0.67, 0.6),
    ],
    cifar: [
        water(0.62, 0.1, 0.7, 0.7, 0.5),
        water(0.65, 0.1, 0.8, 0.7, 0.5),
        water(0.65, 0.3, 1.0, 0.69, 0.5),
        mud(0.65, 0.1, 0.7, 0.69, 0.6),
        mud(0.65, 0.1, 0.5, 0.68, 0.6),
    ],
    inception: Some([
        water(0.65, 0.3, 4.0, 0.69, 0.9),
        water(0.65, 0.3, 3.5, 0.68, 0.9),
        water(0.65, 0.3, 3.0, 0.68, 0.8),
        mud(0.65, 0.3, 1.2, 0.65, 1.8),
        mud(0.67, 0.4, 1.2, 0.65, 1.8),
    ]),
};

const WATER: [f64; 3] = [175.0, 238.0, 238.0];
const MUD: [f64; 3] = [63.0, 42.0, 20.0];

pub(super) const ENTRY: Corruption = Corruption {
    name: "spatter",
    title: "Spatter",
    about: "Drops of water (severities 1 to 3) or splashes of mud (4 and 5) on the lens.",
    constants: "the blots' density and size, and their opacity or softness",
    group: Group::Weather,
    set: Set::Extra,
    needs: Needs::Seed(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant, seed: u64) -> Rgb8 {
    let z = normals(&mut stream(seed, 0, ENTRY.name), image.width() * image.height());
    with_normals(image, severity, variant, &z)
}

/// The spatter with given standard normal numbers, `[y, x]`; missing ones count as zero.
pub fn with_normals(image: &Rgb8, severity: Severity, variant: Variant, z: &[f32]) -> Rgb8 {
    let splash = SPLASH.at(severity, variant);
    let field = field(image, splash, z);
    match splash.kind {
        Kind::Water => with_water(image, splash, &field),
        Kind::Mud => with_mud(image, variant, &mud_mask(image, splash, field)),
    }
}

/// The smoothed random field, zero below the threshold, `[y, x]`.
fn field(image: &Rgb8, splash: Splash, z: &[f32]) -> Vec<f64> {
    let count = image.width() * image.height();
    let z = completed(z, count, 0.0);
    let mut field: Vec<f64> = z.iter().map(|z| splash.mean + splash.deviation * f64::from(*z)).collect();
    smooth(&mut field, image.width(), 1, Gaussian::new(splash.sigma));
    field.iter_mut().for_each(|value| *value = if *value < splash.threshold { 0.0 } else { *value });
    field
}

/// Drops of water on the image from a field `[y, x]` that is zero where there are none.
pub(crate) fn wet(image: &Rgb8, strength: f64, field: &[f64]) -> Rgb8 {
    with_water(image, water(0.0, 0.0, 0.0, 0.0, strength), field)
}

fn with_water(image: &Rgb8, splash: Splash, field: &[f64]) -> Rgb8 {
    let liquid = liquid(field);
    let light = outline::outline(&liquid, image.width(), image.height()).filtered;
    let drops: Vec<f32> = liquid.iter().zip(&light).map(|(a, b)| f32::from(*a) * f32::from(*b)).collect();
    let most = drops.iter().copied().fold(0.0, f32::max);
    if most == 0.0 {
        return image.clone();
    }
    let color = WATER.map(|c| (c / 255.0) as f32);
    let strength = splash.strength as f32;
    let mut out = image.clone();
    let mut added = vec![0.0; image.width() * 3];
    for (row, drops) in out.bytes_mut().chunks_exact_mut(image.width() * 3).zip(drops.chunks_exact(image.width())) {
        for (added, drop) in added.as_chunks_mut::<3>().0.iter_mut().zip(drops) {
            *added = color.map(|color| drop / most * strength * color);
        }
        widest!(brighten(row, &added));
    }
    out
}

#[inline(always)]
fn brighten(row: &mut [u8], added: &[f32]) {
    for (byte, added) in row.iter_mut().zip(added) {
        *byte = to_byte_single(unit_of(*byte) as f32 + added);
    }
}

/// The blots as bytes. Values above one wrap around, as in the reference; they are rare.
fn liquid(field: &[f64]) -> Vec<u8> {
    field.iter().map(|value| (value * 255.0) as i64 as u8).collect()
}

fn mud_mask(image: &Rgb8, splash: Splash, field: Vec<f64>) -> Vec<f32> {
    let mut mask: Vec<f64> = field.iter().map(|value| f64::from(u8::from(*value > splash.threshold))).collect();
    let single = Gaussian { storage: Storage::Single, ..Gaussian::new(splash.strength) };
    smooth(&mut mask, image.width(), 1, single);
    mask.into_iter().map(|value| if value < f64::from(0.8f32) { 0.0 } else { value as f32 }).collect()
}

fn with_mud(image: &Rgb8, variant: Variant, mask: &[f32]) -> Rgb8 {
    let values = to_unit_single(image);
    let dirty = values.as_chunks::<3>().0.iter().zip(mask).flat_map(|(pixel, mask)| {
        std::array::from_fn::<_, 3, _>(|c| {
            let kept = pixel[c] * (1.0 - mask);
            let color = MUD[c] / 255.0;
            if variant == Variant::ImageCorruptions {
                super::levels::to_byte(f64::from(kept) + color * f64::from(*mask))
            } else {
                to_byte_single(kept + color as f32 * mask)
            }
        })
    });
    like(image, dirty)
}

/// An intermediate map of bytes, `[y, x]`, by the name of its step: `liquid`, `edges`, `distance`, `equalized` or `filtered`.
pub fn step(name: &str, image: &Rgb8, severity: Severity, variant: Variant, z: &[f32]) -> Option<Vec<u8>> {
    let liquid = liquid(&field(image, SPLASH.at(severity, variant), z));
    let outline = outline::outline(&liquid, image.width(), image.height());
    match name {
        "liquid" => Some(liquid),
        "edges" => Some(outline.edges),
        "distance" => Some(outline.distance),
        "equalized" => Some(outline.equalized),
        "filtered" => Some(outline.filtered),
        _ => None,
    }
}

/// The mask of mud, `[y, x]` in 0..1.
pub fn mask(image: &Rgb8, severity: Severity, variant: Variant, z: &[f32]) -> Vec<f32> {
    let splash = SPLASH.at(severity, variant);
    mud_mask(image, splash, field(image, splash, z))
}
