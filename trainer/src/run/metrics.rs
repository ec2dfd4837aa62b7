//! `metrics.jsonl` and `metrics.csv`: one line per epoch, and in the first also ten shorter lines within each; `curves.svg`, the
//! same as a drawing.
//!
//! After a crash the files may hold lines that the checkpoint does not know, or half a line. [`Metrics::open`] drops
//! both, so that a resumed run leaves the same lines as one that was never interrupted.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};
use vitro::chart;
use vitro::chart::learning::{Point, learning};

use super::Folder;
use super::events::Events;
use crate::disk;

/// One epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Counted from 1.
    pub epoch: usize,
    /// Optimiser steps so far.
    pub step: u64,
    /// Mean training loss of the epoch.
    pub train_loss: f64,
    /// Training accuracy of the epoch, on augmented images.
    pub train_top1: f64,
    /// Cross-entropy on the validation images, of the averaged weights, if the recipe holds some out.
    #[serde(default)]
    pub validation_loss: Option<f64>,
    /// Accuracy on the validation images, of the averaged weights.
    #[serde(default)]
    pub validation_top1: Option<f64>,
    /// Cross-entropy on the validation images, of the weights themselves, where the recipe asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_validation_loss: Option<f64>,
    /// Accuracy on the validation images, of the weights themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_validation_top1: Option<f64>,
    /// Cross-entropy on the test images, of the averaged weights; without validation images alone.
    pub test_loss: Option<f64>,
    /// Accuracy on the test images, of the averaged weights.
    pub test_top1: Option<f64>,
    /// Norm of the token noise of the epoch, in a nullspace fine-tuning.
    #[serde(default)]
    pub noise_norm: Option<f64>,
    /// Mean norm of the gradient before clipping.
    pub gradient_norm: f64,
    /// At the end of the epoch.
    pub learning_rate: f64,
    /// Training images per second, tests not counted.
    pub images_per_second: f64,
    /// Wall-clock seconds since the training began, interruptions not counted.
    pub seconds: f64,
}

impl Epoch {
    /// Which images were looked at, the loss on them, and the accuracy.
    pub fn watched(&self) -> (&'static str, f64, f64) {
        match (self.validation_loss, self.validation_top1) {
            (Some(loss), Some(top1)) => ("validation", loss, top1),
            _ => ("test", self.test_loss.unwrap_or(f64::NAN), self.test_top1.unwrap_or(f64::NAN)),
        }
    }

    /// Loss and accuracy of the weights themselves on the validation images, where they were looked at.
    pub fn raw(&self) -> Option<[f64; 2]> {
        Some([self.raw_validation_loss?, self.raw_validation_top1?])
    }
}

/// Lines within an epoch, so that a long epoch can be watched too.
pub const PARTS: usize = 10;

/// Part of an epoch: means since the line before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Counted from 1.
    pub epoch: usize,
    /// Tenths of the epoch that are done.
    pub tenths: usize,
    /// Optimiser steps so far.
    pub step: u64,
    /// Mean training loss.
    pub train_loss: f64,
    /// Training accuracy, on augmented images.
    pub train_top1: f64,
    /// At this step.
    pub learning_rate: f64,
}

/// A line of `metrics.jsonl`. An epoch has fields that a part lacks, so the order tells them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Epoch(Epoch),
    Part(Part),
}

/// The two files.
#[derive(Debug)]
pub struct Metrics {
    lines: PathBuf,
    table: PathBuf,
    curves: PathBuf,
    events: Option<Events>,
}

