//! The text of the gallery, from the registry and one sentence for each corruption.

use std::fmt::Write;

use vitro::corruption::{ALL, Corruption, Group, Set, Variant};

/// What each corruption does, and what its five constants are. In the registry's order.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "gaussian_noise",
        "A normal number is added to every value, as a sensor does in low light.",
        "the noise's deviation",
    ),
    (
        "shot_noise",
        "Every value becomes a Poisson count of photons: bright areas are grainier than dark ones.",
        "how many photons a full value is",
    ),
    (
        "impulse_noise",
        "Single values, not whole pixels, become 0 or 255, as dead elements of a sensor.",
        "the share of values that is replaced",
    ),
    (
        "defocus_blur",
        "Every point becomes a disk with a soft rim, as behind a lens that is focused elsewhere.",
        "the disk's radius and its rim's softness",
    ),
    (
        "glass_blur",
        "Pixels take the colour of random neighbours between two smoothings, as behind frosted glass.",
        "the smoothing's width, the reach of a displacement and the number of passes",
    ),
    (
        "motion_blur",
        "Every point leaves a fading trail in a random direction, and the image shifts with it.",
        "the trail's length and decay",
    ),
    (
        "zoom_blur",
        "The mean of the image and of ever larger copies of its middle, as when the camera moves ahead.",
        "the zoom factors",
    ),
    (
        "snow",
        "The image is whitened, and streaks of random flakes fall across it, twice, the second time turned around.",
        "the flakes' density and size, their streaks' length, and how much of the image is kept",
    ),
    (
        "frost",
        "Ice crystals lie over the image; they are generated with the statistics of the reference's five photographs, \
         which cannot be shipped.",
        "the weights of image and ice",
    ),
    (
        "fog",
        "A plasma map is added and the result scaled back, so that the brightest value stays.",
        "the amount of fog and how fast its fine detail decays",
    ),
    ("brightness", "The V of HSV is raised, as by overexposure.", "what is added to V"),
    ("contrast", "Every channel is pulled towards its mean over the image.", "what remains of the distance"),
    (
        "elastic_transform",
        "A small random affine map, then smooth random displacements; severity 2 shakes most, which the published \
         constants want so.",
        "gain and smoothness of the displacements, and the jitter of the map",
    ),
    (
        "pixelate",
        "Shrunk by a box filter and enlarged again, as a thumbnail shown too large.",
        "the size of the shrunk image",
    ),
    (
        "jpeg_compression",
        "What libjpeg's quantisation leaves of the image at low quality, computed without writing a file.",
        "the quality",
    ),
    (
        "speckle_noise",
        "A normal number times the value is added to it: the brighter, the noisier.",
        "the noise's relative deviation",
    ),
    ("gaussian_blur", "Smoothing by a Gaussian.", "its width"),
    (
        "spatter",
        "Drops of water (severities 1 to 3) or splashes of mud (4 and 5) on the lens.",
        "the blots' density and size, and their opacity or softness",
    ),
    (
        "saturate",
        "The S of HSV is scaled and shifted: nearly grey at 1 and 2, garish from 3 on; the shift of 4 and 5 turns \
         greys red.",
        "factor and shift",
    ),
];

/// The whole page.
pub(crate) fn text() -> String {
    let mut page = String::from(
        "# Corruptions\n\n\
         <!-- Written by `cargo xtask gallery`; change shared/examples/gallery instead. -->\n\n\
         From left to right: a rendered scene, then severities 1 to 5 with the constants of ImageNet-C at 224 pixels. \
         Names are those of the command line (`vitro corrupt`) and of the published folders. Constants are tabulated, \
         per severity, at the top of each corruption's file in `shared/src/corruption/`, one set per benchmark:\n\n\
         | constants | from |\n|---|---|\n",
    );
    for variant in Variant::ALL {
        let _ = writeln!(page, "| `{variant}` | {} |", source(*variant));
    }
    for (set, title) in [
        (Set::Common, "The fifteen of the benchmark"),
        (Set::Extra, "The four for validation"),
        (Set::Bar, "ImageNet-C-bar"),
    ] {
        let of_set: Vec<&Corruption> = ALL.iter().filter(|corruption| corruption.set == set).collect();
        if of_set.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {title}\n");
        for corruption in of_set {
            let (sentence, constants) = words(corruption);
            let Corruption { name, title, .. } = corruption;
            let (group, drawn) = (group(corruption.group), if corruption.stochastic { "seeded" } else { "no seed" });
            let _ = write!(
                page,
                "\n### {title}\n\n`{name}` · {group} · {drawn}\n\n![{title}, clean and at severities 1 to 5]\
                 (corruptions/{name}.jpg)\n\n{sentence} Constants: {constants}.\n"
            );
        }
    }
    page
}

/// Sentence and constants of a corruption; empty where they are missing.
pub(crate) fn words(corruption: &Corruption) -> (&'static str, &'static str) {
    let row = WORDS.iter().find(|(name, ..)| *name == corruption.name);
    row.map_or(("", ""), |(_, sentence, constants)| (sentence, constants))
}

/// Where a variant's constants come from; empty where that is missing.
pub(crate) fn source(variant: Variant) -> &'static str {
    match variant.name() {
        "imagenet" => "the published generator of ImageNet-C, made for 224 pixels",
        "inception" => "the ImageNet-C generator's second set of constants, made for 299 pixels",
        "tiny" => "the generators of Tiny-ImageNet-C and of the 64-pixel ImageNet",
        "cifar" => "the generator of CIFAR-10-C and CIFAR-100-C, made for 32 pixels",
        "imagecorruptions" => {
            "the `imagecorruptions` package (COCO-C, Cityscapes-C): ImageNet-C's constants, other algorithms in places, any size"
        }
        _ => "",
    }
}

fn group(group: Group) -> &'static str {
    match group {
        Group::Noise => "noise",
        Group::Blur => "blur",
        Group::Weather => "weather",
        Group::Digital => "digital",
    }
}
