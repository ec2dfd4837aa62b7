//! Which images and corruptions a report shows: chosen by a rule, not by what becomes of them.

use anyhow::Result;
use vitro::corruption::{self, Corruption, Group, Severity};

use super::cells;
use super::entry::Entry;
use crate::data::Set;

/// The first test image of each of `count` classes, spread evenly over all that have one.
pub fn choose(set: &Set, count: usize) -> Result<Vec<usize>> {
    let mut first: Vec<Option<usize>> = vec![None; set.classes.len()];
    let mut left = first.len();
    for index in 0..set.test.len() {
        let slot = &mut first[set.test.label(index)?];
        if slot.is_none() {
            *slot = Some(index);
            left -= 1;
        }
        if left == 0 {
            break;
        }
    }
    let first: Vec<usize> = first.into_iter().flatten().collect();
    let count = count.min(first.len());
    Ok((0..count).map(|i| first[i * first.len() / count]).collect())
}

/// Of each family the corruption on which the models' mean accuracies differ most, or that hurts a lone model most; of
/// families without a measured corruption the first.
pub fn telling(entries: &[Entry]) -> Vec<&'static Corruption> {
    let rows = cells::rows(entries);
    let weight = |corruption: &Corruption| {
        let means: Vec<f64> = entries
            .iter()
            .filter_map(|entry| cells::mean_top1(entry, |cell| cell.corruption == corruption.name))
            .collect();
        let (low, high) = (means.iter().copied().fold(1.0, f64::min), means.iter().copied().fold(0.0, f64::max));
        if means.len() > 1 { high - low } else { 1.0 - low }
    };
    let of = |group: Group| {
        let all =
            || corruption::ALL.iter().filter(|corruption| corruption.group == group && corruption.set.by_default());
        let measured = all().filter(|corruption| rows.iter().any(|row| row.name == corruption.name && row.benchmark));
        // The first of equals, so the choice does not depend on the order of a comparison.
        let best = measured.rev().max_by(|a, b| weight(a).total_cmp(&weight(b)));
        best.or_else(|| all().next())
    };
    Group::ALL.iter().copied().filter_map(of).collect()
}

/// The middle one of the measured severities, or 3.
pub fn middle(entries: &[Entry]) -> Result<Severity> {
    let severities = cells::severities(entries);
    Ok(Severity::try_from(severities.get(severities.len() / 2).copied().unwrap_or(3))?)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::entry::tests::measured;
    use super::*;
    use crate::data;
    use crate::recipe::Data;

    #[test]
    fn of_each_family_the_corruption_that_separates_the_models_is_shown() {
        let entries = [
            measured(
                "a",
                1.0,
                &[("fog", 1, 0.9), ("snow", 1, 0.9), ("gaussian_noise", 1, 0.5), ("shot_noise", 1, 0.1)],
            ),
            measured(
                "b",
                1.0,
                &[("fog", 1, 0.8), ("snow", 1, 0.2), ("gaussian_noise", 1, 0.9), ("shot_noise", 1, 0.1)],
            ),
        ];
        let names: Vec<_> = telling(&entries).into_iter().map(|corruption| corruption.name).collect();
        assert_eq!(names[..3], ["gaussian_noise", "defocus_blur", "snow"]);
        assert_eq!(names.len(), 4, "families that were not measured are shown by their first: {names:?}");
        let alone: Vec<_> = telling(&entries[..1]).into_iter().map(|corruption| corruption.name).collect();
        assert_eq!(alone[0], "shot_noise", "what hurts a lone model most");
    }

    #[test]
    fn the_middle_severity_is_one_that_was_measured() {
        assert_eq!(middle(&[measured("a", 1.0, &[])]).unwrap().get(), 3);
        assert_eq!(middle(&[measured("a", 1.0, &[("fog", 1, 0.0), ("fog", 5, 0.0)])]).unwrap().get(), 5);
    }

    #[test]
    fn classes_are_spread_and_each_gives_its_first_image() {
        let data = Data { source: "scenes".into(), image_size: 32, test_size: 60, ..Data::default() };
        let set = data::open(&data, "scenes".into(), Path::new(".")).unwrap();
        let chosen = choose(&set, 3).unwrap();
        let labels: Vec<usize> = chosen.iter().map(|index| set.test.label(*index).unwrap()).collect();
        assert_eq!(labels, [0, 8, 16]);
        for (index, label) in chosen.iter().zip(&labels) {
            assert!((0..*index).all(|earlier| set.test.label(earlier).unwrap() != *label));
        }
        assert_eq!(choose(&set, 99).unwrap().len(), 24, "no more than there are classes");
    }
}
