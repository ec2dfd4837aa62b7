//! Saturate: the S of HSV scaled and shifted, from nearly grey to garish. Greys have hue 0, so the shift of severities 4 and
//! 5 turns them red, as in the published images.

use super::hsv;
use super::variant::Constants;
use super::{Corruption, Group, Needs, Set, Severity, Variant};
use crate::image::Rgb8;

/// (factor, shift) of S.
const TIMES_PLUS: Constants<(f64, f64)> = Constants {
    imagenet: [(0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (20.0, 0.2)],
    tiny: [(0.3, 0.0), (0.1, 0.0), (2.0, 0.0), (5.0, 0.1), (30.0, 0.2)],
    cifar: [(0.3, 0.0), (0.1, 0.0), (1.5, 0.0), (2.0, 0.1), (2.5, 0.2)],
    inception: None,
};

pub(super) const ENTRY: Corruption = Corruption {
    name: "saturate",
    title: "Saturate",
    about: "The S of HSV is scaled and shifted: nearly grey at 1 and 2, garish from 3 on; the shift of 4 and \
            5 turns greys red.",
    constants: "factor and shift",
    group: Group::Digital,
    set: Set::Extra,
    needs: Needs::Image(apply),
};

fn apply(image: &Rgb8, severity: Severity, variant: Variant) -> Rgb8 {
    let (times, plus) = TIMES_PLUS.at(severity, variant);
    hsv::changed(image, |s, v| ((s * times + plus).clamp(0.0, 1.0), v))
}
