//! Reading through a scan without computing a pixel (ISO 10918-1, annexes F.2 and G.2): are all its blocks there?

use super::Fault;
use super::bits::Bits;
use super::frame::Frame;
use super::huffman::{Table, Tables};

/// A component may be in so many scans of a progressive file. Encoders make about ten.
const MOST_PASSES: u32 = 300;

const TOO_LARGE: Fault = Fault::Broken("its data hold a number that is too large");

/// What is known of each component: which coefficients came, to which precision, and where they are not zero.
pub(super) struct Progress {
    /// For each coefficient, the bits that are still to come; `None` before its first pass.
    left: [Option<u8>; 64],
    /// One bit per coefficient, block by block in whole units; for progressive files.
    not_zero: Vec<u64>,
    passes: u32,
}

impl Progress {
    /// Nothing came yet.
    pub(super) fn new() -> Self {
        Self { left: [None; 64], not_zero: Vec::new(), passes: 0 }
    }

    /// Whether all coefficients came with all their bits.
    pub(super) fn is_complete(&self) -> bool {
        self.left.iter().all(|left| *left == Some(0))
    }
}

/// The header of a scan (B.2.3).
pub(super) struct Scan {
    /// Number in the frame and the two tables of each component.
    pub(super) components: Vec<(usize, u8, u8)>,
    /// First and last coefficient.
    band: [usize; 2],
    /// Bits that the pass before left, and that this one leaves.
    before: u8,
    after: u8,
}

impl Scan {
    /// Reads the header.
    pub(super) fn parse(body: &[u8], frame: &Frame) -> Result<Self, Fault> {
        let broken = Fault::Broken("a scan header is no header");
        let (count, rest) = body.split_first().ok_or(broken)?;
        let (pairs, end) = rest.split_at_checked(2 * usize::from(*count)).ok_or(broken)?;
        let (pairs, _) = pairs.as_chunks::<2>();
        let mut components: Vec<(usize, u8, u8)> = Vec::with_capacity(pairs.len());
        for [id, tables] in pairs {
            let place = frame.components.iter().position(|component| component.id == *id).ok_or(broken)?;
            if components.iter().any(|(taken, ..)| *taken == place) {
                return Err(broken);
            }
            components.push((place, tables >> 4, tables & 15));
        }
        if components.is_empty() {
            return Err(broken);
        }
        if !frame.progressive {
            return Ok(Self { components, band: [0, 63], before: 0, after: 0 });
        }
        let [first, last, passes, ..] = end else { return Err(broken) };
        let band = [usize::from(*first), usize::from(*last)];
        let (before, after) = (passes >> 4, passes & 15);
        let of_means = band == [0, 0];
        let of_rest = band[0] > 0 && band[0] <= band[1] && band[1] < 64 && components.len() == 1;
        if !(of_means || of_rest) || after > 13 || (before > 0 && before != after + 1) {
            return Err(broken);
        }
        Ok(Self { components, band, before, after })
    }

    /// Reads the data from `at` on, with a restart marker every `interval` units; returns where to look for the next
    /// marker.
    pub(super) fn read(
        &self,
        frame: &Frame,
        tables: &Tables,
        interval: u32,
        progress: &mut [Progress],
        bytes: &[u8],
        at: usize,
    ) -> Result<usize, Fault> {
        for (component, ..) in &self.components {
            self.begin(frame, *component, &mut progress[*component])?;
        }
        let alone = self.components.len() == 1;
        let [columns, rows] = if alone { frame.blocks(self.components[0].0) } else { frame.units() };
        let mut bits = Bits::new(bytes, at);
        let (mut run, mut done, mut restarts) = (0_u32, 0_u32, 0_u8);
        for row in 0..rows {
            for column in 0..columns {
                if interval > 0 && done == interval {
                    let (marker, behind) = next_marker(bytes, bits.end()?).ok_or(NO_RESTART)?;
                    if marker != 0xD0 + restarts {
                        return Err(NO_RESTART);
                    }
                    bits = Bits::new(bytes, behind);
                    (run, done, restarts) = (0, 0, (restarts + 1) % 8);
                }
                done += 1;
                for (component, mean, rest) in &self.components {
                    let [h, v] = if alone { [1, 1] } else { frame.components[*component].sampling };
                    let stride = frame.padded(*component)[0] as usize;
                    let state = &mut progress[*component];
                    for place in 0..v * h {
                        if !frame.progressive {
                            sequential(&mut bits, tables.mean(*mean)?, tables.rest(*rest)?)?;
                            continue;
                        }
                        if self.band[0] == 0 {
                            self.means(&mut bits, tables, *mean)?;
                            continue;
                        }
                        let (y, x) = ((row * v + place / h) as usize, (column * h + place % h) as usize);
                        let Some(block) = state.not_zero.get_mut(y * stride + x) else { return Err(TOO_LARGE) };
                        let table = tables.rest(*rest)?;
                        if self.before == 0 {
                            self.first_pass(&mut bits, table, &mut run, block)?;
                        } else {
                            self.later_pass(&mut bits, table, &mut run, block)?;
                        }
                    }
                }
            }
        }
        bits.end()
    }

