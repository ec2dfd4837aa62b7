//! A folder that appears under its name only when it is complete, and on which work goes on after a kill.
//!
//! It grows beside its target as `NAME.unfinished`. A small plan in it says what it will hold; whoever comes with the same plan
//! goes on, whoever comes with another is refused. The work is cut into numbered parts, and a journal lists those that are
//! done. A part that was interrupted is done again, over what is there of it, so parts must not depend on each other. The
//! journal survives the death of the program at any point, not that of the machine.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

use crate::{disk, lock};

const PLAN: &str = "vitro-plan.json";
const JOURNAL: &str = "vitro-done.txt";

/// What happens to a folder that is in the way.
#[derive(Clone, Copy, Debug)]
pub enum Replace {
    /// It stays, and the work is refused.
    Never,
    /// It is replaced once the new one is complete, if nothing but entries with these names is in it.
    Only(fn(&str) -> bool),
}

/// A folder in the making. Dropped before [`Unfinished::finish`], it stays for another time if any part is done.
#[derive(Debug)]
pub struct Unfinished {
    target: PathBuf,
    folder: PathBuf,
    /// Closed before the folder gets its name: some systems rename no folder with open files.
    journal: Option<File>,
    done: BTreeSet<usize>,
    forced: bool,
    finished: bool,
}

