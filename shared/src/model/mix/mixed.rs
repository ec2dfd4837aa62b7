//! What goes into a mixer beside its tokens, what comes out, and what a trunk keeps of it.

use burn::prelude::*;

use super::vars::Codes;
use crate::model::drop_path::Draws;
use crate::model::observer::Observer;

/// A token mixer, or a block around one.
pub trait Mix {
    /// Tokens `[b, n, c]` → the same shape, and what the mixer shows of itself.
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed;

    /// To be called before each training step, for what is dropped by chance: see [`crate::model::Model::before_step`].
    fn before_step(&mut self, _draws: &Draws) {}

    /// To be called after each training step, for what is kept up by other means than gradients; `iteration` counts the
    /// steps of an epoch from 0.
    fn after_step(&mut self, _iteration: u64) {}
}

/// What a mixer is told of its tokens.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Rows and columns of the tokens that lie on a grid: the last of the sequence.
    pub grid: [usize; 2],
    /// What the mixer of the block before handed on; none in the first block.
    pub carried: Option<Tensor<4>>,
    /// What to add to the scores of pairs of tokens that must not meet, `[windows, n, n]`, where samples are windows of images.
    pub apart: Option<Tensor<3>>,
}

impl Context {
    /// Tokens on `grid`, with nothing carried and nothing kept apart.
    pub fn on(grid: [usize; 2]) -> Self {
        Self { grid, ..Self::default() }
    }
}

/// What the mixer of a block gives.
#[derive(Clone, Debug)]
pub struct Mixed {
    /// Mixed tokens `[b, n, c]`.
    pub tokens: Tensor<3>,
    /// Attention weights `[b, h, n, n]`, rows summing to one; none where no such matrix is formed.
    pub attention: Option<Tensor<4>>,
    /// The codes of every iteration, where the mixer is a recurrence.
    pub codes: Option<Codes>,
    /// What the mixer of the next block wants to know; most want nothing.
    pub carried: Option<Tensor<4>>,
}

impl Mixed {
    /// Tokens and weights of an attention that forms a matrix and hands nothing on.
    pub fn by_attention((tokens, weights): (Tensor<3>, Tensor<4>)) -> Self {
        Self { tokens, attention: Some(weights), codes: None, carried: None }
    }
}

/// What a trunk keeps of its blocks on the way through.
#[derive(Default)]
pub(crate) struct Trail {
    /// Attention of each block that forms it, in order.
    pub(crate) attention: Vec<Tensor<4>>,
    /// Codes of each block whose mixer is a recurrence, in order.
    pub(crate) codes: Vec<Codes>,
    carried: Option<Tensor<4>>,
}

impl Trail {
    /// What the next block is told.
    pub(crate) fn context(&mut self, grid: [usize; 2]) -> Context {
        Context { carried: self.carried.take(), ..Context::on(grid) }
    }

    /// Keeps what `mixed` shows and returns its tokens.
    pub(crate) fn pass(&mut self, mixed: Mixed) -> Tensor<3> {
        self.attention.extend(mixed.attention);
        self.codes.extend(mixed.codes);
        self.carried = mixed.carried;
        mixed.tokens
    }
}
