//! Walks over a JPEG file (ISO 10918-1, B.2) and adds up what its scans hold.

use super::Fault;
use super::frame::Frame;
use super::huffman::Tables;
use super::scan::{Progress, Scan, next_marker};
#[cfg(feature = "image-files")]
use crate::image::{Rgb8, encode_jpeg};

/// What the components of a file mean, by the rules of libjpeg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    /// Brightness alone.
    Grey,
    /// Luma and two of chroma.
    Ycc,
    /// Red, green and blue as they are.
    Rgb,
    /// CMYK or YCCK.
    Four,
}

/// A file whose pixels are all there.
pub(super) struct Account<'a> {
    pub(super) frame: Frame,
    pub(super) colour: Colour,
    /// The EXIF block, without its name.
    #[cfg_attr(not(feature = "image-files"), expect(dead_code, reason = "only who decodes must turn the image"))]
    pub(super) exif: Option<&'a [u8]>,
    /// Whether the first decoder takes the components for the same as we do.
    usual_colour: bool,
    /// Components of each scan.
    scans: Vec<Vec<usize>>,
    /// Whether the file has an end marker.
    #[cfg_attr(not(feature = "image-files"), expect(dead_code, reason = "only who decodes must add it"))]
    pub(super) ends: bool,
}

/// Segments in front of the scans that say what the components are.
#[derive(Default)]
struct Notes<'a> {
    jfif: bool,
    adobe: Option<u8>,
    exif: Option<&'a [u8]>,
}

impl<'a> Notes<'a> {
    fn take(&mut self, marker: u8, body: &'a [u8]) {
        match (marker, body) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, ..]) if body.len() >= 14 => self.jfif = true,
            (0xE1, [b'E', b'x', b'i', b'f', 0, _, exif @ ..]) if self.exif.is_none() => self.exif = Some(exif),
            (0xEE, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => self.adobe = Some(*transform),
            _ => (),
        }
    }

    /// What the components are, and whether the first decoder, which has rules of its own for RGB, says the same.
    fn colour(&self, frame: &Frame) -> (Colour, bool) {
        let named = frame.components.iter().map(|component| component.id).eq(*b"RGB");
        match frame.components.len() {
            1 => (Colour::Grey, true),
            3 => {
                let rgb = !self.jfif && self.adobe.map_or(named, |transform| transform == 0);
                let theirs = named || self.adobe == Some(0);
                (if rgb { Colour::Rgb } else { Colour::Ycc }, rgb == theirs)
            }
            _ => (Colour::Four, true),
        }
    }
}

/// The segment behind a marker, and what is behind it.
fn segment(bytes: &[u8], at: usize) -> Result<(&[u8], usize), Fault> {
    let cut = Fault::Missing("it ends in the middle of its headers");
    let length = bytes.get(at..at + 2).ok_or(cut)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length < 2 {
        return Err(Fault::Broken("a segment has no length"));
    }
    Ok((bytes.get(at + 2..at + length).ok_or(cut)?, at + length))
}

/// The frame header, and the EXIF block in front of it.
pub(super) fn header(bytes: &[u8]) -> Result<(Frame, Option<&[u8]>), Fault> {
    let (mut at, mut notes) = (2, Notes::default());
    while let Some((marker, behind)) = next_marker(bytes, at) {
        let (body, behind) = segment(bytes, behind)?;
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                return Ok((Frame::parse(marker, body)?, notes.exif));
            }
            _ => notes.take(marker, body),
        }
        at = behind;
    }
    Err(Fault::Missing("it ends before its frame header"))
}

