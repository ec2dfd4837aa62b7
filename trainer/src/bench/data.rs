//! How long a training on a large dataset takes to start, and how much memory images take that stream from shards.
//!
//! The datasets are made for it: a folder of many small images in class folders, as ImageNet has them, and WebDataset shards of
//! larger ones. The program that is measured is `vitro train` itself, in a process of its own. A start is over when the first
//! step is taken, a hundred images are tested and the run folder is whole, so the numbers are rather too large than too small.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vitro::image::encode_jpeg;
use vitro::scene::{CLASSES, Split, render};

use super::machine::{Build, Machine, peak_of};
use crate::kept;

/// Different images; more would only take longer to make.
const DISTINCT: usize = 16;
/// Side of the images in the folder: nothing there is decoded but the first step's and those that are tested.
const SMALL: usize = 32;
/// Images of a class in the folder, about, and the most classes.
const OF_A_CLASS: usize = 100;
const MOST_CLASSES: usize = 1000;
/// Images of a shard, and of the shard that is tested on.
const OF_A_SHARD: usize = 1000;
const TESTED: usize = 100;
/// Between two looks at the memory of the process.
const LOOK: Duration = Duration::from_millis(5);
/// A list of files is remembered once nothing could change any more within the same tick of the clock.
const SETTLED: Duration = Duration::from_secs(4);

/// What is trained: small, so that what is measured is the data.
const MODEL: &str = "[data]\nimage_size = 64\n[model]\npreset = \"vit_nano_p8_64\"\n[train]\nepochs = 1\nbatch = 64\n";
/// Less than the first step takes.
const ONE_STEP: &str = "train.minutes=1e-9";

/// What is measured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Files of the folder, one of each class for testing.
    pub files: usize,
    /// Training images in the shards.
    pub images: usize,
    /// Their side.
    pub side: usize,
    /// Where the datasets are made, and removed afterwards.
    pub place: PathBuf,
}

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// What it ran on.
    pub machine: Machine,
    /// What ran.
    pub build: Build,
    /// One for each [`Work`].
    pub rows: Vec<Row>,
}

/// One training.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// What was timed.
    pub work: Work,
    /// Images of the dataset.
    pub images: usize,
    /// From the start of the process to its end.
    pub seconds: f64,
    /// Largest resident size of the process, where the system tells.
    pub peak_memory_mib: Option<f64>,
    /// What all images take once they are decoded.
    pub decoded_mib: f64,
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// The first training on a folder, which lists its files.
    FirstStart,
    /// The next one, which remembers the list.
    NextStart,
    /// An epoch over shards.
    Epoch,
}

impl Work {
    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::FirstStart => "first start",
            Self::NextStart => "next start",
            Self::Epoch => "an epoch",
        }
    }
}

/// Makes the datasets and measures.
///
/// # Errors
/// When there is no place for them, or a training fails.
pub fn measure(plan: &Plan, say: impl Fn(&str)) -> Result<Report> {
    let folder = Made::folder(&plan.place)?;
    let bench = Bench { folder: &folder.0 };
    say(&format!("making {} files", plan.files));
    bench.make_folder(plan.files)?;
    let mut rows = Vec::new();
    for work in [Work::FirstStart, Work::NextStart] {
        say(work.title());
        rows.push(bench.train(work, plan.files, SMALL)?);
    }
    say(&format!("making {} images in shards", plan.images));
    bench.make_shards(plan.images, plan.side)?;
    say(Work::Epoch.title());
    rows.push(bench.train(Work::Epoch, plan.images, plan.side)?);
    Ok(Report { machine: Machine::this(), build: Build::this(), rows })
}

/// The report for people.
pub fn table(report: &Report) -> String {
    let mut text = format!("{}, {} cores\n", report.machine.processor, report.machine.cores);
    text += &format!("{:<12} {:>9} {:>9} {:>12} {:>12}\n", "", "images", "seconds", "memory, MiB", "decoded, MiB");
    for row in &report.rows {
        let name = row.work.title();
        let peak = row.peak_memory_mib.map_or_else(|| "-".to_owned(), |peak| format!("{peak:.0}"));
        text += &format!("{name:<12} {:>9} {:>9.2} {peak:>12} {:>12.0}\n", row.images, row.seconds, row.decoded_mib);
    }
    text
}

struct Bench<'a> {
    folder: &'a Path,
}