impl Unfinished {
    /// How many parts of `target` are done, before anything is touched.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn look(target: &Path, plan: &Map<String, Value>, replace: Replace) -> Result<usize> {
        let (folder, state) = state(target, plan, replace)?;
        // Without a journal nothing is done yet.
        let journal = fs::read_to_string(folder.join(JOURNAL)).unwrap_or_default();
        Ok(if state == State::GoesOn { parts(&journal).1.len() } else { 0 })
    }

    /// Starts a folder that will become `target`, or goes on with it. The fields of `plan` are named like the options they come
    /// from.
    ///
    /// # Errors
    /// When `target` exists and must not be replaced, when another plan was begun there, or another program works on it.
    pub fn open(target: &Path, plan: &Map<String, Value>, replace: Replace) -> Result<Self> {
        let (folder, state) = state(target, plan, replace)?;
        if state == State::Obsolete {
            // A program that still writes there keeps its folder.
            drop(lock(&folder)?);
            fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {}; remove it", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut journal = lock(&folder)?;
        let done = if state == State::GoesOn { read_journal(&mut journal)? } else { BTreeSet::new() };
        let forced = matches!(replace, Replace::Only(_));
        let unfinished =
            Self { target: target.to_owned(), folder, journal: Some(journal), done, forced, finished: false };
        if state != State::GoesOn {
            disk::replace_with(&unfinished.folder.join(PLAN), &serde_json::to_vec_pretty(plan)?)?;
        }
        Ok(unfinished)
    }

    /// Where to write meanwhile.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Parts that are done.
    pub fn done(&self) -> &BTreeSet<usize> {
        &self.done
    }

    /// Notes that everything of `part` is written.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn mark(&mut self, part: usize) -> Result<()> {
        let line = format!("{part}\n");
        let written = self.journal.as_mut().map_or(Ok(()), |journal| journal.write_all(line.as_bytes()));
        written.with_context(|| format!("cannot write to {}; free some space", self.folder.display()))?;
        self.done.insert(part);
        Ok(())
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    /// When files cannot be renamed.
    pub fn finish(mut self) -> Result<()> {
        let refusal = || format!("cannot rename {} to {}", self.folder.display(), self.target.display());
        self.journal = None;
        let old = disk::beside(&self.target, ".replaced");
        if self.target.is_dir() && fs::remove_dir(&self.target).is_err() {
            fs::rename(&self.target, &old).with_context(refusal)?;
        }
        // Killed here, it is still an unfinished folder in which nothing is left to do.
        fs::rename(&self.folder, &self.target).with_context(refusal)?;
        self.finished = true;
        for ours in [PLAN, JOURNAL] {
            fs::remove_file(self.target.join(ours)).with_context(|| format!("cannot remove {ours}; remove it"))?;
        }
        if self.forced && old.is_dir() {
            fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}; remove it", old.display()))?;
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.finished && self.done.is_empty() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// What is there of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nothing.
    New,
    /// A part of it.
    GoesOn,
    /// A part of another one, to be removed.
    Obsolete,
}

/// The folder to write in, and what is there.
fn state(target: &Path, plan: &Map<String, Value>, replace: Replace) -> Result<(PathBuf, State)> {
    check_target(target, replace)?;
    let folder = disk::beside(target, ".unfinished");
    ensure!(!folder.is_file(), "{} is in the way; move it elsewhere", folder.display());
    let exists = fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    let begun = if exists { read_plan(&folder)? } else { None };
    let state = match begun {
        None => State::New,
        Some(begun) if begun == *plan => State::GoesOn,
        Some(_) if matches!(replace, Replace::Only(_)) => State::Obsolete,
        Some(begun) => bail!(
            "{} was begun with {}; go on with the same, or begin anew with --force",
            folder.display(),
            difference(&begun, plan)
        ),
    };
    Ok((folder, state))
}

fn check_target(target: &Path, replace: Replace) -> Result<()> {
    let name = target.display();
    ensure!(target.file_name().is_some(), "{name} is no name for a folder; choose another");
    ensure!(!target.is_file(), "{name} is a file; choose another name");
    let Ok(entries) = fs::read_dir(target) else { return Ok(()) };
    let mut names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    match replace {
        Replace::Never => {
            ensure!(names.next().is_none(), "{name} exists already; choose another name or replace it with --force");
        }
        Replace::Only(ours) => {
            let names = names.collect::<std::io::Result<Vec<_>>>().with_context(|| format!("cannot list {name}"))?;
            let is_ours = |name: &&String| ours(name) || name.as_str() == PLAN || name.as_str() == JOURNAL;
            if let Some(foreign) = names.iter().find(|name| !is_ours(name)) {
                bail!("{name} holds {foreign}, which was not written here; remove it or choose another name");
            }
            let old = disk::beside(target, ".replaced");
            ensure!(!old.exists(), "{} is in the way; move it elsewhere", old.display());
        }
    }
    Ok(())
}

/// The plan that was begun; none in a folder whose program was killed before it wrote one.
fn read_plan(folder: &Path) -> Result<Option<Map<String, Value>>> {
    let plan = fs::read(folder.join(PLAN)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let ours = |entry: fs::DirEntry| entry.file_name() == JOURNAL || entry.file_name().to_string_lossy().contains(PLAN);
    let just_begun = || fs::read_dir(folder).is_ok_and(|entries| entries.flatten().all(ours));
    match plan {
        Some(plan) => Ok(Some(plan)),
        None if just_begun() => Ok(None),
        None => bail!("{} is in the way and has no plan; move it elsewhere", folder.display()),
    }
}

/// The names of what differs.
fn difference(begun: &Map<String, Value>, plan: &Map<String, Value>) -> String {
    let names: BTreeSet<&String> = begun.keys().chain(plan.keys()).collect();
    let different: Vec<&str> =
        names.into_iter().filter(|name| begun.get(*name) != plan.get(*name)).map(String::as_str).collect();
    format!("another {}", different.join(" and another "))
}

/// The journal, in the hands of this program alone.
fn lock(folder: &Path) -> Result<File> {
    let journal = lock::hold(&folder.join(JOURNAL))?;
    journal.with_context(|| format!("{} is being written by another vitro; wait for it", folder.display()))
}

/// The parts in the journal; a line that a kill cut short is dropped.
fn read_journal(journal: &mut File) -> Result<BTreeSet<usize>> {
    let mut text = String::new();
    journal.seek(SeekFrom::Start(0))?;
    journal.read_to_string(&mut text).context("the journal of the unfinished folder is damaged; begin with --force")?;
    let (whole, parts) = parts(&text);
    journal.set_len(whole as u64)?;
    Ok(parts)
}

/// How much of a journal is whole lines, and the parts they name.
fn parts(text: &str) -> (usize, BTreeSet<usize>) {
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    (whole, text[..whole].lines().filter_map(|line| line.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test.
    fn place(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("vitro-unfinished-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn plan(seed: u64) -> Map<String, Value> {
        [("seed".to_owned(), Value::from(seed)), ("size".to_owned(), Value::from(32))].into_iter().collect()
    }

    #[test]
    fn work_goes_on_where_it_stopped_and_other_plans_are_refused() {
        let place = place("goes-on");
        let target = place.join("out");
        let mut first = Unfinished::open(&target, &plan(1), Replace::Never).unwrap();
        fs::write(first.folder().join("a"), b"a").unwrap();
        first.mark(3).unwrap();
        let busy = Unfinished::open(&target, &plan(1), Replace::Never).unwrap_err().to_string();
        assert!(busy.contains("another vitro"), "{busy}");
        drop(first);

        let other = Unfinished::open(&target, &plan(2), Replace::Never).unwrap_err().to_string();
        assert!(other.contains("another seed;") && other.contains("--force"), "{other}");
        // A kill in the middle of a line.
        let journal = place.join("out.unfinished").join(JOURNAL);
        fs::write(&journal, "3\n17").unwrap();
        let mut again = Unfinished::open(&target, &plan(1), Replace::Never).unwrap();
        assert_eq!(again.done().iter().copied().collect::<Vec<_>>(), [3]);
        again.mark(4).unwrap();
        assert_eq!(fs::read_to_string(&journal).unwrap(), "3\n4\n");
        again.finish().unwrap();
        let names: Vec<_> = fs::read_dir(&target).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["a"]);
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_never_got_a_part_done_vanishes() {
        let place = place("vanishes");
        drop(Unfinished::open(&place.join("out"), &plan(1), Replace::Never).unwrap());
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_finished_folder_is_replaced_only_by_force_and_only_if_nothing_else_is_in_it() {
        let place = place("force");
        let target = place.join("out");
        fs::create_dir_all(target.join("fog")).unwrap();
        assert!(Unfinished::open(&target, &plan(1), Replace::Never).unwrap_err().to_string().contains("--force"));
        let force = Replace::Only(|name| name == "fog");
        let mut forced = Unfinished::open(&target, &plan(1), force).unwrap();
        fs::write(forced.folder().join("new"), b"").unwrap();
        forced.mark(0).unwrap();
        assert!(target.join("fog").exists());
        forced.finish().unwrap();
        assert!(target.join("new").exists() && !target.join("fog").exists());
        assert!(Unfinished::open(&target, &plan(1), force).unwrap_err().to_string().contains("holds new"));
        fs::remove_dir_all(place).unwrap();
    }
}
