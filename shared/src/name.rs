//! Names of registries: the entry that bears one, or the name that was probably meant.

/// No entry of a registry has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} `{name}`; did you mean `{nearest}`?")]
pub struct UnknownName {
    /// What an entry of the registry is called: `corruption`.
    pub kind: &'static str,
    /// What was asked for.
    pub name: String,
    /// The most similar name.
    pub nearest: &'static str,
}

/// The entry of `registry` called `name`; `name_of` reads the name of an entry.
pub(crate) fn find<T>(
    kind: &'static str,
    registry: &'static [T],
    name_of: fn(&T) -> &'static str,
    name: &str,
) -> Result<&'static T, UnknownName> {
    if let Some(entry) = registry.iter().find(|entry| name_of(entry) == name) {
        return Ok(entry);
    }
    Err(unknown(kind, registry.iter().map(name_of), name))
}

/// That none of `known` is `name`. The first of equally distant names is the nearest, so the suggestion does not depend on
/// the platform.
pub(crate) fn unknown(kind: &'static str, known: impl Iterator<Item = &'static str>, name: &str) -> UnknownName {
    let distance = |known: &&str| strsim::damerau_levenshtein(known, &name.to_lowercase());
    UnknownName { kind, name: name.to_owned(), nearest: known.min_by_key(distance).unwrap_or_default() }
}
