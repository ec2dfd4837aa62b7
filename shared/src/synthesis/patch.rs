//! An adversarial patch that can be carried about: [`crate::attack::patch`].

use super::{Amount, Course, Made, Step, Subject, Synthesis, SynthesisError, Wish};
use crate::attack::Victim;
use crate::attack::patch::{Patch, Square};

/// Enough for every pixel to cross its whole range.
const STEPS: usize = 40;

pub(super) const ENTRY: Synthesis = Synthesis {
    name: "patch",
    title: "an adversarial patch",
    about: "A square whose pixels may be anything is learned against the model where it lies. Drag it: does it work elsewhere?",
    amount: Amount { title: "side", unit: "% of the image", least: 5.0, most: 50.0, step: 5.0, usual: 25.0 },
    watched: Some("loss"),
    has_place: true,
    is_random: false,
    begin,
};

fn begin(subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
    let image = subject.side();
    let side = (image as f64 * wish.amount / 100.0).round() as usize;
    let patch = Patch::start(subject.image.clone(), Square::around(wish.place, side, image))?;
    Ok(Box::new(Steps { victim: subject.victim()?, label: subject.label, patch, image, done: 0 }))
}

#[derive(Debug)]
struct Steps {
    victim: Victim,
    label: usize,
    patch: Patch,
    image: usize,
    done: usize,
}

impl Course for Steps {
    fn step(&mut self) -> Result<Option<Step>, SynthesisError> {
        if self.done == STEPS {
            return Ok(None);
        }
        let loss = self.patch.step(&self.victim, self.label)?;
        self.done += 1;
        Ok(Some(Step { done: self.done, of: STEPS, value: Some(loss.into_scalar::<f32>().into()) }))
    }

    fn made(&self) -> Made {
        Made::Image(self.patch.attacked())
    }

    fn carry(&mut self, place: [f64; 2]) -> Result<(), SynthesisError> {
        let side = self.patch.square().side;
        Ok(self.patch.carry(Square::around(place, side, self.image))?)
    }
}
