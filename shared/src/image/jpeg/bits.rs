//! The bits of entropy-coded data (ISO 10918-1, F.2.2.5), up to the next marker.

use super::Fault;

/// So many bytes of zero in a row are a hole in the file, if blocks that are not flat are read from them.
///
/// The code of all zeros may well be common, but then it says that blocks are flat.
const HOLE: u32 = 40;

const ZEROED: Fault = Fault::Missing("zeros stand where its data should be");

const ENDS_EARLY: Fault = Fault::Missing("its data end before the image does");

/// Reads bits. What comes behind the last one before a marker is an error, not zeros.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to take in.
    at: usize,
    /// Bits that were taken in, from the top.
    held: u64,
    /// How many of them.
    count: u32,
    /// Bytes of zero that were taken in last, one behind the other.
    zeros: u32,
    /// Whether a hole was read from.
    hole: bool,
}

impl<'a> Bits<'a> {
    /// Reads `bytes` from `at` on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, held: 0, count: 0, zeros: 0, hole: false }
    }

    /// Takes bytes in while there is room and no marker.
    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if byte == 0xFF {
                if self.bytes.get(self.at + 1) != Some(&0) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.zeros = if byte == 0 { self.zeros.saturating_add(1) } else { 0 };
            self.held |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    /// The next 16 bits, with zeros behind the last one.
    pub(super) fn peek(&mut self) -> u16 {
        if self.count < 16 {
            self.fill();
        }
        (self.held >> 48) as u16
    }

    /// Leaves `count` bits behind, at most 16.
    pub(super) fn skip(&mut self, count: u32) -> Result<(), Fault> {
        if self.count < count {
            self.fill();
            if self.count < count {
                return Err(ENDS_EARLY);
            }
        }
        // At most eight of those bytes are not read yet.
        self.hole |= self.zeros >= HOLE;
        self.held <<= count;
        self.count -= count;
        Ok(())
    }

    /// The next `count` bits as a number, at most 16.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, Fault> {
        let bits = self.peek();
        self.skip(count)?;
        Ok((u32::from(bits) << count) >> 16)
    }

    /// To be called for each weight of a cosine that is not zero: those that a hole gives are none.
    pub(super) fn no_hole(&self) -> Result<(), Fault> {
        if self.zeros >= HOLE { Err(ZEROED) } else { Ok(()) }
    }

    /// Ends an interval; from here on its marker is to be looked for.
    ///
    /// Some encoders leave bytes behind the last block. But where blocks were read from zeros, those bytes are what the
    /// zeros were written over.
    pub(super) fn end(mut self) -> Result<usize, Fault> {
        self.fill();
        if self.hole && self.count >= 8 { Err(ZEROED) } else { Ok(self.at) }
    }
}
