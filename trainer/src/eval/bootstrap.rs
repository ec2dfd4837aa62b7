//! The bootstrap's draws on all cores; what they are and what becomes of them is in [`vitro::metric::bootstrap`].

use rayon::prelude::*;
use vitro::metric::bootstrap::{RESAMPLES, Resampled, Weights};

/// `measure` under every draw. `lengths` are the numbers of images that it asks weights for.
pub fn resampled<T: Send>(lengths: &[usize], seed: u64, measure: impl Fn(&Weights) -> T + Sync) -> Resampled<T> {
    let again = |resample| measure(&Weights::drawn(lengths, seed, resample));
    Resampled::measured(measure(&Weights::ones(lengths)), (0..RESAMPLES).into_par_iter().map(again).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_change_nothing() {
        let first = |weights: &Weights| f64::from(weights.of(20)[0]);
        let (here, everywhere) = (Resampled::new(&[20], 3, first), resampled(&[20], 3, first));
        let number = |found: Resampled<f64>| found.number(|value| Some(*value));
        assert_eq!(number(here), number(everywhere));
    }
}