impl Bench<'_> {
    fn make_folder(&self, files: usize) -> Result<()> {
        let images = images(SMALL);
        let classes = (files / OF_A_CLASS).clamp(2, MOST_CLASSES);
        let class = |class: usize| -> Result<()> {
            // Of the first classes one more, where it does not come out even.
            let count = (files + classes - 1 - class) / classes;
            for (split, range) in [("train", 1..count), ("test", 0..1)] {
                let folder = self.folder.join("set").join(split).join(format!("n{class:08}"));
                fs::create_dir_all(&folder)?;
                for index in range {
                    let image = &images[(class + index) % images.len()];
                    fs::write(folder.join(format!("n{class:08}_{index}.JPEG")), image)?;
                }
            }
            Ok(())
        };
        (0..classes).into_par_iter().try_for_each(class).with_context(|| self.cannot())?;
        self.settle()
    }

    /// A dataset that people train on was not changed just now.
    fn settle(&self) -> Result<()> {
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        let mut folders = vec![self.folder.join("set")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).with_context(|| self.cannot())? {
                let entry = entry.with_context(|| self.cannot())?;
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(entry.path());
                }
            }
            // Where a folder cannot be opened, time does the same.
            if File::open(&folder).and_then(|folder| folder.set_modified(long_ago)).is_err() {
                thread::sleep(SETTLED);
                return Ok(());
            }
        }
        Ok(())
    }

    fn make_shards(&self, images: usize, side: usize) -> Result<()> {
        let folder = self.folder.join("shards");
        fs::create_dir_all(&folder).with_context(|| self.cannot())?;
        let made = self::images(side);
        let write = |name: String, range: std::ops::Range<usize>| -> Result<()> {
            let mut shard = tar::Builder::new(BufWriter::new(File::create(folder.join(name))?));
            for index in range {
                let label = (index % CLASSES.len()).to_string();
                for (ending, bytes) in [("jpg", made[index % made.len()].as_slice()), ("cls", label.as_bytes())] {
                    let mut header = tar::Header::new_gnu();
                    header.set_size(bytes.len() as u64);
                    header.set_mode(0o644);
                    shard.append_data(&mut header, format!("{index:08}.{ending}"), bytes)?;
                }
            }
            shard.into_inner()?.into_inner().map_err(|error| error.into_error())?.sync_all()?;
            Ok(())
        };
        let shards = images.div_ceil(OF_A_SHARD);
        let train = (0..shards).into_par_iter().try_for_each(|shard| {
            let start = shard * OF_A_SHARD;
            write(format!("train-{shard:05}.tar"), start..(start + OF_A_SHARD).min(images))
        });
        train.and_then(|()| write("test-00000.tar".to_owned(), 0..TESTED)).with_context(|| self.cannot())
    }

    /// `vitro train` in a process of its own, timed and watched.
    fn train(&self, work: Work, images: usize, side: usize) -> Result<Row> {
        let recipe = self.folder.join("recipe.toml");
        fs::write(&recipe, MODEL).with_context(|| self.cannot())?;
        let (source, tested, out) = match work {
            Work::FirstStart => ("data.source=set", format!("data.test_size={TESTED}"), "first"),
            Work::NextStart => ("data.source=set", format!("data.test_size={TESTED}"), "next"),
            Work::Epoch => ("data.source=shards", "data.test_size=0".to_owned(), "epoch"),
        };
        let program = std::env::current_exe().context("cannot find this program to start it")?;
        let mut command = Command::new(program);
        command.current_dir(self.folder).env(kept::VARIABLE, self.folder.join("kept"));
        command.args(["train", "recipe.toml", "--plain", "--device", "cpu", "--out", out]);
        command.args(["--set", source, "--set", &tested]);
        if work != Work::Epoch {
            command.args(["--set", ONE_STEP]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().context("cannot start this program")?;
        let status_file = format!("/proc/{}/status", child.id());
        let mut peak_memory_mib: Option<f64> = None;
        let status = loop {
            // It only grows. A process that has ended has none any more.
            let now = fs::read_to_string(&status_file).ok().and_then(|status| peak_of(&status));
            peak_memory_mib = now.or(peak_memory_mib);
            if let Some(status) = child.try_wait().context("cannot wait for this program")? {
                break status;
            }
            thread::sleep(LOOK);
        };
        let seconds = started.elapsed().as_secs_f64();
        if !status.success() {
            let said = child.stderr.and_then(|said| std::io::read_to_string(said).ok()).unwrap_or_default();
            let reason = said.trim().lines().last().unwrap_or("it said nothing").trim_start_matches("vitro: ");
            bail!("the training ended early ({status}): {reason}");
        }
        let decoded_mib = (images * side * side * 3) as f64 / f64::from(1 << 20);
        Ok(Row { work, images, seconds, peak_memory_mib, decoded_mib })
    }

    fn cannot(&self) -> String {
        format!("cannot make the datasets in {}; name another folder with --place", self.folder.display())
    }
}

/// A few rendered scenes as JPEG files.
fn images(side: usize) -> Vec<Vec<u8>> {
    let make = |index: usize| encode_jpeg(&render(0, index as u64, Split::Train, side).image, 90);
    (0..DISTINCT).into_par_iter().map(make).collect()
}

/// A folder that goes with this value.
struct Made(PathBuf);

impl Made {
    fn folder(place: &Path) -> Result<Self> {
        let folder = place.join(format!("vitro-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}; name another folder with --place", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
