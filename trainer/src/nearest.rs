//! "Did you mean …?": the known name closest to a mistyped one.

/// The name most like `wrong`, if one is close enough to be worth suggesting.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().max(wrong.len()) / 3)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `; did you mean "…"?` or, when nothing is close, `; known: a, b, c`.
pub fn hint<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(wrong, names.clone()) {
        Some(name) => format!("; did you mean `{name}`?"),
        None => format!("; known: {}", names.into_iter().collect::<Vec<_>>().join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_finds_its_key() {
        assert_eq!(nearest("weight_decy", ["lr", "weight_decay", "warmup"]), Some("weight_decay"));
        assert_eq!(nearest("eopchs", ["batch", "epochs"]), Some("epochs"));
    }

    #[test]
    fn something_else_altogether_finds_nothing() {
        assert_eq!(nearest("zzz", ["batch", "epochs"]), None);
    }
}
