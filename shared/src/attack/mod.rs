//! Images that are made to mislead a model: with the true label, untargeted.
//!
//! Distances are in pixels of 0 to 1 and reach the normalised image through [`PixelSpace`]; results are clamped to valid
//! pixels. Only the image is differentiated; a [`Victim`] holds the model still. One file per attack.
//!
//! # Examples
//!
//! ```
//! # #[cfg(feature = "flex")] {
//! use burn::prelude::*;
//! use vitro::attack::{self, PixelSpace, Start, Victim};
//! use vitro::image::Preprocess;
//! use vitro::model::preset;
//!
//! let device = Device::flex().autodiff();
//! let model = preset("vit_nano_p4_32")?.config(10).init(&device)?;
//! let victim = Victim::new(&model, PixelSpace::of(&Preprocess::imagenet(32))?);
//!
//! let pgd = attack::find("pgd")?;
//! let images = Tensor::<4>::zeros([1, 3, 32, 32], &device);
//! let start = Start::Drawn { seed: 0, samples: vec![0] };
//! let attacked = attack::attack(pgd, &victim, images, &[4], pgd.defaults, start)?;
//! assert_eq!(attacked.dims(), [1, 3, 32, 32]);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ball;
mod budget;
mod error;
pub mod fgsm;
pub mod noise;
pub mod patch;
pub mod pgd;
mod space;
mod start;
mod victim;

pub use budget::{Budget, MOST_STEPS, Norm, Radius};
pub use error::AttackError;
pub use space::PixelSpace;
pub use start::Start;
pub use victim::Victim;

use burn::prelude::*;

use crate::name::{self, UnknownName};

/// Every attack, in the order in which they are listed to people.
#[rustfmt::skip] // A line for each file.
pub const ALL: &[Attack] = &[
    fgsm::ENTRY, fgsm::RELEASED,
    pgd::ENTRY, pgd::L2,
    noise::ENTRY, noise::L2,
];

/// What an attack draws at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Chance {
    /// Nothing.
    Nothing,
    /// Where it starts; then it follows the gradient.
    Start,
    /// Everything: no gradient is asked for.
    Everything,
}

/// One row of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// Name in commands and tables.
    pub name: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What is drawn at random.
    pub chance: Chance,
    /// The published budget; its norm is that of the attack's distances.
    pub defaults: Budget,
    /// Where the budget comes from.
    pub source: &'static str,
    run: Run,
}

/// Makes the attack, as [`attack`] describes it.
type Run = fn(&Victim, Tensor<4>, &[usize], Budget, Start) -> Result<Tensor<4>, AttackError>;

/// The attack called `name`.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static Attack, UnknownName> {
    name::find("attack", ALL, |attack| attack.name, name)
}

/// Attacks normalised images `[b, 3, y, x]` with their true `labels`; the result has the same shape and records nothing.
///
/// # Errors
/// When the budget, the labels or the start cannot be; see [`AttackError`].
pub fn attack(
    attack: &Attack,
    victim: &Victim,
    images: Tensor<4>,
    labels: &[usize],
    budget: Budget,
    start: Start,
) -> Result<Tensor<4>, AttackError> {
    (attack.run)(victim, images, labels, budget, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_misspelt_names_are_corrected() {
        for (i, attack) in ALL.iter().enumerate() {
            assert!(ALL[..i].iter().all(|other| other.name != attack.name), "{}", attack.name);
        }
        assert_eq!(find("pgd_l2").unwrap().defaults.radius.norm(), Norm::L2);
        assert_eq!(find("PDG").unwrap_err().nearest, "pgd");
    }
}
