//! What a mixer says of itself: names for people and recipes, what it needs and what it gives.

use crate::model::ModelError;

/// An entry of the registry of mixers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixerInfo {
    /// The name that recipes and manifests use.
    pub name: &'static str,
    /// The name for people.
    pub title: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// What of the image's size it is made for.
    pub tie: Tie,
    /// Whether a block forms a matrix of attention between tokens, whose rows sum to one.
    pub forms_attention: bool,
    /// Whether it hands a tensor from block to block, for which the tokens must stay where they are.
    pub hands_on: bool,
    /// Whether it heeds [`Context::apart`](super::Context::apart), which shifted windows need.
    pub keeps_apart: bool,
    /// Whether predictions jump where a value passes zero, so that rounding the weights to 16 bits would make another model.
    pub jumps: bool,
}

/// What of the image's size a mixer is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Nothing: any grid will do.
    Nothing,
    /// The number of tokens, because of the part that is named.
    Tokens(&'static str),
    /// A square map of tokens of one size.
    Map,
}

impl Tie {
    /// Refuses a grid of `given` rows and columns where the mixer was built for a square of side `side`.
    pub(super) fn check(self, side: usize, given: [usize; 2]) -> Result<(), ModelError> {
        let [rows, columns] = given;
        match self {
            Self::Map if given != [side; 2] => Err(ModelError::MapShape { side, rows, columns }),
            Self::Tokens(part) if rows * columns != side * side => {
                Err(ModelError::TokenCount { part, built: side * side, given: rows * columns })
            }
            _ => Ok(()),
        }
    }
}
