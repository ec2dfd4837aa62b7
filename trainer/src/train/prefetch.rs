//! Handing batches to the loop: made ahead of time on another thread, or not made at all and left to the workers.

use std::sync::mpsc::sync_channel;

use anyhow::{Context, Result};

use crate::data::batch::{Batch, Draw};
use crate::fault;

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
                    // Were the thread to panic, the loop would wait for a batch that never comes, or take the epoch for done.
                    let made = fault::caught(|| (self.make)(draws));
                    // The loop left: nobody listens.
                    if sender.send(made).is_err() {
                        break;
                    }
                }
            });
            for draws in self.batches {
                let batch = receiver.recv().context("the thread that makes the images ended early")?;
                if step(draws, Some(batch))? == Next::Leave {
                    break;
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn draws(count: usize) -> Vec<Draw> {
        (0..count).map(|index| Draw { index, serial: index as u64 }).collect()
    }

    #[test]
    fn a_batch_that_cannot_be_made_ends_the_epoch_with_its_reason_after_those_before_it() {
        let draws = draws(12);
        let batches: Vec<&[Draw]> = draws.chunks_exact(2).collect();
        let make = |draws: &[Draw]| -> Result<Batch> {
            match draws[0].index {
                6 => panic!("image 6"),
                index => Ok(Batch { labels: vec![index], ..Batch::default() }),
            }
        };
        let mut seen = Vec::new();
        let driven = Ahead::new(true, &batches, &make).drive(|_, ready| {
            let Some(batch) = ready else { bail!("nothing was made") };
            seen.push(batch?.labels[0]);
            Ok(Next::Continue)
        });
        let said = driven.unwrap_err();
        assert!(said.is::<fault::Fault>() && said.to_string().contains("image 6"), "{said}");
        assert_eq!(seen, [0, 2, 4]);
    }

    #[test]
    fn a_loop_that_leaves_lets_the_thread_go() {
        let draws = draws(40);
        let batches: Vec<&[Draw]> = draws.chunks_exact(2).collect();
        let make = |_: &[Draw]| -> Result<Batch> { Ok(Batch::default()) };
        let mut steps = 0;
        let driven = Ahead::new(true, &batches, &make).drive(|_, _| {
            steps += 1;
            Ok(if steps == 3 { Next::Leave } else { Next::Continue })
        });
        assert!(driven.is_ok() && steps == 3);
    }
}
