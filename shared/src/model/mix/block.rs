//! A block of a trunk: a family's own around a mixer, or the one that a mixer brings.

use burn::prelude::*;

use super::{AttentionKind, Built, Context, Mix, Mixed, Mixer, Site, WholeBlock};
use crate::model::drop_path::Draws;
use crate::model::observer::{Observer, Within};

/// A block of a family with blocks `P`.
#[derive(Module, Debug)]
pub enum Block<P: Module> {
    /// The family's own.
    Plain(P),
    /// The mixer's.
    Whole(WholeBlock),
}

impl<P: Module> Block<P> {
    /// A block with a mixer of `kind` at `site`; `plain` puts a mixer that is a layer into a block of the family.
    pub fn new(kind: &AttentionKind, site: &Site, device: &Device, plain: impl FnOnce(Mixer) -> P) -> Self {
        match kind.build(site, device) {
            Built::Layer(mixer) => Self::Plain(plain(mixer)),
            Built::Block(block) => Self::Whole(block),
        }
    }
}

impl<P: Module + Mix> Mix for Block<P> {
    fn forward(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        match self {
            Self::Plain(block) => block.forward(x, context, observer),
            Self::Whole(block) => block.forward(x, context, observer),
        }
    }

    fn before_step(&mut self, draws: &Draws) {
        match self {
            Self::Plain(block) => block.before_step(draws),
            Self::Whole(block) => block.before_step(draws),
        }
    }

    fn after_step(&mut self, iteration: u64) {
        match self {
            Self::Plain(block) => block.after_step(iteration),
            Self::Whole(block) => block.after_step(iteration),
        }
    }
}

impl Mixer {
    /// [`Mix::forward`] in the block of a family: what comes out is shown as `attn`, weights as `attn_map`.
    pub(crate) fn observed(&self, x: Tensor<3>, context: Context, observer: &mut impl Observer) -> Mixed {
        let mixed = self.forward(x, context, &mut Within::new(observer, "attn"));
        observer.see("attn", &mixed.tokens);
        if let Some(weights) = &mixed.attention {
            observer.see("attn_map", weights);
        }
        mixed
    }
}