impl Metrics {
    /// Opens the files of a run and keeps what a checkpoint after `epochs` whole epochs and `step` steps knows.
    /// With `tensorboard`, events are written as well.
    pub fn open(folder: &Folder, epochs: usize, step: u64, tensorboard: bool) -> Result<Self> {
        let events = tensorboard.then(|| Events::begin(folder.path(), step)).transpose()?;
        let metrics = Self {
            lines: folder.file("metrics.jsonl"),
            table: folder.file("metrics.csv"),
            curves: folder.file("curves.svg"),
            events,
        };
        let known = |line: &Line| match line {
            Line::Epoch(epoch) => epoch.epoch <= epochs,
            Line::Part(part) => part.step <= step,
        };
        let kept: Vec<Line> = lines(&metrics.lines)?.into_iter().filter(known).collect();
        let mut text = String::new();
        for line in &kept {
            text += &serde_json::to_string(line)?;
            text.push('\n');
        }
        disk::replace_with(&metrics.lines, text.as_bytes())?;
        let mut table = csv::Writer::from_writer(Vec::new());
        kept.iter().filter_map(whole).try_for_each(|epoch| table.serialize(epoch))?;
        disk::replace_with(&metrics.table, &table.into_inner().map_err(|error| anyhow::anyhow!("{error}"))?)?;
        Ok(metrics)
    }

    /// Adds a part of an epoch to the lines.
    pub fn append_part(&self, part: &Part) -> Result<()> {
        let mut line = serde_json::to_vec(part)?;
        line.push(b'\n');
        disk::append(&self.lines, &line)?;
        let numbers = [
            ("loss/train", part.train_loss),
            ("accuracy/train", part.train_top1),
            ("learning_rate", part.learning_rate),
        ];
        self.events.as_ref().map_or(Ok(()), |events| events.scalars(part.step, &numbers))
    }

    /// Adds an epoch to both.
    pub fn append(&self, epoch: &Epoch) -> Result<()> {
        let mut line = serde_json::to_vec(epoch)?;
        line.push(b'\n');
        disk::append(&self.lines, &line)?;
        let empty = std::fs::metadata(&self.table).map_or(true, |metadata| metadata.len() == 0);
        let mut table = csv::WriterBuilder::new().has_headers(empty).from_writer(Vec::new());
        table.serialize(epoch)?;
        disk::append(&self.table, &table.into_inner().map_err(|error| anyhow::anyhow!("{error}"))?)?;
        self.draw()?;
        let (split, loss, top1) = epoch.watched();
        let (of_loss, of_top1) = (format!("loss/{split}"), format!("accuracy/{split}"));
        let mut numbers = vec![
            (of_loss.as_str(), loss),
            (of_top1.as_str(), top1),
            ("gradient_norm", epoch.gradient_norm),
            ("images_per_second", epoch.images_per_second),
        ];
        if let Some([loss, top1]) = epoch.raw() {
            numbers.extend([("loss/validation_raw", loss), ("accuracy/validation_raw", top1)]);
        }
        self.events.as_ref().map_or(Ok(()), |events| events.scalars(epoch.step, &numbers))
    }
}

impl Metrics {
    /// Draws the learning curves anew: the whole epochs of the lines so far.
    fn draw(&self) -> Result<()> {
        let epochs: Vec<Epoch> = lines(&self.lines)?.iter().filter_map(whole).cloned().collect();
        let point = |epoch: &Epoch| {
            let (_, loss, top1) = epoch.watched();
            let (loss, accuracy) = ([epoch.train_loss, loss], [epoch.train_top1, top1]);
            Point { epoch: epoch.epoch, loss, accuracy, raw: epoch.raw() }
        };
        let points: Vec<Point> = epochs.iter().map(point).collect();
        let split = epochs.last().map_or("test", |epoch| epoch.watched().0);
        disk::replace_with(&self.curves, chart::file(&learning(split, &points)).as_bytes())
    }
}

/// The epochs of a run; a half-written last line is left out.
pub fn read(folder: &Folder) -> Result<Vec<Epoch>> {
    Ok(lines(&folder.file("metrics.jsonl"))?.iter().filter_map(whole).cloned().collect())
}

fn whole(line: &Line) -> Option<&Epoch> {
    match line {
        Line::Epoch(epoch) => Some(epoch),
        Line::Part(_) => None,
    }
}

fn lines(path: &Path) -> Result<Vec<Line>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    Ok(disk::read_text(path)?.lines().map_while(|line| serde_json::from_str(line).ok()).collect())
}
