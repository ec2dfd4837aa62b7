//! What an evaluation has measured so far, condition by condition, beside its result: an evaluation that was stopped goes on.
//!
//! One JSON document a line. The first says what is measured ([`Header`]); each of the others holds one condition, image by image.
//! A last line that was cut short is measured again. The file is locked while an evaluation writes it, and removed once the
//! result is there.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vitro::protocol::Protocol;

use crate::lock;
use crate::rehearsal::{self, Place};

/// Everything that two evaluations must agree on to share what they measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the program.
    pub program: String,
    /// The weights.
    pub weights: String,
    /// The chosen images.
    pub images: String,
    /// The classes that predictions are restricted to.
    pub classes: Option<String>,
    /// The conditions, whatever corruptions are asked for.
    pub protocol: Protocol,
    /// Seed of corruptions and attacks.
    pub seed: u64,
    /// Processor.
    pub device: String,
}

/// A condition that was measured.
#[derive(Serialize, Deserialize)]
struct Line {
    condition: String,
    found: Value,
}

/// The journal of one evaluation.
#[derive(Debug, Default)]
pub struct Journal {
    /// None: nothing is kept.
    file: Option<(PathBuf, File)>,
    found: BTreeMap<String, Value>,
    /// Conditions in the file.
    kept: usize,
}

impl Drop for Journal {
    /// Where nothing could be measured, there is nothing to go on with.
    fn drop(&mut self) {
        if let Some((path, _)) = self.file.as_ref().filter(|_| self.kept == 0) {
            let _ = fs::remove_file(path);
        }
    }
}

impl Journal {
    /// Opens the journal at `path` for what `header` says; without a path, nothing is kept.
    ///
    /// # Errors
    /// When it is of another evaluation, or another process writes it.
    pub fn open(path: Option<&Path>, header: &Header) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let shown = path.display();
        let held = lock::hold(path)?;
        let mut file =
            held.with_context(|| format!("another evaluation writes {shown}; wait for it, or name another --out"))?;
        let mut text = String::new();
        let read = file.read_to_string(&mut text);
        read.with_context(|| format!("{shown} cannot be read; delete it and begin anew"))?;
        // What follows the last line break was cut short.
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut lines = whole.lines();
        let mut found = BTreeMap::new();
        // One in which nothing was measured yet keeps nobody from anything.
        let begun = whole.lines().count() > 1;
        match lines.next().filter(|_| begun) {
            Some(first) => {
                if let Some(what) = difference(first, header)? {
                    bail!(
                        "{shown} holds what an earlier evaluation measured, of another {what}; delete it to begin anew, or \
                         evaluate as that one did to go on with it"
                    );
                }
                for line in lines {
                    let line: Line = serde_json::from_str(line)
                        .with_context(|| format!("{shown} is damaged; delete it and begin anew"))?;
                    found.insert(line.condition, line.found);
                }
                file.set_len(whole.len() as u64 + 1)?;
            }
            None => {
                file.set_len(0)?;
                let written = writeln!(file, "{}", serde_json::to_string(header)?);
                written.with_context(|| format!("cannot write {shown}; free some space"))?;
            }
        }
        let kept = found.len();
        Ok(Self { file: Some((path.to_owned(), file)), found, kept })
    }

    /// Conditions that were measured before.
    pub fn conditions(&self) -> usize {
        self.found.len()
    }

    /// What was found under `condition` before, or else what `measure` finds, which is kept.
    ///
    /// # Errors
    /// When it cannot be measured or kept.
    pub fn once<T: Serialize + DeserializeOwned>(
        &mut self,
        condition: &str,
        is_whole: impl Fn(&T) -> bool,
        measure: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let Some((path, file)) = &mut self.file else { return measure() };
        if let Some(found) = self.found.remove(condition) {
            let found = serde_json::from_value(found).ok().filter(is_whole);
            return found
                .with_context(|| format!("{} is damaged at {condition}; delete it and begin anew", path.display()));
        }
        let found = measure()?;
        let line = Line { condition: condition.to_owned(), found: serde_json::to_value(&found)? };
        // One write, so that nobody finds two half lines.
        let text = format!("{}\n", serde_json::to_string(&line)?);
        let written = file.write_all(text.as_bytes()).and_then(|()| rehearsal::at(Place::Write(path)));
        written.with_context(|| format!("cannot write {}; free some space", path.display()))?;
        self.kept += 1;
        Ok(found)
    }
}

