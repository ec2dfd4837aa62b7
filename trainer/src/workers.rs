//! The CPU's workers: one one-thread rayon pool per core, built once.
//!
//! The engine parallelises inside an operation and keeps about 1.3 cores busy that way. Giving every core a shard of
//! the batch and forbidding it to share its operations keeps all of them busy, which doubles the images per second.

use std::ops::Range;

use anyhow::{Context, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::fault;
use crate::places::Place;

/// A fixed set of workers.
pub struct Workers {
    pools: Vec<ThreadPool>,
}

impl Workers {
    /// `count` workers; 0 means one per core.
    pub fn new(count: usize) -> Result<Self> {
        let count = if count == 0 { Self::cores() } else { count };
        Self::with(std::iter::repeat_n(1, count))
    }

    /// One worker for each place: one thread for a core, for the others what is left of the cores, to make images with.
    pub fn of(places: &[Place]) -> Result<Self> {
        let cores = places.iter().filter(|place| place.is_cpu()).count();
        let left = (Self::cores().saturating_sub(cores) / (places.len() - cores).max(1)).max(1);
        Self::with(places.iter().map(|place| if place.is_cpu() { 1 } else { left }))
    }

    fn with(threads: impl Iterator<Item = usize>) -> Result<Self> {
        let pool = |count| ThreadPoolBuilder::new().num_threads(count).build().context("cannot start a worker thread");
        Ok(Self { pools: threads.map(pool).collect::<Result<_>>()? })
    }

    /// Cores of this machine that we may use.
    pub fn cores() -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    /// One worker with all cores, for preparing what a card computes.
    pub fn one() -> Result<Self> {
        Ok(Self { pools: vec![ThreadPoolBuilder::new().build().context("cannot start worker threads")?] })
    }

    /// How many workers there are.
    pub fn count(&self) -> usize {
        self.pools.len()
    }

    /// Runs `work` on every worker with one of `shards` each, and returns the results in the order of the shards.
    ///
    /// There may be fewer shards than workers, never more.
    pub fn each<S: Send, R: Send>(&self, shards: Vec<S>, work: impl Fn(S) -> R + Sync) -> Vec<R> {
        assert!(shards.len() <= self.pools.len(), "a shard for every worker at most");
        let work = &work;
        std::thread::scope(|scope| {
            let running: Vec<_> = shards
                .into_iter()
                .zip(&self.pools)
                .map(|(shard, pool)| scope.spawn(move || pool.install(move || work(shard))))
                .collect();
            running
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }

    /// [`Self::each`] for work that can fail. A worker that panics has failed too; the others finish what they do.
    ///
    /// # Errors
    /// The first, in the order of the shards.
    pub fn try_each<S: Send, R: Send>(&self, shards: Vec<S>, work: impl Fn(S) -> Result<R> + Sync) -> Result<Vec<R>> {
        self.each(shards, |shard| fault::caught(|| work(shard))).into_iter().collect()
    }

    /// Cuts `items` into consecutive, nearly equal shards, one per worker, none empty.
    pub fn shard<'a, T>(&self, items: &'a [T]) -> Vec<&'a [T]> {
        self.ranges(items.len()).into_iter().map(|range| &items[range]).collect()
    }

    /// The shards of `count` items, by their indices.
    pub fn ranges(&self, count: usize) -> Vec<Range<usize>> {
        let shards = self.pools.len().min(count);
        (0..shards).map(|i| i * count / shards..(i + 1) * count / shards).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_cover_everything_once_and_in_order() -> Result<()> {
        let workers = Workers::new(3)?;
        let items: Vec<usize> = (0..10).collect();
        assert_eq!(workers.shard(&items).concat(), items);
        assert_eq!(workers.shard(&items[..2]).len(), 2);
        Ok(())
    }

    #[test]
    fn results_come_back_in_the_order_of_the_shards() -> Result<()> {
        let workers = Workers::new(2)?;
        assert_eq!(workers.each(vec![3, 4], |x| x * x), [9, 16]);
        Ok(())
    }

    #[test]
    fn a_worker_that_panics_has_failed_and_works_again() -> Result<()> {
        let workers = Workers::new(2)?;
        let work = |x: i32| if x == 4 { panic!("four") } else { Ok(x * x) };
        let failed = workers.try_each(vec![3, 4], work).unwrap_err().to_string();
        assert!(failed.contains("four"), "{failed}");
        assert_eq!(workers.try_each(vec![4 - 1, 5], work)?, [9, 25]);
        Ok(())
    }
}
