//! A new run that fails before its first checkpoint leaves nothing behind, so that the same command can be given again.
//!
//! Only what the run wrote itself is removed: a folder that was there before stays, with everything that was in it, and
//! so does what others put there meanwhile. A run counts together with those that it builds on and that were created
//! with it, since it cannot be resumed without them: as soon as one of them has a checkpoint, all stay.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Folder, LOCK, checkpoint, events};
use crate::lock::Lock;

/// What a run writes before its first checkpoint.
const FILES: &[&str] =
    &["recipe.toml", "run.json", "metrics.jsonl", "metrics.csv", "curves.svg", "best-1.safetensors", LOCK];

/// New runs, the outermost first. Dropped while none of them has a checkpoint, it removes them.
#[derive(Debug)]
pub struct Fresh {
    runs: Vec<Traces>,
}

impl Fresh {
    /// Creates the folder of a new run, as [`Folder::create`] does, and takes the right to write into it.
    pub fn create(path: &Path) -> Result<(Folder, Lock, Self)> {
        let (files, folders, events) = (missing_files(path), missing_folders(path), events::files(path));
        // A refusal comes before there is anything to remove: what lies there may be another program's run.
        let lock = Folder::create(path)?.lock()?;
        // Another start may have been here between the two.
        let folder = Folder::create(path)?;
        let traces = Traces { folder: folder.clone(), files, folders, events };
        Ok((folder, lock, Self { runs: vec![traces] }))
    }

    /// Takes in a run that this one builds on: from now on they stay or go together.
    pub fn include(&mut self, mut part: Self) {
        self.runs.append(&mut part.runs);
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if self.runs.iter().any(|run| checkpoint::may_exist(&run.folder)) {
            return;
        }
        // The innermost first, since a folder must be empty to go.
        for run in self.runs.iter().rev() {
            run.remove();
        }
    }
}

/// What was not there before a run.
#[derive(Debug)]
struct Traces {
    folder: Folder,
    files: Vec<PathBuf>,
    /// The run's own folder and those around it, the innermost first.
    folders: Vec<PathBuf>,
    /// The other way round, since their names have the time in them: events that were there before.
    events: Vec<PathBuf>,
}

impl Traces {
    /// The failure that led here is the news; what cannot be removed stays.
    fn remove(&self) {
        let events = events::files(self.folder.path()).into_iter().filter(|file| !self.events.contains(file));
        for file in self.files.iter().cloned().chain(events) {
            let _ = fs::remove_file(file);
        }
        for folder in &self.folders {
            // Refused by the system unless the folder is empty.
            let _ = fs::remove_dir(folder);
        }
    }
}

fn missing_files(path: &Path) -> Vec<PathBuf> {
    FILES.iter().map(|name| path.join(name)).filter(|file| !file.exists()).collect()
}

fn missing_folders(path: &Path) -> Vec<PathBuf> {
    let missing = |above: &&Path| !above.as_os_str().is_empty() && !above.exists();
    path.ancestors().take_while(missing).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test.
    fn place(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("vitro-fresh-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn begin(path: &Path) -> Fresh {
        let (folder, lock, fresh) = Fresh::create(path).unwrap();
        drop(lock);
        for name in FILES {
            fs::write(folder.file(name), "new").unwrap();
        }
        fresh
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_run_without_a_checkpoint_vanishes_with_its_parts_and_the_folders_around_it() {
        let place = place("vanishes");
        let mut fresh = begin(&place.join("runs/a"));
        fresh.include(begin(&place.join("runs/a/start")));
        assert!(place.join("runs/a/start/run.json").exists());
        drop(fresh);
        assert!(names(&place).is_empty());
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn what_was_there_before_stays() {
        let place = place("stays");
        fs::write(place.join("metrics.csv"), "old").unwrap();
        fs::write(place.join("notes.txt"), "old").unwrap();
        fs::write(place.join("events.out.tfevents.1"), "old").unwrap();
        let fresh = begin(&place);
        fs::write(place.join("events.out.tfevents.2"), "new").unwrap();
        drop(fresh);
        assert_eq!(names(&place), ["events.out.tfevents.1", "metrics.csv", "notes.txt"]);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn a_run_that_is_in_the_way_is_refused_and_left_alone() {
        let place = place("refused");
        fs::write(place.join("run.json"), "old").unwrap();
        assert!(Fresh::create(&place).unwrap_err().to_string().contains("holds a run already"));
        assert_eq!(names(&place), ["run.json"]);
        fs::remove_dir_all(place).unwrap();
    }

    #[test]
    fn one_checkpoint_keeps_the_run_and_its_parts() {
        let place = place("kept");
        let run = place.join("run");
        let mut fresh = begin(&run);
        fresh.include(begin(&run.join("start")));
        fs::write(run.join("start/checkpoint.safetensors"), "").unwrap();
        drop(fresh);
        assert_eq!(names(&run).len(), FILES.len() + 1);
        assert_eq!(names(&run.join("start")).len(), FILES.len() + 1);
        fs::remove_dir_all(place).unwrap();
    }
}
