//! Noise on the patch tokens that hardly moves the logits: a member of the approximate nullspace of the encoder (arXiv 2403.10476),
//! learned on this one image. It starts far out and descends; its size is shown beside noise of the same size that was not learned.

use burn::prelude::*;
use burn::tensor::TensorData;

use super::{Amount, Course, Made, Step, Subject, Synthesis, SynthesisError, Wish};
use crate::method::nullspace::controls::random_like;
use crate::method::nullspace::noise_search::{NoiseSearch, NoiseSearchConfig, Outcome};
use crate::model::ModelError;

/// Steps, if the stop rule does not hold before.
const STEPS: usize = 100;
/// Squared distance of the probabilities at which it stops: smaller than published, since on one image the published value is reached
/// after a few steps.
const THRESHOLD: f64 = 1e-4;

pub(super) const ENTRY: Synthesis = Synthesis {
    name: "token_noise",
    title: "noise that the encoder ignores",
    about: "Noise is added to the patch tokens, far out at first, and learned until the logits come back to where they were. Noise of \
            the same size that was not learned is shown beside it.",
    amount: Amount { title: "start within ±", unit: "", least: 0.5, most: 6.0, step: 0.5, usual: 3.0 },
    watched: Some("distance of the logits"),
    has_place: false,
    is_random: true,
    begin,
};

fn begin(subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
    let model = &subject.model;
    if !model.info().takes_token_noise {
        return Err(ModelError::NoTokenNoise { family: model.info().title }.into());
    }
    let published = NoiseSearchConfig::default();
    // A step moves an entry by as much of its range as in the published runs.
    let learning_rate = published.learning_rate * wish.amount / published.range;
    let config = NoiseSearchConfig {
        range: wish.amount,
        learning_rate,
        threshold: THRESHOLD,
        rounds: STEPS,
        share: 1.0,
        ..published
    };
    let tokens = model.embed(subject.image.clone(), &mut ()).0;
    let start = config.start(tokens.dims(), wish.seed, 0, &subject.image.device());
    Ok(Box::new(TokenNoise { subject: subject.clone(), search: config.init(start, 1)?, seed: wish.seed }))
}

#[derive(Debug)]
struct TokenNoise {
    subject: Subject,
    search: NoiseSearch,
    seed: u64,
}

impl Course for TokenNoise {
    fn step(&mut self) -> Result<Option<Step>, SynthesisError> {
        let Subject { model, image, .. } = &self.subject;
        let step = self.search.step(model, image.clone())?;
        // Where the stop rule holds, nothing has moved.
        let moved = step.filter(|step| step.outcome == Outcome::Moved);
        Ok(moved.map(|step| Step { done: step.number + 1, of: step.of, value: Some(step.objective) }))
    }

    fn made(&self) -> Made {
        Made::Tokens(self.search.noise())
    }

    fn control(&self) -> Option<Made> {
        let noise = self.search.noise();
        let (dims, device) = (noise.dims(), noise.device());
        let learned: Vec<f32> = noise.into_data().iter::<f32>().collect();
        let other = random_like(&learned, self.seed, 1);
        Some(Made::Tokens(Tensor::from_data(TensorData::new(other, dims), &device)))
    }
}
