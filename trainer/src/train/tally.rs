//! What steps add up to while an epoch goes on: sums, the line of each tenth, and what a person is shown.

use super::step::Report;
use crate::progress::Step;
use crate::run::checkpoint::State;
use crate::run::metrics::{PARTS, Part};

/// Adds a step to what is known so far.
pub(super) fn count(state: &mut State, report: &Report, seconds: f64) {
    state.step += 1;
    state.position += 1;
    for sums in [&mut state.sums, &mut state.part] {
        sums.steps += 1;
        sums.loss += report.loss;
        sums.norm += report.norm;
        sums.correct += report.correct;
        sums.count += report.count;
        sums.seconds += seconds;
    }
}

/// The line about the part of an epoch that the last step completed, if it did; its sums begin anew.
pub(super) fn part(state: &mut State, steps: usize, learning_rate: f64) -> Option<Part> {
    let tenths = |position: usize| position * PARTS / steps.max(1);
    if tenths(state.position) == tenths(state.position - 1) {
        return None;
    }
    let sums = std::mem::take(&mut state.part);
    Some(Part {
        epoch: state.epoch + 1,
        tenths: tenths(state.position),
        step: state.step,
        train_loss: sums.loss / sums.steps.max(1) as f64,
        train_top1: sums.correct as f64 / sums.count.max(1) as f64,
        learning_rate,
    })
}

/// What a person sees after a step.
pub(super) fn shown(state: &State, images: usize, steps: usize, progress: f64) -> Step {
    let sums = &state.sums;
    Step {
        done: state.position * images,
        of: steps * images,
        loss: sums.loss / sums.steps.max(1) as f64,
        top1: sums.correct as f64 / sums.count.max(1) as f64,
        images_per_second: sums.count as f64 / sums.seconds.max(1e-9),
        progress: progress.min(1.0),
        left: left(state, progress),
    }
}

/// Seconds to the end at the pace so far.
pub(super) fn left(state: &State, progress: f64) -> f64 {
    state.seconds * (1.0 - progress).max(0.0) / progress.max(1e-9)
}
