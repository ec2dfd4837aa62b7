//! One step of a student: the labeler's scores, labels, losses, gradients and running statistics.

use anyhow::{Context, Result};
use burn::optim::GradientsParams;
use burn::prelude::*;
use burn::tensor::TensorData;
use vitro::bundle::Array;
use vitro::method::stl::{
    LabelerLoss, LossWeights, Spread, TokenLabels, labeler_loss, soft_cross_entropy, student_loss,
};
use vitro::model::fan::StemVariance;

use super::{Fixture, Verdict};
use crate::parity::fan_model::with_variance;
use crate::parity::gradient::{Prefixes, compare_buffers_under, compare_gradients_under};
use crate::parity::stl_model::config;

const PREFIXES: Prefixes<'_> = Prefixes { weights: "weights.student.", gradients: "grad.", buffers: "after." };

/// Labels from the labeler in evaluation mode, then the student's loss in training mode.
pub(in crate::parity) fn student_step(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    // The reference ran on a processor, where its stem divides by C − 1.
    let config = with_variance(&config(fixture)?, StemVariance::SampleAfterStem);
    let mut labeler = config.init(device)?;
    fixture.arrays.within("weights.teacher.").load_official(&mut labeler)?;
    let scores = labeler.trace(fixture.tensor::<4>("input_teacher", device)?).token_logits.context("no token head")?;
    let mut compare = |name: &str, ours: TensorData| -> Result<()> {
        verdict.compare(name, fixture.array(name)?, &ours);
        Ok(())
    };
    compare("teacher_token_logits", scores.to_data())?;
    let labels =
        TokenLabels { smoothing: fixture.number("smoothing", 0.1), spread: Spread::Released, ..TokenLabels::default() };
    let label = labels.with_noise(scores, Some(fixture.tensor::<3>("gumbel_noise", device)?));
    compare("token_label", label.to_data())?;

    let device = device.clone().autodiff();
    let mut student = config.init(&device)?;
    fixture.arrays.within("weights.student.").load_official(&mut student)?;
    let seen = student.trace(fixture.tensor::<4>("input_student", &device)?);
    let (class, token) = (seen.logits, seen.token_logits.context("no token head")?);
    compare("student_logits", class.to_data())?;
    compare("student_token_logits", token.to_data())?;

    let target = fixture.tensor::<2>("class_target", &device)?;
    let label = Tensor::from_inner(label);
    let weights = LossWeights { class: fixture.number("cls_weight", 1.0), dense: fixture.number("dense_weight", 1.0) };
    let total = student_loss(weights, class.clone(), token.clone(), target.clone(), label.clone());
    let parts = [
        ("total", total.clone()),
        ("cls", soft_cross_entropy(class.clone(), target.clone())),
        ("token", soft_cross_entropy(token.clone(), label)),
        (
            "stage1_total_on_same_logits",
            labeler_loss(LabelerLoss::ClassAndMean, LossWeights::default(), class, token, target),
        ),
    ];
    for (name, stored) in fixture.json["loss"].as_object().context("loss")? {
        let ours = parts.iter().find(|(part, _)| part == name).with_context(|| format!("no loss is called {name}"))?;
        let stored = Array { shape: vec![1], values: vec![stored.as_f64().context("a loss")? as f32] };
        verdict.compare(name, &stored, &ours.1.to_data());
    }

    let gradients = GradientsParams::from_grads(total.backward(), &student);
    compare_gradients_under(&PREFIXES, &student, gradients, "", fixture, verdict)?;
    compare_buffers_under(&PREFIXES, &student, "", fixture, verdict)?;
    verdict.expect_all_but(fixture, &["weights.", "input_", "class_target", "gumbel_noise"]);
    Ok(())
}
