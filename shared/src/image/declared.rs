//! Width and height as the header of an image file declares them.
//!
//! The decoders refuse a side of zero each in words of its own, "too large" among them, and most keep the numbers to
//! themselves. This reads just enough of a header to say what is wrong with it.

/// The formats that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    WebP,
    Bmp,
}

/// The format that the first bytes tell.
pub(super) fn format(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Format::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::WebP),
        [b'B', b'M', ..] => Some(Format::Bmp),
        _ => None,
    }
}

/// Width and height in the header of `bytes`; `None` where it is cut short or in no format of ours.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    match format(bytes)? {
        Format::Png => png(bytes),
        Format::Bmp => bmp(bytes),
        Format::Jpeg => jpeg(bytes),
        Format::WebP => webp(bytes),
    }
}

/// The first chunk, behind eight bytes of signature.
fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    if at::<4>(bytes, 12)? != *b"IHDR" {
        return None;
    }
    Some((u32::from_be_bytes(at(bytes, 16)?), u32::from_be_bytes(at(bytes, 20)?)))
}

/// The header of the bitmap, behind that of the file.
fn bmp(bytes: &[u8]) -> Option<(u32, u32)> {
    // The oldest kind, of 12 bytes, has 16 bits for a side.
    if u32::from_le_bytes(at(bytes, 14)?) == 12 {
        let side = |start| Some(u32::from(u16::from_le_bytes(at(bytes, start)?)));
        return Some((side(18)?, side(20)?));
    }
    // A negative height says that the rows run from top to bottom.
    let side = |start| Some(i32::from_le_bytes(at(bytes, start)?).unsigned_abs());
    Some((side(18)?, side(22)?))
}

/// Walks over the segments to the frame header (ISO 10918-1, B.2.2).
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let side = |start| Some(u32::from(u16::from_be_bytes(at(bytes, start)?)));
    let mut start = 2;
    loop {
        let [0xFF, marker] = at::<2>(bytes, start)? else { return None };
        match marker {
            // Any number of these may stand before a marker.
            0xFF => start += 1,
            // Tables whose codes lie among those of the frame headers.
            0xC4 | 0xC8 | 0xCC => start += 2 + side(start + 2)? as usize,
            0xC0..=0xCF => return Some((side(start + 7)?, side(start + 5)?)),
            _ => start += 2 + side(start + 2)? as usize,
        }
    }
}

/// The lossy, the lossless and the extended kind. The latter two store their sides less one.
fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    match &at::<4>(bytes, 12)? {
        b"VP8 " => {
            // The upper two bits are a scale for showing the image.
            let side = |start| Some(u32::from(u16::from_le_bytes(at(bytes, start)?) & 0x3FFF));
            Some((side(26)?, side(28)?))
        }
        b"VP8L" => {
            let sides = u32::from_le_bytes(at(bytes, 21)?);
            Some(((sides & 0x3FFF) + 1, (sides >> 14 & 0x3FFF) + 1))
        }
        b"VP8X" => {
            let side =
                |start| at::<3>(bytes, start).map(|[low, middle, high]| u32::from_le_bytes([low, middle, high, 0]) + 1);
            Some((side(24)?, side(27)?))
        }
        _ => None,
    }
}

/// `N` bytes from `start` on.
pub(super) fn at<const N: usize>(bytes: &[u8], start: usize) -> Option<[u8; N]> {
    bytes.get(start..start + N)?.try_into().ok()
}
