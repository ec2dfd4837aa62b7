//! Zstandard streams as `zstd -d` reads them: any number of frames, skippable frames between them, checksums compared.
//!
//! The decoder crate reads one frame. It would hold as much as a frame's window says, which may be gigabytes, so what it holds
//! is bounded here: a window is only a promise, and a small file made with `--long=31` never fills it.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::bounds::Bounds;

/// Bytes that a frame may hold back. `zstd -d` without `--long` takes windows of 128 MiB.
const HELD: u64 = 512 << 20;
/// What to do about a frame that holds back more.
const WINDOW: &str =
    "it was compressed with a window above 512 MiB; unpack it with `zstd -d --long=31` and name the .tar";
/// The most that one block unpacks to.
const BLOCK: u64 = 128 << 10;

/// Reads all frames.
pub(super) struct Frames<R> {
    reader: R,
    bounds: Bounds,
    /// The frame at work, with the bytes that may have gone into it and those that came out.
    frame: Option<(Box<FrameDecoder>, u64, u64)>,
}

impl<R: BufRead> Frames<R> {
    pub(super) fn new(reader: R, bounds: Bounds) -> Self {
        Self { reader, bounds, frame: None }
    }

    /// Starts the next frame, past skippable ones; false at the end.
    fn next(&mut self) -> io::Result<bool> {
        while !self.reader.fill_buf()?.is_empty() {
            // A decoder that is used again would refuse windows above 100 MB.
            let mut decoder = Box::new(FrameDecoder::new());
            match decoder.init(&mut self.reader) {
                Ok(()) => {
                    self.frame = Some((decoder, 0, 0));
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let skipped = io::copy(&mut (&mut self.reader).take(length.into()), &mut io::sink())?;
                    if skipped < u64::from(length) {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let Some((decoder, unpacked, given)) = &mut self.frame else {
                if self.next()? {
                    continue;
                }
                return Ok(0);
            };
            if decoder.can_collect() > 0 {
                let read = decoder.read(buffer)?;
                *given += read as u64;
                return Ok(read);
            }
            if decoder.is_finished() {
                let stored = decoder.get_checksum_from_data();
                if stored.is_some() && stored != decoder.get_calculated_checksum() {
                    return Err(io::Error::other("a checksum does not match"));
                }
                self.frame = None;
                continue;
            }
            if *unpacked - *given > HELD {
                return Err(self.bounds.refuse(WINDOW.to_owned()));
            }
            decoder.decode_blocks(&mut self.reader, BlockDecodingStrategy::UptoBlocks(1)).map_err(io::Error::other)?;
            *unpacked += BLOCK;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
    }

    fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        Frames::new(bytes, Bounds::of(bytes.len() as u64)).read_to_end(&mut all)?;
        Ok(all)
    }

    fn skippable(content: &[u8]) -> Vec<u8> {
        let length = content.len() as u32;
        [&0x184D_2A53_u32.to_le_bytes()[..], &length.to_le_bytes(), content].concat()
    }

    #[test]
    fn frames_follow_each_other_with_skippable_ones_anywhere() {
        let (a, b) = (packed(b"first "), packed(b"second"));
        let whole = [skippable(b"table"), a.clone(), packed(b""), skippable(b""), b.clone(), skippable(b"x")].concat();
        assert_eq!(unpacked(&whole).unwrap(), b"first second");
        assert!(unpacked(&[a.clone(), b"rubbish".to_vec()].concat()).is_err());
        assert!(unpacked(&[a, b[..b.len() - 1].to_vec()].concat()).is_err());
        let cut = skippable(b"table");
        assert!(unpacked(&cut[..cut.len() - 1]).is_err());
    }

    #[test]
    fn a_checksum_that_does_not_match_is_noticed() {
        let mut frame = packed(b"some bytes that are summed");
        let flags = frame[4];
        assert!(flags & 4 != 0, "the frame has a checksum");
        *frame.last_mut().unwrap() ^= 1;
        assert!(unpacked(&frame).is_err());
    }
}
