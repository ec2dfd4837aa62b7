//! Datasets in shards: files that hold many images each. Their own names say which split they are of (`train-00003.tar`,
//! `validation/0000.parquet`), and a list of them may be written with braces (`train-{0000..0003}.tar`).

use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};

use super::files::File;
use super::layout::{TEST, TRAIN};
use super::names;

/// Files that a path with braces may stand for.
const MOST: usize = 100_000;

/// The files that a path with braces stands for, in its order; nothing if it has none or is a file itself. `{0000..0012}`
/// counts, with as many digits as are written, and `{a,b}` lists.
///
/// # Errors
/// When it stands for too many.
pub(super) fn expanded(path: &Path) -> Result<Option<Vec<PathBuf>>> {
    let text = path.to_string_lossy();
    if braces(&text).is_none() || path.exists() {
        return Ok(None);
    }
    let mut found = Vec::new();
    expand(&text, &mut found);
    ensure!(found.len() <= MOST, "{} stands for more than {MOST} files; name their folder", names::shown(&text));
    Ok(Some(found.into_iter().map(PathBuf::from).collect()))
}

/// The first file that a path stands for: itself, where it has no braces.
pub(super) fn first(path: &Path) -> PathBuf {
    let first = expanded(path).ok().flatten().and_then(|paths| paths.into_iter().next());
    first.unwrap_or_else(|| path.to_owned())
}

/// Stops one above the bound.
fn expand(text: &str, found: &mut Vec<String>) {
    let Some((start, end, choices)) = braces(text) else {
        found.push(text.to_owned());
        return;
    };
    for choice in choices {
        if found.len() > MOST {
            return;
        }
        expand(&format!("{}{choice}{}", &text[..start], &text[end..]), found);
    }
}

/// The first braces that hold a list or a range: where they begin, what follows them, and what they stand for.
fn braces(text: &str) -> Option<(usize, usize, Vec<String>)> {
    text.match_indices('{').find_map(|(start, _)| {
        let end = start + text[start..].find('}')?;
        Some((start, end + 1, choices(&text[start + 1..end])?))
    })
}

fn choices(inside: &str) -> Option<Vec<String>> {
    if let Some((low, high)) = inside.split_once("..") {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (from, to) = (low.parse::<usize>().ok()?, high.parse::<usize>().ok()?);
        let width = if low.starts_with('0') || high.starts_with('0') { low.len().max(high.len()) } else { 0 };
        let numbers = (from..=to).take(MOST + 1).map(|number| format!("{number:0width$}"));
        return (is_number(low) && is_number(high) && from <= to).then(|| numbers.collect());
    }
    inside.contains(',').then(|| inside.split(',').map(str::to_owned).collect())
}

/// The folder that the classes of each shard belong below: that of its split, or none where no shard is for testing. Then some
/// images are held out, as in a folder without splits.
///
/// # Errors
/// When some shards say which split they are of and others do not.
pub(super) fn splits(shards: &[&File]) -> Result<Vec<Vec<String>>> {
    let words: Vec<Option<&str>> = shards.iter().map(|file| split_of(&file.path)).collect();
    if words.iter().flatten().all(|word| TRAIN.contains(word)) {
        return Ok(vec![Vec::new(); shards.len()]);
    }
    let split = |(word, file): (Option<&str>, &&File)| match word {
        Some(word) => Ok(vec![word.to_owned()]),
        None => bail!(
            "{} does not say whether it is for training or for testing; put `train` or `test` into its name",
            file.name()
        ),
    };
    words.into_iter().zip(shards).map(split).collect()
}

/// The word for a split in a file's name, or else the nearest folder that is called so.
fn split_of(path: &[String]) -> Option<&'static str> {
    let known = |word: &str| TRAIN.iter().chain(TEST).copied().find(|known| known.eq_ignore_ascii_case(word));
    let (name, folders) = path.split_last()?;
    let mut words = name.split(|letter: char| !letter.is_alphabetic()).filter_map(known);
    words.next().or_else(|| folders.iter().rev().find_map(|folder| known(folder)))
}

/// A folder for each class, by label. Two classes of one name stay two: ImageNet has cranes that fly and cranes that lift.
pub(super) fn class_folders(names: &[String]) -> Vec<String> {
    let folders: Vec<String> = names.iter().map(|name| names::folder(name)).collect();
    let is_repeated = |folder: &String| folders.iter().filter(|other| *other == folder).count() > 1;
    let distinct = |(label, folder): (usize, &String)| {
        if is_repeated(folder) { format!("{folder} ({label})") } else { folder.clone() }
    };
    folders.iter().enumerate().map(distinct).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Vec<String> {
        let paths = expanded(Path::new(path)).unwrap().unwrap_or_default();
        paths.into_iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn braces_count_with_the_digits_that_are_written_and_list() {
        assert_eq!(of("s/train-{0008..0010}.tar"), ["s/train-0008.tar", "s/train-0009.tar", "s/train-0010.tar"]);
        assert_eq!(of("{a,bc}-{9..10}"), ["a-9", "a-10", "bc-9", "bc-10"]);
        for none in ["plain.tar", "a{b}c", "a{3..1}", "a{..}", "a{x..y}", "a{"] {
            assert!(of(none).is_empty(), "{none}");
        }
        assert!(expanded(Path::new("a{0..1000000}")).unwrap_err().to_string().contains("100000"));
    }

    #[test]
    fn the_split_is_a_word_of_the_name_or_a_folder() {
        let split = |path: &str| split_of(&path.split('/').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(split("data/train-00000-of-00001-a3f.parquet"), Some("train"));
        assert_eq!(split("imagenet1k-validation-07.tar"), Some("validation"));
        assert_eq!(split("test/train/0003.parquet"), Some("train"));
        assert_eq!(split("training/restrained.tar"), Some("training"));
        assert_eq!(split("shards/0003.tar"), None);
    }

    #[test]
    fn classes_of_one_name_stay_apart() {
        let names = ["crane", "jay/bird", "crane"].map(str::to_owned);
        assert_eq!(class_folders(&names), ["crane (0)", "jay-bird", "crane (2)"]);
    }
}
