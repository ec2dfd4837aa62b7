//! Which corruptions a command works on: `--only` names them, `--set` takes published sets, and nothing takes the default ones.

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use vitro::corruption::{self, Corruption, Set};

/// Stands for every set.
const ALL: &str = "all";

/// What `--set` may be.
pub(super) fn sets() -> PossibleValuesParser {
    PossibleValuesParser::new(Set::ALL.iter().map(|set| set.name()).chain([ALL]))
}

/// The corruptions called `only`, or else those of `sets`, in the registry's order.
pub(super) fn corruptions(only: &[String], sets: &[String]) -> Result<Vec<&'static Corruption>> {
    let asked = only.iter().map(|name| corruption::find(name)).collect::<Result<Vec<_>, _>>()?;
    let in_sets = |set: Set| match sets {
        [] => set.by_default(),
        _ => sets.iter().any(|name| name == ALL || name == set.name()),
    };
    let wanted = |corruption: &&Corruption| match asked[..] {
        [] => in_sets(corruption.set),
        _ => asked.iter().any(|asked| asked.name == corruption.name),
    };
    Ok(corruption::ALL.iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(only: &[&str], sets: &[&str]) -> usize {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        corruptions(&owned(only), &owned(sets)).unwrap().len()
    }

    #[test]
    fn sets_add_up_to_the_registry_and_the_default_is_the_nineteen() {
        assert_eq!(count(&[], &[]), 19);
        assert_eq!(count(&[], &["common", "extra"]), 19);
        assert_eq!(count(&[], &["bar"]), corruption::ALL.len() - 19);
        assert_eq!(count(&[], &[ALL]), corruption::ALL.len());
        assert_eq!(count(&["ripple", "fog"], &[]), 2);
    }
}
