//! Images that are made to mislead a model: with the true label, untargeted.
//!
//! Distances are in pixels of 0 to 1 and reach the normalised image through [`PixelSpace`]; results are clamped to valid
//! pixels. Only the image is differentiated; a [`Victim`] holds the model still. One file per attack.

mod ball;
mod budget;
mod error;
pub mod fgsm;
pub mod noise;
pub mod pgd;
mod space;
mod victim;

pub use budget::{Budget, MOST_STEPS, Norm, Radius};
pub use error::AttackError;
pub use space::PixelSpace;
pub use victim::Victim;

use burn::prelude::*;

/// Every attack, in the order in which they are listed to people.
#[rustfmt::skip] // A line for each file.
pub const ALL: &[Attack] = &[
    fgsm::ENTRY, fgsm::RELEASED,
    pgd::ENTRY, pgd::L2,
    noise::ENTRY, noise::L2,
];

/// Where an attack starts. Those that draw nothing start at the image.
#[derive(Clone, Debug)]
pub enum Start {
    /// At the image.
    Image,
    /// At random within the budget, each image from a stream of its own.
    Drawn {
        /// Seed of the streams.
        seed: u64,
        /// Which image of its data set each one is: the number of its stream.
        samples: Vec<u64>,
    },
    /// At the image plus this, `[b, 3, y, x]` in normalised units.
    Noise(Tensor<4>),
}

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

/// No attack has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no attack `{name}`; did you mean `{nearest}`?")]
pub struct UnknownAttack {
    /// What was asked for.
    pub name: String,
    /// The most similar name.
    pub nearest: &'static str,
}

/// The attack called `name`.
///
/// # Errors
/// When there is none; the error names the nearest.
pub fn find(name: &str) -> Result<&'static Attack, UnknownAttack> {
    if let Some(attack) = ALL.iter().find(|attack| attack.name == name) {
        return Ok(attack);
    }
    // The first of equally distant names wins, so the answer does not depend on the platform.
    let distance = |attack: &&Attack| strsim::damerau_levenshtein(attack.name, &name.to_lowercase());
    let nearest = ALL.iter().min_by_key(distance).map_or("", |attack| attack.name);
    Err(UnknownAttack { name: name.to_owned(), nearest })
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