/// Reads the whole file.
pub(super) fn account(bytes: &[u8]) -> Result<Account<'_>, Fault> {
    let (mut at, mut notes, mut tables, mut interval) = (2, Notes::default(), Tables::default(), 0);
    let (mut frame, mut progress, mut scans, mut ends) = (None, Vec::new(), Vec::new(), false);
    while let Some((marker, behind)) = next_marker(bytes, at) {
        at = behind;
        match marker {
            0x01 | 0xD0..=0xD8 => continue,
            0xD9 => {
                ends = true;
                break;
            }
            _ => (),
        }
        let (body, behind) = match segment(bytes, at) {
            // What is cut behind the last pixel is no loss.
            Err(_) if !progress.is_empty() && progress.iter().all(Progress::is_complete) => break,
            segment => segment?,
        };
        at = behind;
        match marker {
            0xC4 => tables.define(body)?,
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                if frame.is_some() {
                    return Err(Fault::Foreign("a hierarchical JPEG"));
                }
                let new = Frame::parse(marker, body)?;
                progress = new.components.iter().map(|_| Progress::new()).collect();
                frame = Some(new);
            }
            0xDD => interval = body.first_chunk().map_or(0, |interval| u32::from(u16::from_be_bytes(*interval))),
            0xDA => {
                let frame = frame.as_ref().ok_or(Fault::Broken("a scan comes before the frame header"))?;
                if tables.is_empty() {
                    usual_tables(&mut tables)?;
                }
                let scan = Scan::parse(body, frame)?;
                at = scan.read(frame, &tables, interval, &mut progress, bytes, at)?;
                scans.push(scan.components.iter().map(|(component, ..)| *component).collect());
            }
            _ if scans.is_empty() => notes.take(marker, body),
            _ => (),
        }
    }
    let frame = frame.ok_or(Fault::Missing("it ends before its frame header"))?;
    if !progress.iter().all(Progress::is_complete) {
        return Err(Fault::Missing("it ends before its last scan"));
    }
    let (colour, usual_colour) = notes.colour(&frame);
    Ok(Account { frame, colour, exif: notes.exif, usual_colour, scans, ends })
}

/// The tables that frames of motion JPEG leave out (K.3): those that every simple encoder writes.
#[cfg(feature = "image-files")]
fn usual_tables(tables: &mut Tables) -> Result<(), Fault> {
    let bytes = encode_jpeg(&Rgb8::from_fn(8, 8, |_, _| [0; 3]), 50);
    let mut at = 2;
    while let Some((marker, behind)) = next_marker(&bytes, at) {
        let (body, behind) = segment(&bytes, behind)?;
        match marker {
            0xC4 => tables.define(body)?,
            0xDA => break,
            _ => (),
        }
        at = behind;
    }
    Ok(())
}

/// There is no encoder to take the tables from.
#[cfg(not(feature = "image-files"))]
fn usual_tables(_: &mut Tables) -> Result<(), Fault> {
    Err(Fault::Foreign("a frame of motion JPEG"))
}

impl Account<'_> {
    /// Whether the first decoder gives the pixels of the file. Found by trying all samplings and orders of scans.
    pub(super) fn is_plain(&self) -> bool {
        let Some(first) = self.frame.components.first() else { return false };
        let [h, v] = self.frame.most();
        // It takes a component that is alone for one without sampling, but not one of three.
        let by_powers = self.frame.components.iter().all(|component| component.sampling[0] != 3);
        let luma_is_finest = first.sampling == [h, v];
        let rows_divide = v != 4 || self.frame.components.iter().all(|component| component.sampling[1] != 2);
        let together = self.frame.progressive
            || self.scans.iter().all(|scan| scan.len() == self.frame.components.len())
            || (v == 1 && self.scans.iter().all(|scan| scan.len() == 1));
        self.usual_colour && by_powers && luma_is_finest && rows_divide && together
    }

    /// Refuses what the second decoder gets wrong: it counts the blocks of a scan with one component by the whole image.
    pub(super) fn check_unusual(&self) -> Result<(), Fault> {
        let frame = &self.frame;
        for scan in self.scans.iter().filter(|scan| scan.len() == 1) {
            let ([columns, rows], image) = (frame.padded(scan[0]), [frame.width.div_ceil(8), frame.height.div_ceil(8)]);
            if frame.blocks(scan[0]) != [columns.min(image[0]), rows.min(image[1])] {
                return Err(Fault::Foreign("a JPEG with separate scans and unusual sampling"));
            }
        }
        let most = frame.most();
        let divides = |component: &super::frame::Component| {
            most[0] % component.sampling[0] + most[1] % component.sampling[1] == 0
        };
        if !frame.components.iter().all(divides) || frame.width.max(frame.height) > 65_000 {
            return Err(Fault::Foreign("a JPEG with unusual sampling"));
        }
        if self.colour == Colour::Four {
            return Err(Fault::Foreign("a CMYK JPEG with separate scans or unusual sampling"));
        }
        Ok(())
    }
}
