//! Handing batches to the loop: made ahead of time on another thread, or not made at all and left to the workers.

use std::sync::mpsc::sync_channel;

use anyhow::Result;

use crate::data::batch::{Batch, Draw};

/// Batches that wait for the card.
const DEPTH: usize = 3;

/// What the loop wants after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next batch.
    Continue,
    /// No further batch of this epoch.
    Leave,
}

/// The rest of an epoch.
pub struct Ahead<'a, M> {
    ahead: bool,
    batches: &'a [&'a [Draw]],
    make: &'a M,
}

impl<'a, M: Fn(&[Draw]) -> Result<Batch> + Sync> Ahead<'a, M> {
    /// With `ahead`, `make` runs on a thread of its own; without, the loop gets the draws alone.
    pub fn new(ahead: bool, batches: &'a [&'a [Draw]], make: &'a M) -> Self {
        Self { ahead, batches, make }
    }

    /// Calls `step` for each batch until it wants to leave or fails.
    pub fn drive(&self, mut step: impl FnMut(&[Draw], Option<Result<Batch>>) -> Result<Next>) -> Result<()> {
        if !self.ahead {
            for draws in self.batches {
                if step(draws, None)? == Next::Leave {
                    break;
                }
            }
            return Ok(());
        }
        std::thread::scope(|scope| {
            let (sender, receiver) = sync_channel(DEPTH);
            scope.spawn(move || {
                for draws in self.batches {
                    // The loop left: nobody listens.
                    if sender.send((self.make)(draws)).is_err() {
                        break;
                    }
                }
            });
            for draws in self.batches {
                let Ok(batch) = receiver.recv() else { break };
                if step(draws, Some(batch))? == Next::Leave {
                    break;
                }
            }
            Ok(())
        })
    }
}
