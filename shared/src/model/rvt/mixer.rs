//! How the tokens of a block exchange what they know: the part of an RVT block that methods replace.

use burn::prelude::*;

use super::attention::SelfAttention;
use crate::method::vars::FeatureAttention;
use crate::model::Mixed;
use crate::model::observer::Observer;

/// The token mixer of a block.
#[derive(Module, Debug)]
pub enum TokenMixer {
    /// Softmax attention, with or without position-aware scaling.
    Softmax(SelfAttention),
    /// The Performer, VARS-D or VARS-SD.
    Features(FeatureAttention),
}

impl TokenMixer {
    /// `[b, n, c]` → the same shape, and what the mixer shows of itself.
    pub fn forward(&self, x: Tensor<3>, observer: &mut impl Observer) -> Mixed {
        match self {
            Self::Softmax(attention) => Mixed::by_attention(attention.forward(x)),
            Self::Features(attention) => attention.forward(x, observer),
        }
    }
}
