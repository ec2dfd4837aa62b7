//! `events.out.tfevents…`: the numbers of a training in the format that TensorBoard reads.
//!
//! A file is a list of records: the length of the data, a checksum of that length, the data, a checksum of the data. The data are
//! `Event` messages of TensorFlow's `event.proto` in protocol-buffer encoding; of it only what scalars need is written. A training
//! that goes on begins a file of its own with a session start, which makes TensorBoard drop what an interrupted part wrote beyond.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use crc::{CRC_32_ISCSI, Crc};

use crate::disk;

/// The checksum of records.
const CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// What TensorFlow adds to a rotated checksum, so that a checksum of checksums is none.
const MASK: u32 = 0xa282_ead8;

/// How the names of all of its files begin.
const NAMES: &str = "events.out.tfevents.";

/// The files in `folder`.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let ours = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(NAMES));
    ours.map(|entry| entry.path()).collect()
}

/// A file that events are added to.
#[derive(Debug)]
pub struct Events {
    path: PathBuf,
}

impl Events {
    /// Begins a file in `folder` for a training that has taken `step` steps.
    pub fn begin(folder: &Path, step: u64) -> Result<Self> {
        Self::begin_at(folder, step, now())
    }

    fn begin_at(folder: &Path, step: u64, seconds: f64) -> Result<Self> {
        let path = folder.join(format!("{NAMES}{:010}.vitro.{step}", seconds as u64));
        File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
        let events = Self { path };
        let version = [double(1, seconds), bytes(3, b"brain.Event:2")].concat();
        // SessionLog.START
        let start = [double(1, seconds), integer(2, step), bytes(7, &integer(1, 1))].concat();
        events.append(&[record(&version), record(&start)].concat())?;
        Ok(events)
    }

    /// Adds numbers, each with its tag, at a step.
    pub fn scalars(&self, step: u64, numbers: &[(&str, f64)]) -> Result<()> {
        self.scalars_at(step, numbers, now())
    }

    fn scalars_at(&self, step: u64, numbers: &[(&str, f64)], seconds: f64) -> Result<()> {
        let value =
            |(tag, number): &(&str, f64)| bytes(1, &[bytes(1, tag.as_bytes()), float(2, *number as f32)].concat());
        let summary: Vec<u8> = numbers.iter().flat_map(value).collect();
        self.append(&record(&[double(1, seconds), integer(2, step), bytes(5, &summary)].concat()))
    }

    fn append(&self, records: &[u8]) -> Result<()> {
        disk::append(&self.path, records)
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Data between their checksums.
fn record(data: &[u8]) -> Vec<u8> {
    let masked = |bytes: &[u8]| CHECKSUM.checksum(bytes).rotate_right(15).wrapping_add(MASK).to_le_bytes();
    let length = (data.len() as u64).to_le_bytes();
    [&length[..], &masked(&length), data, &masked(data)].concat()
}

/// A base-128 number, the low groups of seven bits first.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

/// A field's number with its wire type.
fn tag(field: u64, wire: u64) -> Vec<u8> {
    varint(field << 3 | wire)
}

fn integer(field: u64, value: u64) -> Vec<u8> {
    [tag(field, 0), varint(value)].concat()
}

fn double(field: u64, value: f64) -> Vec<u8> {
    [tag(field, 1), value.to_le_bytes().to_vec()].concat()
}

fn float(field: u64, value: f32) -> Vec<u8> {
    [tag(field, 5), value.to_le_bytes().to_vec()].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [tag(field, 2), varint(value.len() as u64), value.to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `EventAccumulator` of the Python package tensorboard 2.21 read this file as it is here: loss 0.25 and 0.125 at steps 300 and
    /// 301, and dropped what an earlier file held from step 300 on.
    #[test]
    fn a_file_is_byte_for_byte_what_tensorboard_read() {
        let folder = tempfile::tempdir().unwrap();
        let events = Events::begin_at(folder.path(), 300, 1_700_000_000.5).unwrap();
        events.scalars_at(300, &[("loss", 0.25), ("learning_rate", 1e-3)], 1_700_000_001.0).unwrap();
        events.scalars_at(301, &[("loss", 0.125)], 1_700_000_002.0).unwrap();
        let found = std::fs::read(&events.path).unwrap();
        let stored = include_bytes!("events.tfevents");
        assert!(found == stored, "{found:02x?}");
    }

    #[test]
    fn numbers_are_written_in_groups_of_seven_bits() {
        assert_eq!((varint(1), varint(300)), (vec![1], vec![0xac, 0x02]));
        assert_eq!(varint(u64::MAX).len(), 10);
    }

    #[test]
    fn checksums_are_those_of_the_castagnoli_polynomial() {
        assert_eq!(CHECKSUM.checksum(b"123456789"), 0xe306_9283);
    }
}
