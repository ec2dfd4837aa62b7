//! What a noise does to features, logits, probabilities and decisions; FGSM in both readings.

use anyhow::Result;
use burn::prelude::*;
use vitro::attack::{self, PixelSpace, Start, Victim};

use super::{features, model, tolerance, values};
use crate::nullspace::metrics::{Predictions, compare};
use crate::parity::{Fixture, Verdict};

/// The fixture's images are (pixel − 0.5) / 0.5.
const HALF: [f32; 3] = [0.5; 3];

/// Metrics of a noise over some images, and attacks on others.
pub(in crate::parity) fn metrics_and_fgsm(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let model = model(fixture, device)?;
    let near = (tolerance(fixture, "logits_abs")?, 0.0);
    let relative = tolerance(fixture, "metric_rel")?;
    let images = fixture.tensor::<4>("images", device)?;
    let noise = fixture.tensor::<3>("noise", device)?;
    let clean = model.forward_with_noise(images.clone(), None, &mut ())?;
    let noisy = model.forward_with_noise(images, Some(noise), &mut ())?;
    for (name, seen) in [("clean", &clean), ("noise", &noisy)] {
        let (logits, tokens) = (format!("logits_{name}"), format!("features_{name}"));
        verdict.compare_within(&logits, fixture.array(&logits)?, &seen.logits.to_data(), near);
        verdict.compare_within(&tokens, fixture.array(&tokens)?, &features(seen).to_data(), near);
    }
    let classes = clean.logits.dims()[1];
    let both = [&clean, &noisy].map(|seen| (values(seen.logits.clone()), values(features(seen))));
    let [clean, noisy] = both.each_ref().map(|(logits, features)| Predictions { logits, classes, features });
    let metrics = compare(clean, noisy)?;
    for (name, ours) in [
        ("mse_feats", metrics.features.unwrap_or(f64::NAN)),
        ("mse_logits", metrics.logits),
        ("mse_probs", metrics.probabilities),
        ("abs_conf", metrics.confidence),
        ("mse_conf", metrics.confidence_squared),
        ("eq", metrics.unchanged),
    ] {
        verdict.compare_number(name, fixture.json["metrics"][name].as_f64().unwrap_or(f64::NAN), ours, relative);
    }

    let images = fixture.tensor::<4>("attack_images", device)?;
    let labels: Vec<usize> = fixture.integers["attack_labels"].iter().map(|label| *label as usize).collect();
    let victim = Victim::new(&model, PixelSpace::new(HALF, HALF)?);
    let (_, gradient) = victim.gradient(images.clone(), &labels)?;
    let stored = fixture.array("attack_input_grad")?;
    let largest = stored.values.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let allowed = (relative * f64::from(largest), 0.0);
    verdict.compare_within("attack_input_grad", stored, &gradient.to_data(), allowed);

    for (name, attack, eps) in [
        ("pixel_space", attack::find("fgsm")?, 8.0 / 255.0),
        ("repo_style", attack::find("fgsm_released")?, 8.0 / 225.0),
    ] {
        let budget = attack.defaults.at(eps);
        let attacked = attack::attack(attack, &victim, images.clone(), &labels, budget, Start::Image)?;
        let (image, logits) = (format!("fgsm_{name}"), format!("logits_fgsm_{name}"));
        verdict.compare_within(&image, fixture.array(&image)?, &attacked.to_data(), near);
        verdict.compare_within(&logits, fixture.array(&logits)?, &victim.logits(attacked).to_data(), near);
    }
    verdict.expect_all_but(fixture, &["weights.", "images", "noise", "attack_images", "attack_labels"]);
    Ok(())
}
