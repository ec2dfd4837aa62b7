//! How far an attack may go, and how.
//!
//! Distances are in pixels of 0 to 1. A distance without its norm says nothing, so both are one value, [`Radius`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::AttackError;

/// Most steps of an attack: beyond this nobody waits, and a mistyped number should not hang a page.
pub const MOST_STEPS: usize = 1000;

/// How distances are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    /// The largest change of any value.
    Linf,
    /// The Euclidean length of the change of a whole image.
    L2,
}

/// A largest distance from the image, in pixels of 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Radius {
    /// No value changes by more.
    Linf(f64),
    /// The change of the whole image is not longer.
    L2(f64),
}

/// How far an attack may go, and how. Distances are in pixels of 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// Largest distance from the image.
    pub radius: Radius,
    /// Distance of one step, in the norm of the radius. Attacks of a single step go the whole way and ignore it.
    pub step: f64,
    /// Number of steps. Attacks of a single step ignore it.
    pub steps: usize,
}

impl Norm {
    /// The longest way between two images of values 0 to 1, `[b, c, y, x]`.
    pub fn longest(self, [_, channels, y, x]: [usize; 4]) -> f64 {
        match self {
            Self::Linf => 1.0,
            Self::L2 => ((channels * y * x) as f64).sqrt(),
        }
    }

    /// A distance in this norm.
    pub fn radius(self, distance: f64) -> Radius {
        match self {
            Self::Linf => Radius::Linf(distance),
            Self::L2 => Radius::L2(distance),
        }
    }
}

impl Radius {
    /// How it is measured.
    pub fn norm(self) -> Norm {
        match self {
            Self::Linf(_) => Norm::Linf,
            Self::L2(_) => Norm::L2,
        }
    }

    /// How far it is, in its norm.
    pub fn distance(self) -> f64 {
        let (Self::Linf(distance) | Self::L2(distance)) = self;
        distance
    }

    /// Accepts what images of `[b, c, y, x]` can move.
    pub(super) fn check(self, dims: [usize; 4]) -> Result<(), AttackError> {
        let (eps, most) = (self.distance(), self.norm().longest(dims));
        if (0.0..=most).contains(&eps) { Ok(()) } else { Err(AttackError::Eps { eps, most }) }
    }
}

impl Budget {
    /// The way to the border of `radius` in one step.
    pub const fn whole(radius: Radius) -> Self {
        let (Radius::Linf(step) | Radius::L2(step)) = radius;
        Self { radius, step, steps: 1 }
    }

    /// The same norm and number of steps at another distance; the steps shrink or grow with it.
    pub fn at(self, distance: f64) -> Self {
        let step = self.step * distance / self.radius.distance();
        Self { radius: self.radius.norm().radius(distance), step, ..self }
    }

    /// Accepts distances and counts that make sense for images of `[b, c, y, x]`.
    pub(super) fn check(&self, dims: [usize; 4]) -> Result<(), AttackError> {
        let Self { radius, step, steps } = *self;
        radius.check(dims)?;
        let most = radius.norm().longest(dims);
        // Written so that NaN is refused.
        if !(step > 0.0 && step <= most) {
            return Err(AttackError::Step { step, most });
        }
        if !(1..=MOST_STEPS).contains(&steps) {
            return Err(AttackError::Steps { steps, most: MOST_STEPS });
        }
        Ok(())
    }
}

impl fmt::Display for Norm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linf => "ℓ∞",
            Self::L2 => "ℓ2",
        })
    }
}

impl fmt::Display for Radius {
    /// In levels of 255, as papers give it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.2}/255", self.norm(), self.distance() * 255.0)
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.steps {
            1 => write!(f, "{}", self.radius),
            steps => write!(f, "{}, {steps} steps", self.radius),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_at_another_distance_keeps_its_proportions() {
        let budget = Budget { radius: Radius::L2(0.5), step: 0.25, steps: 7 }.at(1.0);
        assert_eq!(budget, Budget { radius: Radius::L2(1.0), step: 0.5, steps: 7 });
        assert_eq!(budget.to_string(), "ℓ2 255.00/255, 7 steps");
        assert_eq!(Budget::whole(Radius::Linf(1.0 / 255.0)).to_string(), "ℓ∞ 1.00/255");
    }
}
