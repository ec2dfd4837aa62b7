//! The dictionary of VARS-D and VARS-SD: features as atoms, each a pattern over the tokens.

use burn::prelude::*;

use crate::ops::unit;

/// Features `[b, h, n, m]` with each column brought to unit length over the tokens: the atoms are the columns.
pub fn dictionary(features: Tensor<4>) -> Tensor<4> {
    unit(features, 2)
}

/// How much the atoms of `dictionary` `[b, h, n, m]` overlap, Qᵀ Q: `[b, h, m, m]`.
pub fn gram(dictionary: Tensor<4>) -> Tensor<4> {
    dictionary.clone().swap_dims(2, 3).matmul(dictionary)
}
