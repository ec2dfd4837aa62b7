//! `best-EPOCH.safetensors` and `best.json`: the weights of the epochs that did best on the validation images, as bundles, and
//! the list of them.
//!
//! Better is a higher accuracy, at the same accuracy a lower loss, and of equals the earlier. Which epochs are kept follows from
//! the lines of the epochs and from the files that are there, so a training that was interrupted keeps what one that was not
//! keeps. A file is written and read back before the checkpoint that knows its epoch; what no longer is among the best goes
//! after that checkpoint.

use std::cmp::Ordering;
use std::fmt;
use std::fs;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use vitro::bundle;

use super::Folder;
use super::metrics::Epoch;
use crate::disk;

const LIST: &str = "best.json";

/// Which weights of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// Those at the end of the training so far.
    #[default]
    Last,
    /// Those of the best epoch.
    Best,
    /// Those of an epoch that is among the best.
    Epoch(usize),
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last => f.write_str("last"),
            Self::Best => f.write_str("best"),
            Self::Epoch(epoch) => write!(f, "{epoch}"),
        }
    }
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "last" => Ok(Self::Last),
            "best" => Ok(Self::Best),
            number => match number.parse() {
                Ok(epoch) => Ok(Self::Epoch(epoch)),
                Err(_) => Err("take last, best, or the number of an epoch".to_owned()),
            },
        }
    }
}

/// An epoch, as `best.json` lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Counted from 1.
    pub epoch: usize,
    /// Optimiser steps until then.
    pub step: u64,
    /// Accuracy on the validation images.
    pub validation_top1: f64,
    /// Cross-entropy on them.
    pub validation_loss: f64,
    /// The bundle, in the run's folder.
    pub file: String,
}

/// The epochs that have been looked at on validation images, the best first.
pub fn ranked(epochs: &[Epoch]) -> Vec<Kept> {
    let kept = |epoch: &Epoch| {
        Some(Kept {
            epoch: epoch.epoch,
            step: epoch.step,
            validation_top1: epoch.validation_top1?,
            validation_loss: epoch.validation_loss?,
            file: file(epoch.epoch),
        })
    };
    let mut all: Vec<Kept> = epochs.iter().filter_map(kept).collect();
    // Stable, so that of equals the earlier stays in front.
    all.sort_by(better_first);
    all
}

/// The best epoch, where as many epochs as `patience` came after it; none while there is hope, and none for 0.
pub fn unsurpassed(epochs: &[Epoch], patience: usize) -> Option<usize> {
    let (best, last) = (ranked(epochs).first()?.epoch, epochs.last()?.epoch);
    (patience > 0 && last - best >= patience).then_some(best)
}

fn better_first(one: &Kept, other: &Kept) -> Ordering {
    let by_accuracy = other.validation_top1.total_cmp(&one.validation_top1);
    by_accuracy.then(one.validation_loss.total_cmp(&other.validation_loss))
}

/// The weights that a training keeps.
#[derive(Clone, Copy, Debug)]
pub struct Best<'a> {
    /// Where.
    pub folder: &'a Folder,
    /// How many.
    pub keep: usize,
}

impl Best<'_> {
    /// Writes the bundle of the last of `epochs` if it is among the best, and reads it back.
    ///
    /// # Errors
    /// When it cannot be written or read. The older ones are untouched then.
    pub fn write(&self, epochs: &[Epoch], bundle: impl FnOnce() -> Result<Vec<u8>>) -> Result<()> {
        let Some(last) = epochs.last() else { return Ok(()) };
        if !self.kept(epochs, Some(last.epoch)).iter().any(|kept| kept.epoch == last.epoch) {
            return Ok(());
        }
        let path = self.folder.file(&file(last.epoch));
        disk::replace_with(&path, &bundle()?)?;
        bundle::read(&disk::read(&path)?, &Device::flex())
            .with_context(|| format!("{} cannot be read back; check the disk and use --resume", path.display()))?;
        Ok(())
    }

    /// Lists the best of `epochs` whose bundles are there, and takes all others away.
    pub fn tidy(&self, epochs: &[Epoch]) -> Result<()> {
        if self.keep == 0 || epochs.is_empty() {
            return Ok(());
        }
        let kept = self.kept(epochs, None);
        disk::replace_with(&self.folder.file(LIST), &serde_json::to_vec_pretty(&kept)?)?;
        let place = self.folder.path();
        let cannot = || format!("cannot tidy {}; check the disk and use --resume", place.display());
        for entry in fs::read_dir(place).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_of_an_epoch(&name) && kept.iter().all(|kept| kept.file != name) {
                fs::remove_file(entry.path()).with_context(cannot)?;
            }
        }
        Ok(())
    }

    /// The best of `epochs` whose bundles are there, or of an epoch whose bundle is `expected`.
    fn kept(&self, epochs: &[Epoch], expected: Option<usize>) -> Vec<Kept> {
        let is_there = |kept: &Kept| expected == Some(kept.epoch) || self.folder.file(&kept.file).is_file();
        ranked(epochs).into_iter().filter(is_there).take(self.keep).collect()
    }
}

