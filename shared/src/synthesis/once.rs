//! What is done in one step, since there is nothing to search for.

use super::{Course, Made, Step, SynthesisError};

/// A course of one step: the image before it, then what it makes.
#[derive(Debug)]
pub(super) struct Once {
    before: Made,
    after: Made,
    control: Option<Made>,
    is_done: bool,
}

impl Once {
    pub(super) fn new(before: Made, after: Made) -> Self {
        Self { before, after, control: None, is_done: false }
    }

    pub(super) fn with_control(self, control: Made) -> Self {
        Self { control: Some(control), ..self }
    }
}

impl Course for Once {
    fn step(&mut self) -> Result<Option<Step>, SynthesisError> {
        let is_first = !self.is_done;
        self.is_done = true;
        Ok(is_first.then_some(Step { done: 1, of: 1, value: None }))
    }

    fn made(&self) -> Made {
        if self.is_done { self.after.clone() } else { self.before.clone() }
    }

    fn control(&self) -> Option<Made> {
        self.control.clone()
    }
}
