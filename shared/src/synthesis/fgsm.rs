//! One step along the sign of the gradient: [`crate::attack::fgsm`].

use super::once::Once;
use super::{Amount, Course, Made, Subject, Synthesis, SynthesisError, Wish};
use crate::attack::Radius;
use crate::attack::fgsm::fgsm;

pub(super) const ENTRY: Synthesis = Synthesis {
    name: "fgsm",
    title: "FGSM: one step against the model",
    about: "Every pixel moves by the same amount, up or down, in the direction in which the model becomes less sure of what it said.",
    amount: Amount { title: "budget", unit: "/ 255", least: 0.0, most: 16.0, step: 0.5, usual: 1.0 },
    watched: None,
    has_place: false,
    is_random: false,
    begin,
};

fn begin(subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
    let image = subject.image.clone();
    let radius = Radius::Linf(wish.amount / 255.0);
    let attacked = fgsm(&subject.victim()?, image.clone(), &[subject.label], radius)?;
    Ok(Box::new(Once::new(Made::Image(image), Made::Image(attacked))))
}
