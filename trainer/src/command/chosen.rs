//! Which corruptions a command works on: `--only` names them, `--set` takes published sets, and nothing takes the default ones.

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use vitro::corruption::{self, Corruption, Set, Variant};

/// Stands for every set.
const ALL: &str = "all";

/// What `--set` may be.
pub(super) fn sets() -> PossibleValuesParser {
    PossibleValuesParser::new(Set::ALL.iter().map(|set| set.name()).chain([ALL]))
}

/// The corruptions called `only`, or else those of `sets`, in the registry's order. Where a variant is named, `bar` is the
/// set with its constants.
pub(super) fn corruptions(
    only: &[String],
    sets: &[String],
    variant: Option<Variant>,
) -> Result<Vec<&'static Corruption>> {
    let asked = only.iter().map(|name| corruption::find(name)).collect::<Result<Vec<_>, _>>()?;
    let in_sets = |corruption: &Corruption| match sets {
        [] => corruption.set.by_default(),
        _ => sets.iter().any(|name| {
            let is_published = variant.is_none_or(|variant| corruption.is_published_for(variant));
            name == ALL || name == corruption.set.name() && is_published
        }),
    };
    let wanted = |corruption: &&Corruption| match asked[..] {
        [] => in_sets(corruption),
        _ => asked.iter().any(|asked| asked.name == corruption.name),
    };
    Ok(corruption::ALL.iter().filter(wanted).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn count(only: &[&str], sets: &[&str]) -> usize {
        corruptions(&owned(only), &owned(sets), None).unwrap().len()
    }

    #[test]
    fn a_named_variant_chooses_the_ten_of_its_own_set() {
        let names = |variant| {
            let chosen = corruptions(&[], &owned(&["bar"]), Some(variant)).unwrap();
            chosen.into_iter().map(|corruption| corruption.name).collect::<Vec<_>>()
        };
        let (large, small) = (names(Variant::ImageNet), names(Variant::Cifar));
        assert_eq!((large.len(), small.len()), (10, 10));
        assert_eq!(large.iter().filter(|name| small.contains(name)).count(), 5);
        assert_eq!(names(Variant::Tiny).len(), count(&[], &["bar"]));
        let asked = corruptions(&owned(&["ripple"]), &[], Some(Variant::ImageNet)).unwrap();
        assert_eq!(asked.len(), 1, "a corruption that is named is taken from any set");
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
