//! VARS-D and VARS-SD: attention that reconstructs the values from a dictionary, sections 3.2 and 3.3 of the VARS paper.
//!
//! Keys are queries, so the fused projection holds queries and values alone. One learned matrix, shared by all heads, stands
//! on both sides of the overlap of the atoms. In a plain ViT the class token is a token like any other. Kept from the
//! released code: a bound per head that is stored and never read, so that its checkpoints fit.

use burn::module::{Initializer, Param};
use burn::prelude::*;

use super::codes::Codes;
use super::dictionary::{dictionary, gram};
use super::features::random_features;
use super::recurrent_code::{Step, recurrent_code, row_bound};
use crate::model::attention::{merge_heads, split_heads};
use crate::model::linear::{Linear, LinearConfig};
use crate::model::mix::vars_d::Recurrence;
use crate::model::mix::{Context, Mix, Mixed};
use crate::model::observer::Observer;

/// What the released code stores as the bound that nothing reads.
const STORED_BOUND: f64 = 25.0;

/// Shape of the attention.
#[derive(Config, Debug)]
pub struct VarsAttentionConfig {
    /// Channels of a token.
    pub width: usize,
    /// Heads; divides `width`.
    pub heads: usize,
    /// Steps, sparsity and number of random features.
    pub recurrence: Recurrence,
    /// Tokens that the static atoms of VARS-SD cover; none: VARS-D.
    pub static_tokens: Option<usize>,
}

/// Attention by recurrent sparse reconstruction.
#[derive(Module, Debug)]
pub struct VarsAttention {
    qkv: Linear,
    proj: Linear,
    rand_matrix: Param<Tensor<3>>,
    kernel: Option<Param<Tensor<4>>>,
    learned_k: Param<Tensor<2>>,
    learned_lam: Param<Tensor<1>>,
    learned_lipschitz: Param<Tensor<1>>,
    lipschitz: Param<Tensor<1>>,
    heads: usize,
    num_step: usize,
    lambda: f64,
}

impl VarsAttentionConfig {
    /// Builds the layer with fresh weights.
    pub fn init(&self, device: &Device) -> VarsAttention {
        let Self { width, heads, recurrence, static_tokens } = *self;
        let depth = width / heads;
        let features = recurrence.ratio * depth;
        let atoms = if static_tokens.is_some() { 2 * features } else { features };
        let normal = Initializer::Normal { mean: 0.0, std: 1.0 };
        VarsAttention {
            qkv: LinearConfig::new(width, 2 * width).init(device),
            proj: LinearConfig::new(width, width).init(device),
            rand_matrix: normal.init([heads, depth, features], device),
            kernel: static_tokens.map(|tokens| normal.init([1, heads, tokens, features], device)),
            learned_k: Param::from_tensor(Tensor::eye(atoms, device)),
            learned_lam: Initializer::Ones.init([1], device),
            learned_lipschitz: Initializer::Ones.init([1], device),
            lipschitz: Initializer::Constant { value: STORED_BOUND }.init([heads], device),
            heads,
            num_step: recurrence.num_step,
            lambda: recurrence.lambda,
        }
    }
}

impl Mix for VarsAttention {
    /// `[b, n, c]` → the reconstruction `[b, n, c]`, and the codes `[b, h, m, d]` of every iteration.
    ///
    /// With static atoms, another number of tokens than they cover is an error of the caller and gives a panic in the engine.
    fn forward(&self, x: Tensor<3>, _context: Context, observer: &mut impl Observer) -> Mixed {
        let [b, n, c] = x.dims();
        let scale = ((c / self.heads) as f64).powf(-0.25);
        let projected = self.qkv.forward(x);
        let q = split_heads(projected.clone().narrow(2, 0, c), self.heads).mul_scalar(scale);
        let v = split_heads(projected.narrow(2, c, c), self.heads);
        observer.see("q_scaled", &q);

        let features = random_features(q, self.rand_matrix.val().detach());
        observer.see("random_feature", &features);
        let features = match &self.kernel {
            Some(kernel) => {
                let [_, h, _, m] = features.dims();
                Tensor::cat(vec![features, kernel.val().expand([b, h, n, m])], 3)
            }
            None => features,
        };
        let atoms = dictionary(features);
        observer.see("dictionary", &atoms);
        let overlap = gram(atoms.clone());
        observer.see("gram", &overlap);
        let u = atoms.clone().swap_dims(2, 3).matmul(v);
        observer.see("u", &u);

        let codes = self.codes(u, overlap, observer);
        let last = codes[codes.len() - 1].clone();
        let reconstruction = atoms.clone().matmul(last);
        observer.see("recon", &reconstruction);
        Mixed {
            tokens: self.proj.forward(merge_heads(reconstruction)),
            attention: None,
            codes: Some(Codes::of_atoms(atoms, codes)),
            carried: None,
        }
    }
}

impl VarsAttention {
    fn codes(&self, u: Tensor<4>, overlap: Tensor<4>, observer: &mut impl Observer) -> Vec<Tensor<4>> {
        let bound = row_bound(overlap.clone());
        observer.see("lipschitz", &bound);
        let learned = self.learned_k.val().unsqueeze::<4>();
        let overlap = learned.clone().matmul(overlap).matmul(learned);
        observer.see("gram_learned", &overlap);
        let step = Step {
            rate: self.learned_lipschitz.val().reshape([1, 1, 1, 1]) / bound,
            lambda: self.learned_lam.val().reshape([1, 1, 1, 1]).mul_scalar(self.lambda),
            count: self.num_step,
        };
        let codes = recurrent_code(u, overlap, &step);
        for (t, code) in codes.iter().enumerate() {
            observer.see(&format!("code_{t}"), code);
        }
        codes
    }
}