/// Removes the journal once its result is kept.
///
/// # Errors
/// When it cannot be removed.
pub fn remove(path: &Path) -> Result<()> {
    ensure!(
        !path.exists() || fs::remove_file(path).is_ok(),
        "cannot remove {}; delete it, the result is complete",
        path.display()
    );
    Ok(())
}

/// What a journal's first line differs in, if it does.
fn difference(first: &str, header: &Header) -> Result<Option<&'static str>> {
    let Ok(before) = serde_json::from_str::<Header>(first) else { return Ok(Some("version of the program")) };
    let differs = [
        ("version of the program", before.program != header.program),
        ("model, or of one that was trained further", before.weights != header.weights),
        ("choice of images", before.images != header.images),
        ("choice of classes", before.classes != header.classes),
        // Before the protocol, which has the seed of the corruptions too.
        ("seed", before.seed != header.seed),
        ("protocol", before.protocol != header.protocol),
        ("device", before.device != header.device),
    ];
    Ok(differs.into_iter().find(|(_, differs)| *differs).map(|(what, _)| what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(seed: u64) -> Header {
        Header {
            program: "1".into(),
            weights: "ab".into(),
            images: "cd".into(),
            classes: None,
            protocol: Protocol {
                dataset: "scenes".into(),
                split: vitro::protocol::Split::Test,
                images: 2,
                preprocess: vitro::image::Preprocess::imagenet(8),
                corruption: None,
            },
            seed,
            device: "cpu".into(),
        }
    }

    fn once(journal: &mut Journal, condition: &str, number: u64) -> u64 {
        journal.once(condition, |_| true, || Ok(number)).unwrap()
    }

    #[test]
    fn what_was_measured_is_not_measured_again_but_a_line_that_was_cut_short_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(Some(&path), &header(0)).unwrap();
        assert_eq!((once(&mut journal, "fog 1", 3), once(&mut journal, "fog 2", 4)), (3, 4));
        drop(journal);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, &text[..text.len() - 3]).unwrap();
        let mut journal = Journal::open(Some(&path), &header(0)).unwrap();
        assert_eq!(journal.conditions(), 1);
        assert_eq!((once(&mut journal, "fog 1", 30), once(&mut journal, "fog 2", 40)), (3, 40));
        drop(journal);
        assert_eq!(Journal::open(Some(&path), &header(0)).unwrap().conditions(), 2);
        remove(&path).unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn the_journal_of_another_evaluation_or_of_one_that_runs_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut running = Journal::open(Some(&path), &header(0)).unwrap();
        once(&mut running, "fog 1", 3);
        let refused = |header: &Header| format!("{:#}", Journal::open(Some(&path), header).unwrap_err());
        assert!(refused(&header(0)).contains("another evaluation writes"));
        drop(running);
        assert!(refused(&header(1)).contains("of another seed"), "{}", refused(&header(1)));
        let other = Header { weights: "ef".into(), ..header(0) };
        assert!(refused(&other).contains("another model"), "{}", refused(&other));
        fs::write(&path, "{}\n{}\n").unwrap();
        assert!(refused(&header(0)).contains("version of the program"));
    }

    #[test]
    fn a_journal_in_which_nothing_was_measured_yet_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        drop(Journal::open(Some(&path), &header(0)).unwrap());
        assert!(!path.exists());
        // That of an evaluation that was killed.
        fs::write(&path, format!("{}\n", serde_json::to_string(&header(0)).unwrap())).unwrap();
        let mut journal = Journal::open(Some(&path), &header(1)).unwrap();
        assert_eq!((journal.conditions(), once(&mut journal, "fog 1", 3)), (0, 3));
        drop(journal);
        assert_eq!(Journal::open(Some(&path), &header(1)).unwrap().conditions(), 1);
    }

    #[test]
    fn without_a_path_everything_is_measured() {
        let mut journal = Journal::open(None, &header(0)).unwrap();
        assert_eq!((once(&mut journal, "a", 1), once(&mut journal, "a", 2)), (1, 2));
    }
}
