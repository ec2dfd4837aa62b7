//! Corrupted copies of a dataset: what `vitro corrupt` writes.
//!
//! A [`Job`] takes its images in parts of a few dozen. Of each part it decodes every image once, makes all [`cell`]s of it on
//! all cores, and hands what each cell made to the [`sink`] in one piece. Images draw their random numbers from the seed and
//! from their own path, so parts can be made in any order, twice or on another machine, with the same bytes.

pub mod cell;
pub mod preparation;
pub mod sink;
pub mod source;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use rayon::prelude::*;
use vitro::image::Rgb8;
use vitro::random::fnv1a;

use self::cell::{Cell, Making};
use self::sink::Sink;
use self::source::Source;
use crate::data::File;
use crate::disk;
use crate::progress::bar::Bar;
use crate::unfinished::Unfinished;

/// Bytes of made images that a cell keeps until it hands them on.
const HELD: usize = 32 << 20;
/// A dataset has at least this many parts, if it has as many images: no more is lost by a kill.
const PARTS: usize = 64;

/// Everything that is to be made.
pub struct Job {
    /// From what.
    pub source: Source,
    /// What of each image.
    pub cells: Vec<Cell>,
    /// How.
    pub making: Making,
}

/// What was made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// Copies per second in this run, and the seconds it took.
    pub speed: (f64, f64),
    /// Images that an earlier run had done.
    pub before: usize,
}

impl Job {
    /// Images per part. It depends on nothing but the job, since parts are numbered in the journal.
    fn part(&self) -> usize {
        let frames = self.cells.iter().map(|cell| self.frames(cell)).max().unwrap_or(1);
        let (width, height) = self.source.largest();
        let by_memory = HELD / (width * height * 3 * frames).max(1);
        by_memory.min(self.source.len().div_ceil(PARTS)).max(1)
    }

    /// The most frames that a cell makes of an image.
    fn frames(&self, cell: &Cell) -> usize {
        self.source.sizes().map(|(width, height)| cell.frames(self.making.protocol(width, height))).max().unwrap_or(1)
    }

    /// Refuses a job that the disk has no room for. `done` of the parts are there already.
    ///
    /// # Errors
    /// Then. Where the free space is unknown, nothing is refused.
    pub fn check_space(&self, out: &Path, form: sink::Form, done: usize) -> Result<()> {
        let size = |(width, height)| -> u64 {
            let made = |cell: &Cell| cell.frames(self.making.protocol(width, height)) as u64;
            self.cells.iter().map(made).sum::<u64>().saturating_mul(form.estimate(width, height))
        };
        let whole = self.source.sizes().map(size).fold(0, u64::saturating_add);
        let parts = self.source.len().div_ceil(self.part());
        let needed = (whole as f64 * (1.0 - done as f64 / parts.max(1) as f64)) as u64;
        let Some(free) = disk::free(out) else { return Ok(()) };
        ensure!(
            needed <= free,
            "the copies need about {} and the disk of {} has {} free; make room, choose another disk, or ask for fewer",
            gigabytes(needed),
            out.display(),
            gigabytes(free)
        );
        Ok(())
    }

    /// Makes what `unfinished` does not have yet and writes it there.
    ///
    /// # Errors
    /// When an image cannot be read, or the disk is full.
    pub fn run(&self, sink: &Sink, unfinished: &mut Unfinished) -> Result<Made> {
        let part = self.part();
        let ranges: Vec<_> =
            (0..self.source.len()).step_by(part).map(|first| first..(first + part).min(self.source.len())).collect();
        let copies = |images: usize| images * self.cells.iter().map(|cell| self.frames(cell)).sum::<usize>();
        let is_done = |at: &usize| unfinished.done().contains(at);
        let before = (0..ranges.len()).filter(is_done).map(|at| ranges[at].len()).sum();
        let open: Vec<usize> = (0..ranges.len()).filter(|at| !is_done(at)).collect();
        let bar = Bar::new(copies(self.source.len()), copies(before));
        for at in open {
            let range = ranges[at].clone();
            let images: Vec<Rgb8> =
                range.clone().into_par_iter().map(|index| self.source.image(index)).collect::<Result<_>>()?;
            let seeds: Vec<u64> = range.clone().map(|index| self.making.seed_of(&self.source.name(index))).collect();
            self.cells.par_iter().enumerate().with_max_len(1).try_for_each(|(number, cell)| {
                let make = |(image, seed): (&Rgb8, &u64)| {
                    let made = cell.make(image, &self.making, *seed);
                    bar.add(made.len());
                    made
                };
                let made: Vec<Vec<Rgb8>> = images.par_iter().zip(&seeds).map(make).collect();
                sink.write(number, &self.source, range.start, &made)
            })?;
            unfinished.mark(at)?;
        }
        sink.close()?;
        Ok(Made { speed: bar.speed(), before })
    }
}

/// Tells lists of files apart: by their paths and sizes.
///
/// # Errors
/// When a file is gone.
pub fn fingerprint(files: &[(PathBuf, File)]) -> Result<String> {
    let mut text = String::new();
    for (path, file) in files {
        text.push_str(&format!("{} {}\n", source::name_of(path), file.size()?));
    }
    Ok(format!("{:016x}", fnv1a(&text)))
}

fn gigabytes(bytes: u64) -> String {
    let mega = bytes as f64 / 1e6;
    if mega >= 1000.0 { format!("{:.1} GB", mega / 1e3) } else { format!("{mega:.1} MB") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_as_people_say_them() {
        assert_eq!([300_000, 1_460_000_000].map(gigabytes), ["0.3 MB", "1.5 GB"]);
    }
}
