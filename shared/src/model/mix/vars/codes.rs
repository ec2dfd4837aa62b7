//! What a recurrence finds at each of its iterations, and where in the image it lies.
//!
//! A map is ours, for looking at: the length of what each token's code reconstructs. The papers' figures show attention of
//! the released models in their own way; nothing is computed from a map.

use burn::prelude::*;

/// The codes of one block, the first before any step.
#[derive(Clone, Debug)]
pub struct Codes {
    /// One for every iteration: `[b, h, m, d]` of VARS-D and VARS-SD, `[b, c, templates, n]` of VARS-S.
    pub steps: Vec<Tensor<4>>,
    /// The atoms `[b, h, n, m]` that codes of VARS-D and VARS-SD are for. The filters of VARS-S leave codes on the tokens.
    dictionary: Option<Tensor<4>>,
}

impl Codes {
    /// Codes for the atoms `[b, h, n, m]` of a dictionary.
    pub(super) fn of_atoms(dictionary: Tensor<4>, steps: Vec<Tensor<4>>) -> Self {
        Self { steps, dictionary: Some(dictionary) }
    }

    /// Codes that lie on the tokens themselves.
    pub(super) fn on_tokens(steps: Vec<Tensor<4>>) -> Self {
        Self { steps, dictionary: None }
    }

    /// The same with `change` made to every tensor.
    pub(crate) fn each(self, change: impl Fn(Tensor<4>) -> Tensor<4>) -> Self {
        Self { steps: self.steps.into_iter().map(&change).collect(), dictionary: self.dictionary.map(&change) }
    }

    /// For each iteration, how much is reconstructed at each token, `[b, n]`: the Euclidean length over channels and heads.
    /// n counts whatever tokens the block mixes, a class token first. For VARS-S, the length of the code itself.
    pub fn maps(&self) -> Vec<Tensor<2>> {
        let map = |code: &Tensor<4>| {
            let power = match &self.dictionary {
                Some(atoms) => atoms.clone().matmul(code.clone()).square().sum_dim(3).swap_dims(2, 3).sum_dim(1),
                None => code.clone().square().sum_dim(2).sum_dim(1),
            };
            power.sqrt().squeeze_dim::<3>(1).squeeze_dim::<2>(1)
        };
        self.steps.iter().map(map).collect()
    }
}
