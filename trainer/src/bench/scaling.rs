//! What more cores would give, by Amdahl's law, from what some give: a computed number, and called so wherever it is shown.
//!
//! With a serial fraction f, n workers are 1 / (f + (1 − f) / n) times as fast as one. The fraction is what the measured
//! speed-up s of n workers says: f = (n / s − 1) / (n − 1). Memory bandwidth and the clock of many busy cores are not in it.

use serde::{Deserialize, Serialize};

use super::row::{Input, Row, Work};

/// The cores that are computed.
const CORES: usize = 16;

/// How a row behaves with more workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// As in the rows.
    pub model: String,
    /// As in the rows.
    pub work: Work,
    /// As in the rows.
    pub batch: usize,
    /// As in the rows.
    pub input: Input,
    /// The most workers that were measured.
    pub workers: usize,
    /// How many times as fast they are as one worker: measured.
    pub speedup: f64,
    /// Fraction of one worker's time that more workers do not shorten: computed.
    pub serial_fraction: f64,
    /// Cores of the last number.
    pub cores: usize,
    /// Images a second with so many cores: computed.
    pub images_per_second: f64,
}

/// For each kind of row that was measured with one worker and with more.
pub fn scaling(rows: &[Row]) -> Vec<Scaling> {
    rows.iter().filter(|row| row.workers == 1).filter_map(|one| of(one, rows)).collect()
}

fn of(one: &Row, rows: &[Row]) -> Option<Scaling> {
    let kind =
        |row: &&Row| (&row.model, row.work, row.batch, row.input) == (&one.model, one.work, one.batch, one.input);
    let most = rows.iter().filter(kind).max_by_key(|row| row.workers)?;
    if most.workers == 1 {
        return None;
    }
    let (speedup, workers) = (most.images_per_second / one.images_per_second, most.workers as f64);
    let serial_fraction = ((workers / speedup - 1.0) / (workers - 1.0)).clamp(0.0, 1.0);
    let with_cores = 1.0 / (serial_fraction + (1.0 - serial_fraction) / CORES as f64);
    Some(Scaling {
        model: one.model.clone(),
        work: one.work,
        batch: one.batch,
        input: one.input,
        workers: most.workers,
        speedup,
        serial_fraction,
        cores: CORES,
        images_per_second: one.images_per_second * with_cores,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::stopwatch::Times;

    fn row(workers: usize, images_per_second: f64) -> Row {
        let times = Times::of(vec![32e3 / images_per_second]).unwrap();
        let (work, input, model) = (Work::Train, Input::Noise, "vit_nano_p8_64".to_owned());
        Row {
            model,
            work,
            batch: 32,
            input,
            workers,
            times,
            images_per_second,
            peak_memory_mib: None,
            waiting: 0.0,
            sent_mib: None,
            received_mib: None,
        }
    }

    fn only(rows: &[Row]) -> Scaling {
        let all = scaling(rows);
        assert_eq!(all.len(), 1);
        all[0].clone()
    }

    #[test]
    fn twice_as_fast_with_two_workers_is_sixteen_times_with_sixteen() {
        let scaling = only(&[row(1, 100.0), row(2, 200.0)]);
        assert!(scaling.serial_fraction.abs() < 1e-12 && (scaling.images_per_second - 1600.0).abs() < 1e-6);
    }

    #[test]
    fn a_fifth_that_stays_serial_leaves_four_times_at_sixteen_cores() {
        // 1 / (0.2 + 0.8 / 2) and 1 / (0.2 + 0.8 / 16).
        let scaling = only(&[row(2, 100.0 / 0.6), row(1, 100.0)]);
        assert!((scaling.serial_fraction - 0.2).abs() < 1e-12, "{scaling:?}");
        assert!((scaling.images_per_second - 400.0).abs() < 1e-6, "{scaling:?}");
    }

    #[test]
    fn nothing_is_computed_from_one_number_of_workers() {
        assert_eq!(scaling(&[row(1, 100.0)]), []);
        assert_eq!(scaling(&[row(2, 100.0)]), []);
    }
}
