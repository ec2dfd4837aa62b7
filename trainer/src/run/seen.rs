//! What is said of the corruptions that a training sees: whoever reads its results must know that these are not unseen.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use vitro::corruption::{self, Set};

use super::Folder;
use crate::recipe::Data;

/// Names of the corruptions that training images get, in the registry's order.
///
/// # Errors
/// For a word in `data.corruptions` that names none.
pub fn names(data: &Data) -> Result<Vec<String>> {
    Ok(data.seen_corruptions()?.iter().map(|corruption| corruption.name.to_owned()).collect())
}

/// These and those that the weights have seen which a training starts from, where they are those of a run.
///
/// # Errors
/// For a run whose facts cannot be read.
pub fn with_those_of_the_start(names: Vec<String>, foundations: &BTreeMap<String, PathBuf>) -> Result<Vec<String>> {
    match foundations.get("start") {
        Some(run) if run.join("run.json").is_file() => {
            Ok(together(names, &Folder::open(run)?.facts()?.seen_corruptions))
        }
        _ => Ok(names),
    }
}

/// Both, in the registry's order.
pub fn together(names: Vec<String>, others: &[String]) -> Vec<String> {
    let is_in = |name: &str| names.iter().chain(others).any(|seen| seen == name);
    corruption::ALL.iter().map(|row| row.name).filter(|name| is_in(name)).map(str::to_owned).collect()
}

/// What training sees, with a word on corruptions where images are corrupted.
///
/// # Errors
/// As [`names`].
pub fn train_data(data: &Data, plain: &str) -> Result<String> {
    let names = names(data)?;
    if names.is_empty() {
        return Ok(plain.to_owned());
    }
    let measured = of_the_benchmark(&names);
    let measured = if measured.is_empty() { "none".to_owned() } else { measured.join(", ") };
    Ok(format!("{plain}; corrupted with probability {} (of the benchmark's fifteen: {measured})", data.corrupt))
}

/// What whoever trains must know; nothing where the benchmark stays unseen.
pub fn warning(names: &[String]) -> Option<String> {
    let measured = of_the_benchmark(names);
    let which = measured.join(", ");
    (!measured.is_empty())
        .then(|| format!("trains on {which} of the benchmark; results on these are not on unseen ones"))
}

fn of_the_benchmark(names: &[String]) -> Vec<&str> {
    let is_measured = |name: &&str| corruption::find(name).is_ok_and(|found| found.set == Set::Common);
    names.iter().map(String::as_str).filter(is_measured).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(corrupt: f64, corruptions: &str) -> Data {
        Data { corrupt, corruptions: corruptions.to_owned(), ..Data::default() }
    }

    #[test]
    fn what_training_sees_names_the_corruptions_of_the_benchmark_or_says_that_there_are_none() {
        let said = |data| train_data(&data, "9 scenes").unwrap();
        assert_eq!(said(Data::default()), "9 scenes");
        assert_eq!(said(data(0.0, "fog")), "9 scenes");
        let unseen = said(Data { corrupt: 0.5, ..Data::default() });
        assert_eq!(unseen, "9 scenes; corrupted with probability 0.5 (of the benchmark's fifteen: none)");
        let seen = said(data(0.25, "snow,fog,ripple"));
        assert_eq!(seen, "9 scenes; corrupted with probability 0.25 (of the benchmark's fifteen: snow, fog)");
    }

    #[test]
    fn there_is_a_warning_exactly_where_the_benchmark_is_trained_on() {
        let warned = |data| warning(&names(&data).unwrap());
        assert_eq!(warned(data(0.5, "extra,bar")), None);
        assert_eq!(warned(data(0.0, "common")), None);
        assert!(warned(data(0.5, "bar,fog")).unwrap().starts_with("trains on fog of the benchmark"));
    }
}