/// The bundle of the best epoch of a run, or of `epoch`.
///
/// # Errors
/// When the run keeps none, or not that one.
pub fn find(folder: &Folder, epoch: Option<usize>) -> Result<Kept> {
    let (list, run) = (folder.file(LIST), folder.path().display());
    let kept: Vec<Kept> = if list.is_file() {
        let damaged =
            || format!("{} is damaged; go on with the run by --resume to have it written anew", list.display());
        serde_json::from_slice(&disk::read(&list)?).with_context(damaged)?
    } else {
        Vec::new()
    };
    let epochs: Vec<String> = kept.iter().map(|kept| kept.epoch.to_string()).collect();
    let found = kept.into_iter().find(|kept| epoch.is_none_or(|epoch| kept.epoch == epoch));
    match (found, epoch) {
        (Some(kept), _) => Ok(kept),
        (None, Some(epoch)) if !epochs.is_empty() => {
            bail!("{run} has no weights of epoch {epoch}; it keeps those of {}", epochs.join(", "))
        }
        _ => bail!(
            "{run} keeps the last weights only; train with train.keep = 1 to keep the best, or take --weights last"
        ),
    }
}

fn file(epoch: usize) -> String {
    format!("best-{epoch}.safetensors")
}

fn is_of_an_epoch(name: &str) -> bool {
    let epoch = name.strip_prefix("best-").and_then(|rest| rest.strip_suffix(".safetensors"));
    epoch.is_some_and(|epoch| epoch.parse::<usize>().is_ok())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vitro::bundle::{Manifest, Precision, Provenance};
    use vitro::image::Preprocess;
    use vitro::model::ModelConfig;
    use vitro::model::vit::VitConfig;

    use super::*;

    /// Epochs with these accuracies and losses on the validation images.
    fn epochs(looks: &[(f64, f64)]) -> Vec<Epoch> {
        let epoch = |(i, (top1, loss)): (usize, &(f64, f64))| Epoch {
            epoch: i + 1,
            step: 10 * (i as u64 + 1),
            train_loss: 1.0,
            train_top1: 0.5,
            validation_loss: Some(*loss),
            validation_top1: Some(*top1),
            raw_validation_loss: None,
            raw_validation_top1: None,
            test_loss: None,
            test_top1: None,
            noise_norm: None,
            gradient_norm: 1.0,
            learning_rate: 1e-3,
            images_per_second: 1.0,
            seconds: 1.0,
        };
        looks.iter().enumerate().map(epoch).collect()
    }

    /// A bundle of the smallest network.
    fn bundle() -> Vec<u8> {
        let model = ModelConfig::Vit(VitConfig::new(8, 4, 8, 1, 2, 3));
        let manifest = Manifest {
            format: bundle::FORMAT,
            name: "small".to_owned(),
            title: "Small".to_owned(),
            methods: Vec::new(),
            classes: ["a", "b", "c"].map(str::to_owned).to_vec(),
            preprocess: Preprocess::imagenet(8),
            model: model.clone(),
            dataset: "none".to_owned(),
            train_data: "none".to_owned(),
            params: 0,
            weights_sha256: String::new(),
            results: None,
            provenance: Provenance::default(),
        };
        bundle::write(&manifest, &model.init(&Device::flex()).unwrap(), Precision::F32).unwrap()
    }

    /// A run folder as far as its best weights are concerned.
    fn run(place: &Path) -> Folder {
        fs::write(place.join("run.json"), "{}").unwrap();
        Folder::open(place).unwrap()
    }

    fn files(place: &Path) -> Vec<String> {
        let names = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.starts_with("best")).collect();
        names.sort();
        names
    }

    /// What a training does after each of `all`.
    fn train(best: Best<'_>, all: &[Epoch], bundle: &[u8]) {
        for count in 1..=all.len() {
            best.write(&all[..count], || Ok(bundle.to_vec())).unwrap();
            best.tidy(&all[..count]).unwrap();
        }
    }

    #[test]
    fn accuracy_decides_then_loss_then_who_was_first() {
        let looks = epochs(&[(0.5, 1.0), (0.7, 1.2), (0.7, 0.9), (0.7, 0.9), (0.6, 0.1)]);
        let order: Vec<usize> = ranked(&looks).iter().map(|kept| kept.epoch).collect();
        assert_eq!(order, [3, 4, 2, 5, 1]);
        let tested: Vec<Epoch> = looks.into_iter().map(|epoch| Epoch { validation_top1: None, ..epoch }).collect();
        assert!(ranked(&tested).is_empty(), "nothing is chosen by test images");
    }

    #[test]
    fn patience_ends_as_many_epochs_after_the_best_as_it_says() {
        let looks = epochs(&[(0.5, 1.0), (0.7, 1.0), (0.6, 0.5), (0.7, 1.1), (0.7, 1.0)]);
        let ends = |count: usize, patience| unsurpassed(&looks[..count], patience);
        assert_eq!([ends(0, 1), ends(1, 1), ends(2, 1), ends(3, 1)], [None, None, None, Some(2)]);
        assert_eq!([ends(4, 3), ends(5, 3)], [None, Some(2)]);
        assert_eq!(ends(5, 0), None);
        // A lower loss at the same accuracy is better.
        let lower = epochs(&[(0.7, 1.0), (0.7, 0.9), (0.7, 0.8)]);
        assert_eq!(unsurpassed(&lower, 1), None);
    }

    #[test]
    fn the_best_are_kept_and_the_rest_goes() {
        let (place, bundle) = (tempfile::tempdir().unwrap(), bundle());
        let folder = run(place.path());
        fs::write(place.path().join("best-of-all.safetensors"), "somebody's").unwrap();
        let all = epochs(&[(0.5, 1.0), (0.7, 1.0), (0.6, 1.0), (0.8, 1.0)]);
        train(Best { folder: &folder, keep: 2 }, &all, &bundle);
        let kept = ["best-2.safetensors", "best-4.safetensors", "best-of-all.safetensors", "best.json"];
        assert_eq!(files(place.path()), kept);
        assert_eq!(find(&folder, None).unwrap().epoch, 4);
        assert_eq!(find(&folder, Some(2)).unwrap().validation_top1, 0.7);
        let said = find(&folder, Some(3)).unwrap_err().to_string();
        assert!(said.ends_with("it keeps those of 4, 2"), "{said}");
    }

    #[test]
    fn a_training_that_goes_on_from_an_earlier_epoch_keeps_what_an_uninterrupted_one_keeps() {
        let (place, bundle) = (tempfile::tempdir().unwrap(), bundle());
        let folder = run(place.path());
        let best = Best { folder: &folder, keep: 2 };
        let all = epochs(&[(0.5, 1.0), (0.7, 1.0), (0.8, 1.0), (0.6, 1.0)]);
        train(best, &all[..2], &bundle);
        // Killed between the bundle of epoch 3 and the checkpoint that knows of it.
        best.write(&all[..3], || Ok(bundle.clone())).unwrap();
        assert_eq!(files(place.path()).len(), 4);
        best.tidy(&all[..2]).unwrap();
        assert_eq!(files(place.path()), ["best-1.safetensors", "best-2.safetensors", "best.json"]);
        train(best, &all, &bundle);
        assert_eq!(files(place.path()), ["best-2.safetensors", "best-3.safetensors", "best.json"]);
    }

    #[test]
    fn a_bundle_that_cannot_be_read_back_replaces_no_other() {
        let (place, bundle) = (tempfile::tempdir().unwrap(), bundle());
        let folder = run(place.path());
        let best = Best { folder: &folder, keep: 1 };
        let all = epochs(&[(0.5, 1.0), (0.7, 1.0)]);
        train(best, &all[..1], &bundle);
        let cut = best.write(&all, || Ok(bundle[..bundle.len() / 2].to_vec()));
        assert!(cut.unwrap_err().to_string().contains("best-2.safetensors cannot be read back"));
        assert_eq!(find(&folder, None).unwrap().epoch, 1);
        assert_eq!(fs::read(place.path().join("best-1.safetensors")).unwrap(), bundle);
    }

    #[test]
    fn a_run_that_keeps_nothing_has_no_list_and_says_how_to_keep_some() {
        let place = tempfile::tempdir().unwrap();
        let folder = run(place.path());
        train(Best { folder: &folder, keep: 0 }, &epochs(&[(0.5, 1.0)]), &[]);
        assert!(files(place.path()).is_empty());
        assert!(find(&folder, None).unwrap_err().to_string().contains("train.keep = 1"));
    }

    #[test]
    fn weights_are_named_last_best_or_by_their_epoch() {
        for (text, which) in [("last", Which::Last), ("best", Which::Best), ("12", Which::Epoch(12))] {
            assert_eq!((text.parse(), which.to_string()), (Ok(which), text.to_owned()));
        }
        assert!("first".parse::<Which>().unwrap_err().contains("best"));
    }
}
