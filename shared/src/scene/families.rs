//! Which textures, backdrops and lights a split may draw.
//!
//! The worlds of [`Split::Unseen`] have nothing in common with the others but the plain finish of
//! small parts: what a model learnt about known surfaces, places and hours of the day does not help it there.

use super::Split;
use super::backdrop::Place;
use super::light::Sun;
use super::texture::Pattern::{self, *};

/// What a world is drawn from. What is listed twice comes twice as often.
#[derive(Clone, Copy, Debug)]
pub(super) struct Families {
    /// Textures of the object's large surfaces.
    pub(super) surfaces: &'static [Pattern],
    pub(super) grounds: &'static [Pattern],
    pub(super) walls: &'static [Pattern],
    pub(super) places: &'static [Place],
    pub(super) suns: &'static [Sun],
}

/// Under the sun of a clear morning.
const KNOWN: Families = Families {
    surfaces: &[Plain, Plain, Plain, Checker, Stripes, Clouds, Wood, Wood, Speckle],
    grounds: &[Plain, Checker, Stripes, Clouds, Clouds, Speckle, Boards, Boards],
    walls: &[Plain, Stripes, Bricks, Bricks, Clouds, Checker, Speckle],
    places: &[Place::Wall, Place::Wall, Place::Sky, Place::Sky, Place::Sweep],
    suns: &[Sun { elevation: (30.0, 62.0), warmth: (-0.1, 0.25) }],
};

/// Low and golden, or high and cold.
const UNSEEN: Families = Families {
    surfaces: &[Marble, Marble, Dots, Zigzag, Weave],
    grounds: &[Marble, Dots, Zigzag, Weave],
    walls: &[Folds, Folds, Folds, Marble, Dots, Zigzag],
    places: &[Place::Wall, Place::Hills],
    suns: &[
        Sun { elevation: (14.0, 24.0), warmth: (0.35, 0.6) },
        Sun { elevation: (68.0, 80.0), warmth: (-0.5, -0.25) },
    ],
};

impl Families {
    /// Those of a split.
    pub(super) fn of(split: Split) -> &'static Self {
        if split == Split::Unseen { &UNSEEN } else { &KNOWN }
    }
}
