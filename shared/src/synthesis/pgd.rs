//! Many steps against the model within a budget: [`crate::attack::pgd`], with the proportions of its published budget.

use super::{Amount, Course, Made, Step, Subject, Synthesis, SynthesisError, Wish};
use crate::attack::{Start, Victim, pgd};

pub(super) const ENTRY: Synthesis = Synthesis {
    name: "pgd",
    title: "PGD: many steps against the model",
    about: "As FGSM, in many small steps from a random start; after each, pixels are brought back to within the budget.",
    amount: Amount { title: "budget", unit: "/ 255", least: 0.5, most: 16.0, step: 0.5, usual: 1.0 },
    watched: Some("loss"),
    has_place: false,
    is_random: true,
    begin,
};

fn begin(subject: &Subject, wish: Wish) -> Result<Box<dyn Course>, SynthesisError> {
    let budget = pgd::ENTRY.defaults.at(wish.amount / 255.0);
    let victim = subject.victim()?;
    let start = Start::Drawn { seed: wish.seed, samples: vec![0] };
    let course = pgd::Pgd::start(&victim, subject.image.clone(), budget, start)?;
    Ok(Box::new(Steps { victim, label: subject.label, pgd: course, done: 0, of: budget.steps }))
}

#[derive(Debug)]
struct Steps {
    victim: Victim,
    label: usize,
    pgd: pgd::Pgd,
    done: usize,
    of: usize,
}

impl Course for Steps {
    fn step(&mut self) -> Result<Option<Step>, SynthesisError> {
        if self.done == self.of {
            return Ok(None);
        }
        let loss = self.pgd.step(&self.victim, &[self.label])?;
        self.done += 1;
        Ok(Some(Step { done: self.done, of: self.of, value: Some(loss.into_scalar::<f32>().into()) }))
    }

    fn made(&self) -> Made {
        Made::Image(self.pgd.attacked())
    }
}
