//! The devices that share a batch: several of this machine, or those that other machines lend.
//!
//! Each takes one shard, in the order of the list, with a copy of the model; what it finds comes back to the device that
//! keeps the weights, where shards are summed in that same order. So a list of devices is to the numbers what a number of
//! workers is: two cores as `--devices cpu,cpu` train exactly as `train.workers = 2`.

mod parcel;
mod posted;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use burn::tensor::Device;

#[cfg(feature = "remote")]
use crate::remote::Line;
pub(crate) use parcel::carried;
pub(crate) use posted::copy;
pub use posted::{Posted, post};

/// What devices of other machines are called, whatever they are there.
#[cfg(feature = "remote")]
const REMOTE: &str = "remote";

/// One device of the list.
#[derive(Clone, Debug)]
pub struct Place {
    /// The engine's device, without gradients.
    pub device: Device,
    kind: String,
    #[cfg(feature = "remote")]
    line: Option<Arc<Line>>,
}

impl Place {
    /// A device of this machine.
    pub fn here(device: Device, kind: &str) -> Self {
        Self {
            device,
            kind: kind.to_owned(),
            #[cfg(feature = "remote")]
            line: None,
        }
    }

    /// A device that `line` leads to.
    #[cfg(feature = "remote")]
    pub(crate) fn beyond(line: Arc<Line>, device: Device) -> Self {
        Self { device, kind: REMOTE.to_owned(), line: Some(line) }
    }

    /// What it is, in words.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether it is a core of this machine.
    pub fn is_cpu(&self) -> bool {
        self.device == Device::flex()
    }

    /// Whether another machine lends it.
    pub fn is_elsewhere(&self) -> bool {
        #[cfg(feature = "remote")]
        return self.line.is_some();
        #[cfg(not(feature = "remote"))]
        false
    }

    /// Runs `work`, which computes on this device.
    ///
    /// # Errors
    /// Those of `work`; [`Lost`] where the device is on another machine that has gone away or does not answer in time.
    pub fn run<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        #[cfg(feature = "remote")]
        if let Some(line) = &self.line {
            return line.watched(work);
        }
        work()
    }
}

/// Another machine has gone away, or does not answer: its device is of no use any more, everything here is as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Its address.
    pub worker: String,
    /// What happened.
    pub reason: String,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the worker at {} was lost: {}", self.worker, self.reason)
    }
}

impl std::error::Error for Lost {}

/// Bytes that went to other machines and came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// There.
    pub sent: u64,
    /// Back.
    pub received: u64,
}

/// The list. Empty where one device has every batch to itself.
#[derive(Clone, Debug, Default)]
pub struct Places(Arc<List>);

#[derive(Debug, Default)]
struct List {
    places: Vec<Place>,
    steps: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

impl From<Vec<Place>> for Places {
    fn from(places: Vec<Place>) -> Self {
        Self(Arc::new(List { places, ..List::default() }))
    }
}

impl Places {
    /// In order.
    pub fn all(&self) -> &[Place] {
        &self.0.places
    }

    /// Whether there is nobody to share with.
    pub fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// The first that is in this machine: it keeps the weights and takes the steps.
    pub fn first_here(&self) -> Option<&Place> {
        self.all().iter().find(|place| !place.is_elsewhere())
    }

    /// Runs a part of a step, such as one of its batches, and counts the bytes that it takes.
    pub fn counted<T>(&self, part: impl FnOnce() -> T) -> T {
        let before = self.traffic();
        let done = part();
        let after = self.traffic();
        let List { sent, received, .. } = &*self.0;
        sent.fetch_add(after.sent - before.sent, Ordering::Relaxed);
        received.fetch_add(after.received - before.received, Ordering::Relaxed);
        done
    }

    /// Counts a step whose parts are all done.
    pub fn end_step(&self) {
        self.0.steps.fetch_add(1, Ordering::Relaxed);
    }

    /// Bytes of a step, the mean over those that were counted; `None` if no other machine takes part, or none was counted.
    pub fn traffic_of_a_step(&self) -> Option<Traffic> {
        let List { steps, sent, received, .. } = &*self.0;
        let steps = steps.load(Ordering::Relaxed);
        let mean = |sum: &AtomicU64| sum.load(Ordering::Relaxed) / steps.max(1);
        let elsewhere = self.all().iter().any(Place::is_elsewhere);
        (steps > 0 && elsewhere).then(|| Traffic { sent: mean(sent), received: mean(received) })
    }

    /// Bytes so far. Places on one line share its counters.
    #[cfg(feature = "remote")]
    fn traffic(&self) -> Traffic {
        let mut lines: Vec<&Arc<Line>> = Vec::new();
        for line in self.all().iter().filter_map(|place| place.line.as_ref()) {
            if !lines.iter().any(|other| Arc::ptr_eq(other, line)) {
                lines.push(line);
            }
        }
        let add = |sum: Traffic, line: &&Arc<Line>| {
            let Traffic { sent, received } = line.traffic();
            Traffic { sent: sum.sent + sent, received: sum.received + received }
        };
        lines.iter().fold(Traffic::default(), add)
    }

    #[cfg(not(feature = "remote"))]
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        write!(f, "{:.2} MiB sent and {:.2} MiB received", mebibytes(self.sent), mebibytes(self.received))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_this_machine_exchange_nothing_and_the_first_of_them_keeps_the_weights() {
        let places =
            Places::from(vec![Place::here(Device::flex(), "cpu (flex)"), Place::here(Device::flex(), "other")]);
        assert_eq!(places.counted(|| 3), 3);
        places.end_step();
        assert_eq!(places.traffic_of_a_step(), None);
        assert_eq!(places.first_here().map(Place::kind), Some("cpu (flex)"));
        assert!(Places::default().is_empty() && Places::default().first_here().is_none());
    }

    #[test]
    fn traffic_is_told_in_mebibytes_both_ways() {
        let traffic = Traffic { sent: 3 << 19, received: 1 << 20 };
        assert_eq!(traffic.to_string(), "1.50 MiB sent and 1.00 MiB received");
    }
}
