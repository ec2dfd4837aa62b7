//! Distillation from a teacher, as in "Training data-efficient image transformers & distillation through attention" (DeiT).
//!
//! The loss is (1 − α) · base + α · distillation. The soft form divides its sum by the number of elements, batch times
//! classes, and not by the batch, as released; its α therefore weighs less than it looks.

use burn::prelude::*;
use burn::tensor::activation::log_softmax;

/// What a student learns from its teacher.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Distillation {
    /// Nothing.
    #[default]
    None,
    /// The teacher's distribution.
    Soft {
        /// Weight of the teacher. Paper: 0.5.
        alpha: f64,
        /// Temperature that both distributions are softened with. Paper: 1.
        tau: f64,
    },
    /// The teacher's choice of a class.
    Hard {
        /// Weight of the teacher. Paper: 0.5.
        alpha: f64,
    },
}

impl Distillation {
    /// The loss `[1]`, from the loss `base` `[1]` against the labels and the logits `[b, classes]` of both.
    ///
    /// `student` are the logits of the head that learns from the teacher. No gradient reaches the teacher.
    pub fn loss(&self, base: Tensor<1>, student: Tensor<2>, teacher: Tensor<2>) -> Tensor<1> {
        let mixed = |alpha: f64, part: Tensor<1>| base.clone().mul_scalar(1.0 - alpha) + part.mul_scalar(alpha);
        match *self {
            Self::None => base,
            Self::Soft { alpha, tau } => mixed(alpha, soft(student, teacher.detach(), tau)),
            Self::Hard { alpha } => mixed(alpha, hard(student, teacher.detach())),
        }
    }
}

/// τ² Σ p (log p − log q) / elements, with p the teacher's and q the student's distribution at temperature τ: `[1]`.
fn soft(student: Tensor<2>, teacher: Tensor<2>, tau: f64) -> Tensor<1> {
    let elements: usize = student.dims().iter().product();
    let student = log_softmax(student.div_scalar(tau), 1);
    let teacher = log_softmax(teacher.div_scalar(tau), 1);
    (teacher.clone().exp() * (teacher - student)).sum().mul_scalar(tau * tau / elements as f64)
}

/// Cross-entropy with the teacher's best class: `[1]`.
fn hard(student: Tensor<2>, teacher: Tensor<2>) -> Tensor<1> {
    log_softmax(student, 1).gather(1, teacher.argmax(1)).mean().neg()
}