    /// Judges the order of the passes, and makes room.
    fn begin(&self, frame: &Frame, component: usize, progress: &mut Progress) -> Result<(), Fault> {
        progress.passes += 1;
        if progress.passes > MOST_PASSES {
            return Err(Fault::Broken("it has hundreds of scans"));
        }
        let expected = (self.before > 0).then_some(self.before);
        for left in &mut progress.left[self.band[0]..=self.band[1]] {
            if *left != expected {
                return Err(Fault::Broken("its scans are in no possible order"));
            }
            *left = Some(self.after);
        }
        if frame.progressive && progress.not_zero.is_empty() {
            let [columns, rows] = frame.padded(component);
            progress.not_zero = vec![0; columns as usize * rows as usize];
        }
        Ok(())
    }

    /// One mean of a progressive file (G.1.2.1).
    fn means(&self, bits: &mut Bits<'_>, tables: &Tables, mean: u8) -> Result<(), Fault> {
        if self.before > 0 { bits.skip(1) } else { difference(bits, tables.mean(mean)?) }
    }

    /// A block's coefficients when they first come (G.1.2.2); `run` blocks more have none.
    fn first_pass(&self, bits: &mut Bits<'_>, table: &Table, run: &mut u32, block: &mut u64) -> Result<(), Fault> {
        if *run > 0 {
            *run -= 1;
            return Ok(());
        }
        let [mut k, last] = self.band;
        while k <= last {
            let symbol = table.next(bits)?;
            let (zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            match (zeros, size) {
                (15, 0) => k += 16,
                (_, 0) => {
                    *run = (1 << zeros) - 1 + bits.take(zeros)?;
                    return Ok(());
                }
                _ => {
                    k += zeros as usize;
                    if k > 63 {
                        return Err(TOO_LARGE);
                    }
                    bits.skip(size)?;
                    bits.no_hole()?;
                    *block |= 1 << k;
                    k += 1;
                }
            }
        }
        Ok(())
    }

    /// One bit more of a block's coefficients (G.1.2.3).
    fn later_pass(&self, bits: &mut Bits<'_>, table: &Table, run: &mut u32, block: &mut u64) -> Result<(), Fault> {
        let [mut k, last] = self.band;
        while *run == 0 && k <= last {
            let symbol = table.next(bits)?;
            let (mut zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && zeros < 15 {
                *run = (1 << zeros) + bits.take(zeros)?;
                break;
            }
            if size > 0 {
                bits.skip(1)?;
                bits.no_hole()?;
            }
            while k <= last {
                if *block >> k & 1 == 1 {
                    bits.skip(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                k += 1;
            }
            if size > 0 {
                if k > last {
                    return Err(TOO_LARGE);
                }
                *block |= 1 << k;
            }
            k += 1;
        }
        if *run > 0 {
            let known = (k..=last).filter(|k| *block >> k & 1 == 1).count();
            for _ in 0..known {
                bits.skip(1)?;
            }
            *run -= 1;
        }
        Ok(())
    }
}

const NO_RESTART: Fault = Fault::Missing("a restart marker is not where it should be");

/// A whole block (F.2.2).
fn sequential(bits: &mut Bits<'_>, mean: &Table, rest: &Table) -> Result<(), Fault> {
    difference(bits, mean)?;
    let mut k = 1;
    while k < 64 {
        let symbol = rest.next(bits)?;
        let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 15));
        match (zeros, size) {
            (15, 0) => k += 16,
            (_, 0) => return Ok(()),
            _ => {
                k += zeros + 1;
                if k > 64 {
                    return Err(TOO_LARGE);
                }
                bits.skip(size)?;
                bits.no_hole()?;
            }
        }
    }
    Ok(())
}

/// The difference of a mean from the one before.
fn difference(bits: &mut Bits<'_>, table: &Table) -> Result<(), Fault> {
    let size = u32::from(table.next(bits)?);
    if size > 15 { Err(TOO_LARGE) } else { bits.skip(size) }
}

/// The next marker from `at` on and what is behind it; bytes before it are passed over, as libjpeg does.
pub(super) fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)? + 1;
        match *bytes.get(at)? {
            0 | 0xFF => (),
            marker => return Some((marker, at + 1)),
        }
    }
}
