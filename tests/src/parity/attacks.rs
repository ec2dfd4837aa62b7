//! FGSM and PGD on a whole model: gradient, adversarial images, their logits.
//!
//! A sign near zero may flip by rounding, so images are judged by the fraction of equal pixels; logits are compared on the
//! stored images.

use anyhow::{Context, Result, ensure};
use burn::prelude::*;
use vitro::attack::pgd::pgd;
use vitro::attack::{self, Budget, PixelSpace, Radius, Start, Victim};
use vitro::image::Preprocess;

use super::{Fixture, Verdict, vars_model};

/// What is stored but not computed: the draws of the random start are injected.
const INPUTS: &[&str] = &["weights.", "input", "label", "inter.pgd_delta"];

/// Both attacks on an RVT with VARS.
pub(super) fn fgsm_and_pgd(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let mut model = vars_model::config(fixture)?.init(device)?;
    fixture.weights("").load_official(&mut model)?;
    let images = fixture.tensor::<4>("input", device)?;
    let labels: Vec<usize> = fixture.integers["label"].iter().map(|label| *label as usize).collect();
    let [_, _, side, _] = images.dims();
    let victim = Victim::new(&model, PixelSpace::of(&Preprocess::imagenet(side))?);

    verdict.compare("logits", fixture.array("logits")?, &victim.logits(images.clone()).into_data());
    let (loss, gradient) = victim.gradient(images.clone(), &labels)?;
    verdict.compare("inter.loss", fixture.array("inter.loss")?, &loss.into_data());
    verdict.compare("inter.input_gradient", fixture.array("inter.input_gradient")?, &gradient.into_data());

    let near = fixture.json["tolerances"]["atol"].as_f64().context("tolerances.atol")?;
    let fraction = |key: &str| fixture.json["tolerances"][key].as_f64().with_context(|| format!("tolerances.{key}"));
    let (budget, random) = budget(fixture, "fgsm")?;
    ensure!(
        !random && budget.step == budget.radius.distance() && budget.steps == 1,
        "FGSM takes one whole step from the image"
    );
    let fgsm = attack::attack(attack::find("fgsm")?, &victim, images.clone(), &labels, budget, Start::Image)?;
    verdict.compare_most("fgsm", fixture.array("fgsm")?, &fgsm.into_data(), near, fraction("min_equal_share_fgsm")?);

    let (budget, random) = self::budget(fixture, "pgd")?;
    let start = if random { Start::Noise(fixture.tensor::<4>("inter.pgd_delta", device)?) } else { Start::Image };
    let attacked = pgd(&victim, images, &labels, budget, start)?;
    verdict.compare_most("pgd", fixture.array("pgd")?, &attacked.into_data(), near, fraction("min_equal_share_pgd")?);

    for name in ["fgsm", "pgd"] {
        let logits = victim.logits(fixture.tensor::<4>(name, device)?);
        let name = format!("{name}_logits");
        verdict.compare(&name, fixture.array(&name)?, &logits.into_data());
    }
    verdict.expect_all_but(fixture, INPUTS);
    Ok(())
}

/// The budget of an attack, and whether it starts at random.
fn budget(fixture: &Fixture, attack: &str) -> Result<(Budget, bool)> {
    let settings = &fixture.json["attack"][attack];
    let distance = |key: &str| fraction(&settings[key]).with_context(|| format!("attack.{attack}.{key}"));
    let steps = settings["iters"].as_u64().with_context(|| format!("attack.{attack}.iters"))? as usize;
    let random = settings["random_init"].as_bool().unwrap_or(false);
    Ok((Budget { radius: Radius::Linf(distance("eps")?), step: distance("alpha")?, steps }, random))
}

/// A number, or a fraction such as `"0.5/255"`.
fn fraction(value: &serde_json::Value) -> Option<f64> {
    let Some(text) = value.as_str() else { return value.as_f64() };
    match text.split_once('/') {
        Some((above, below)) => Some(above.trim().parse::<f64>().ok()? / below.trim().parse::<f64>().ok()?),
        None => text.parse().ok(),
    }
}
