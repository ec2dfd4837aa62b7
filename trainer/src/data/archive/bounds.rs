//! How much an archive may hold, so that a few kilobytes cannot unpack into all of the memory.
//!
//! Archives are kept in memory, so three things are bounded: one member ([`MEMBER`]), all of them together (half of the memory
//! that is free, 16 GiB at most), and growth: what unpacks to more than a gigabyte must not be 200 times the archive's size.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

/// Bytes of one file: a PNG of 100 megapixels is rarely larger.
pub(in crate::data) const MEMBER: u64 = 256 << 20;
/// Files of one archive or folder. ImageNet-21k has 14 million images.
pub(in crate::data) const FILES: usize = 1 << 25;
/// Bytes of all members, whatever the machine.
const ALL: u64 = 16 << 30;
/// Growth is no matter below this.
const SMALL: u64 = 1 << 30;
/// How many times its own size an archive may unpack to.
const GROWTH: u64 = 200;
/// Bytes between two members of a tar: headers, long names, attributes.
const BETWEEN: u64 = 16 << 20;

/// `N MiB` or `N GiB`.
pub(in crate::data) fn size(bytes: u64) -> String {
    if bytes >= 10 << 30 { format!("{} GiB", bytes >> 30) } else { format!("{} MiB", bytes >> 20) }
}

/// What is left of the bounds while an archive is read; shared by the reader that counts and the code that knows the members.
#[derive(Clone, Debug)]
pub(super) struct Bounds(Rc<State>);

#[derive(Debug)]
struct State {
    most: u64,
    why: String,
    kept: Cell<u64>,
    position: Cell<u64>,
    barrier: Cell<u64>,
    refusal: RefCell<Option<String>>,
}

impl Bounds {
    /// For an archive of `packed` bytes.
    pub(super) fn of(packed: u64) -> Self {
        let grown = packed.saturating_mul(GROWTH).max(SMALL);
        let room = free_memory().map_or(ALL, |free| (free / 2).min(ALL));
        let (most, why) = if grown < room {
            (grown, format!("{GROWTH} times its own size"))
        } else {
            (room, "what fits the memory".to_owned())
        };
        let state = State {
            most,
            why,
            kept: Cell::new(0),
            position: Cell::new(0),
            barrier: Cell::new(u64::MAX),
            refusal: RefCell::new(None),
        };
        Self(Rc::new(state))
    }

    /// Accounts for a member of `bytes` called `name`.
    pub(super) fn keep(&self, name: &str, bytes: u64) -> Result<(), String> {
        if bytes > MEMBER {
            return Err(format!("{name} unpacks to more than {}; leave it out", size(MEMBER)));
        }
        // A name and its place cost memory as well, even if the member is empty.
        let kept = self.0.kept.get().saturating_add(bytes + 256 + name.len() as u64);
        self.0.kept.set(kept);
        if kept > self.0.most { Err(self.too_much()) } else { Ok(()) }
    }

    /// Bytes that the counted reader has given so far.
    pub(super) fn position(&self) -> u64 {
        self.0.position.get()
    }

    /// The counted reader may go on by `bytes` and what stands between two members.
    pub(super) fn allow(&self, bytes: u64) {
        self.0.barrier.set(self.position().saturating_add(bytes).saturating_add(BETWEEN));
    }

    /// Why the counted reader stopped, if it did.
    pub(super) fn refusal(&self) -> Option<String> {
        self.0.refusal.borrow().clone()
    }

    fn too_much(&self) -> String {
        format!("it unpacks to more than {}, {}; unpack it yourself and name the folder", size(self.0.most), self.0.why)
    }

    fn count(&self, bytes: usize) -> io::Result<()> {
        let position = self.position() + bytes as u64;
        self.0.position.set(position);
        let refusal = if position > self.0.most.saturating_mul(2) {
            self.too_much()
        } else if position > self.0.barrier.get() {
            format!("a name in it is longer than {}; pack it again", size(BETWEEN))
        } else {
            return Ok(());
        };
        Err(self.refuse(refusal))
    }

    /// Remembers why reading stops: the crates in between would lose the sentence.
    pub(super) fn refuse(&self, refusal: String) -> io::Error {
        self.0.refusal.replace(Some(refusal));
        io::Error::other("a bound is reached")
    }
}

/// Counts what is read.
pub(super) struct Counted<R> {
    reader: R,
    bounds: Bounds,
}

impl<R: Read> Counted<R> {
    pub(super) fn new(reader: R, bounds: Bounds) -> Self {
        Self { reader, bounds }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.bounds.count(read)?;
        Ok(read)
    }
}

/// Reads all of `reader`, which is said to hold `expected` bytes, if that is no more than a member may hold.
pub(super) fn read_member(reader: impl Read, expected: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    // The size is only what the header says; memory that is not there must not end the program.
    bytes.try_reserve_exact(expected.min(MEMBER) as usize)?;
    reader.take(MEMBER + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= MEMBER).then_some(bytes))
}

/// Bytes that can be had without swapping, where the system says so.
fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_two_hundredfold_past_a_gigabyte_is_refused() {
        let bounds = Bounds::of(1 << 20);
        for _ in 0..4 {
            bounds.keep("a", 200 << 20).unwrap();
        }
        let refusal = (0..2).find_map(|_| bounds.keep("a", 200 << 20).err()).unwrap();
        assert!(refusal.contains("1024 MiB") && refusal.contains("200 times"), "{refusal}");
        assert!(Bounds::of(1).keep("big.png", MEMBER + 1).unwrap_err().contains("big.png"));
    }

    #[test]
    fn names_alone_cannot_fill_the_memory() {
        let bounds = Bounds::of(1000);
        bounds.allow(0);
        let endless = io::BufReader::new(io::repeat(b'a'));
        let error = io::copy(&mut Counted::new(endless, bounds.clone()), &mut io::sink());
        assert!(error.is_err() && bounds.refusal().unwrap().contains("name"));
        let bounds = Bounds::of(1000);
        assert!((0..10_000_000).any(|_| bounds.keep("", 0).is_err()));
    }
}
