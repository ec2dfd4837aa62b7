//! Poisson counts by inversion of a tabulated distribution.
//!
//! Exact at every rate, small ones included, where normal approximations fail. Each term follows from its neighbour by a
//! division, so the only transcendental is one `exp` and one `lgamma` of the `libm` crate per table.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::Rng;

use super::normal::fraction;

/// Parts of the unit interval: enough that most searches end where they start.
const PARTS: usize = 128;

/// The distribution of one rate.
pub(crate) struct Poisson {
    /// The smallest tabulated count; those below have no chance that f64 can see.
    first: u16,
    /// P(count ≤ first + i), and no end to the last.
    cumulative: Vec<f64>,
    /// For each part of the unit interval, where its search in `cumulative` starts.
    guide: [u16; PARTS],
}

impl Poisson {
    /// The distribution with mean `rate`, 0 to 10 000.
    pub(crate) fn new(rate: f64) -> Self {
        let reach = 9.0 * libm::sqrt(rate) + 12.0;
        let first = (rate - reach).max(0.0) as u16;
        let last = (rate + reach) as u16;
        // From the most likely count outward, so that nothing underflows.
        let mode = rate as u16;
        let peak = if rate > 0.0 {
            libm::exp(f64::from(mode) * libm::log(rate) - rate - libm::lgamma(f64::from(mode) + 1.0))
        } else {
            1.0
        };
        let mut terms = vec![peak; usize::from(last - first) + 1];
        let centre = usize::from(mode - first);
        for at in centre + 1..terms.len() {
            terms[at] = terms[at - 1] * rate / (usize::from(first) + at) as f64;
        }
        for at in (0..centre).rev() {
            terms[at] = terms[at + 1] * (usize::from(first) + at + 1) as f64 / rate;
        }
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = terms
            .iter()
            .map(|term| {
                sum += term;
                sum
            })
            .collect();
        if let Some(last) = cumulative.last_mut() {
            *last = f64::INFINITY;
        }
        let mut start = 0;
        let guide = std::array::from_fn(|part| {
            while cumulative[start] <= part as f64 / PARTS as f64 {
                start += 1;
            }
            start as u16
        });
        Self { first, cumulative, guide }
    }

    pub(crate) fn draw(&self, random: &mut ChaCha8Rng) -> u16 {
        self.at(random.next_u64())
    }

    /// The count that a word of the stream makes.
    #[inline(always)]
    pub(crate) fn at(&self, word: u64) -> u16 {
        let u = fraction(word);
        let mut at = usize::from(self.guide[(word >> (u64::BITS - PARTS.ilog2())) as usize % PARTS]);
        // A step without a branch spares most searches a wrong guess.
        at += usize::from(self.cumulative[at] <= u);
        while self.cumulative[at] <= u {
            at += 1;
        }
        self.first + at as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    #[test]
    fn mean_and_variance_are_the_rate() {
        for rate in [0.01, 0.5, 3.0, 17.5, 120.0, 500.0] {
            let poisson = Poisson::new(rate);
            let mut random = stream(3, 0, "test");
            let count = 200_000;
            let draws: Vec<f64> = (0..count).map(|_| f64::from(poisson.draw(&mut random))).collect();
            let mean = draws.iter().sum::<f64>() / f64::from(count);
            let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / f64::from(count);
            assert!((mean - rate).abs() < 5.0 * (rate / f64::from(count)).sqrt(), "{rate}: mean {mean}");
            assert!((variance / rate - 1.0).abs() < 0.02 + 0.01 / rate, "{rate}: variance {variance}");
        }
    }

    #[test]
    fn no_light_gives_no_photons() {
        assert_eq!(Poisson::new(0.0).draw(&mut stream(3, 0, "test")), 0);
    }
}
