//! Counts calls: the first few warm up, then as many count as were asked for, or as fit into the time.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde::{Deserialize, Serialize};

/// Calls before the clock counts: allocations, thread pools, shaders.
const WARM_UP: usize = 3;

/// Calls that count however long they take, so that there is a median and a spread.
const LEAST: usize = 3;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Calls that count, at most.
    pub runs: usize,
    /// After so many seconds of counted calls no further one begins, once there are three. A quarter of it may warm up.
    pub seconds: f64,
}

/// Milliseconds of a call.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Calls that counted.
    pub runs: usize,
    /// Half of the calls took longer.
    pub median_ms: f64,
    /// The quickest call.
    pub min_ms: f64,
    /// A quarter of the calls was quicker.
    pub lower_quartile_ms: f64,
    /// A quarter of the calls took longer.
    pub upper_quartile_ms: f64,
    /// The slowest call.
    pub max_ms: f64,
}

impl Times {
    /// Of calls in any order; `None` of none.
    pub fn of(mut milliseconds: Vec<f64>) -> Option<Self> {
        milliseconds.sort_by(f64::total_cmp);
        let runs = milliseconds.len();
        let (min_ms, max_ms) = (*milliseconds.first()?, *milliseconds.last()?);
        let quantile = |fraction: f64| {
            let place = fraction * (runs - 1) as f64;
            let (below, above) = (place.floor() as usize, place.ceil() as usize);
            milliseconds[below] + (milliseconds[above] - milliseconds[below]) * place.fract()
        };
        Some(Self {
            runs,
            median_ms: quantile(0.5),
            min_ms,
            lower_quartile_ms: quantile(0.25),
            upper_quartile_ms: quantile(0.75),
            max_ms,
        })
    }
}

/// A measurement under way.
#[derive(Clone, Debug)]
pub struct Stopwatch {
    budget: Budget,
    warm_ups: usize,
    warming: f64,
    counted: Vec<f64>,
}

impl Stopwatch {
    /// Nothing called yet.
    pub fn new(budget: Budget) -> Self {
        Self { budget, warm_ups: 0, warming: 0.0, counted: Vec::new() }
    }

    /// Times `call` until it is done.
    pub fn time(mut self, mut call: impl FnMut() -> Result<()>) -> Result<Option<Times>> {
        while !self.is_done() {
            let start = Instant::now();
            call()?;
            self.record(start.elapsed());
        }
        Ok(self.times())
    }

    /// Takes a call; says whether it counts.
    pub fn record(&mut self, time: Duration) -> bool {
        let seconds = time.as_secs_f64();
        if self.is_warming_up() {
            self.warm_ups += 1;
            self.warming += seconds;
            return false;
        }
        self.counted.push(seconds * 1e3);
        true
    }

    /// Whether no further call is needed.
    pub fn is_done(&self) -> bool {
        let spent = self.counted.iter().sum::<f64>() / 1e3;
        let runs = self.counted.len();
        runs >= self.budget.runs || (runs >= LEAST && spent >= self.budget.seconds)
    }

    /// The times so far.
    pub fn times(self) -> Option<Times> {
        Times::of(self.counted)
    }

    /// Calls that it takes at most.
    pub fn most_calls(&self) -> usize {
        WARM_UP + self.budget.runs
    }

    fn is_warming_up(&self) -> bool {
        let is_warm = self.warm_ups >= WARM_UP || (self.warm_ups > 0 && self.warming >= self.budget.seconds / 4.0);
        self.counted.is_empty() && !is_warm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many calls of that many seconds are made, and how many count.
    fn calls(seconds: f64, budget: Budget) -> (usize, usize) {
        let mut stopwatch = Stopwatch::new(budget);
        let mut calls = 0;
        while !stopwatch.is_done() {
            stopwatch.record(Duration::from_secs_f64(seconds));
            calls += 1;
        }
        (calls, stopwatch.times().unwrap().runs)
    }

    #[test]
    fn quick_calls_are_counted_as_often_as_asked_and_slow_ones_three_times() {
        let budget = Budget { runs: 10, seconds: 8.0 };
        assert_eq!(calls(0.01, budget), (13, 10));
        assert_eq!(calls(1.0, budget), (2 + 8, 8));
        assert_eq!(calls(60.0, budget), (1 + 3, 3));
        assert_eq!(calls(60.0, Budget { runs: 1, ..budget }), (1 + 1, 1));
    }

    #[test]
    fn the_median_of_an_even_number_lies_in_the_middle_and_quartiles_around_it() {
        let times = Times::of(vec![4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!((times.median_ms, times.min_ms, times.max_ms), (2.5, 1.0, 4.0));
        assert_eq!((times.lower_quartile_ms, times.upper_quartile_ms), (1.75, 3.25));
        assert_eq!(Times::of(Vec::new()), None);
    }
}
