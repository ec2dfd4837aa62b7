//! The JPEG file itself: baseline, 4:2:0, with the shortest Huffman codes for its content (ITU-T T.81, Annexes B, C, F, K.2).
//!
//! The bytes are those that Pillow writes with `optimize=True`, which is how the published sets were stored.

use super::colour::Planes;
use super::dct::{Block, coefficients};
use super::huffman::Codes;
use super::{CHROMA, LUMA, scaled};
use crate::image::Rgb8;

/// Row-order places in the order in which coefficients are written.
const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];
/// Sixteen zeros.
const ZEROS: u8 = 0xF0;
/// The rest of the block is zero.
const END: u8 = 0;

/// A JPEG file of `quality` 1–100, as libjpeg writes it; [`recompress`](super::recompress) gives the pixels that it decodes to.
///
/// JPEG stores sides of at most 65 535 pixels; for a larger image there is no file.
pub fn file(image: &Rgb8, quality: u8) -> Option<Vec<u8>> {
    let (width, height) = (u16::try_from(image.width()).ok()?, u16::try_from(image.height()).ok()?);
    let tables = [scaled(&LUMA, quality), scaled(&CHROMA, quality)];
    let scan = Scan::new(image, &tables);
    let codes = Table::ALL.map(|table| Codes::new(&scan.counts[table as usize]));

    let mut bytes = vec![0xFF, 0xD8];
    segment(&mut bytes, 0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    for (number, table) in (0..).zip(&tables) {
        let entries = ZIGZAG.iter().map(|place| table[usize::from(*place)] as u8);
        segment(&mut bytes, 0xDB, &std::iter::once(number).chain(entries).collect::<Vec<u8>>());
    }
    let [[high, low], [left, right]] = [height, width].map(u16::to_be_bytes);
    // Three components: luma of 2×2 samples for one of each chroma, with the tables of their own.
    segment(&mut bytes, 0xC0, &[8, high, low, left, right, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
    for (table, codes) in Table::ALL.into_iter().zip(&codes) {
        segment(&mut bytes, 0xC4, &[&[table.marker()], &codes.lengths[..], &codes.symbols].concat());
    }
    segment(&mut bytes, 0xDA, &[3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
    scan.write(&codes, &mut bytes);
    bytes.extend([0xFF, 0xD9]);
    Some(bytes)
}

fn segment(bytes: &mut Vec<u8>, marker: u8, content: &[u8]) {
    bytes.extend([0xFF, marker]);
    bytes.extend((content.len() as u16 + 2).to_be_bytes());
    bytes.extend(content);
}

/// The four Huffman tables, in the file's order.
#[derive(Clone, Copy)]
enum Table {
    LumaMean,
    LumaRest,
    ChromaMean,
    ChromaRest,
}

impl Table {
    const ALL: [Self; 4] = [Self::LumaMean, Self::LumaRest, Self::ChromaMean, Self::ChromaRest];

    /// Class and number.
    fn marker(self) -> u8 {
        match self {
            Self::LumaMean => 0x00,
            Self::LumaRest => 0x10,
            Self::ChromaMean => 0x01,
            Self::ChromaRest => 0x11,
        }
    }
}

/// A symbol, and the bits that follow its code.
#[derive(Clone, Copy)]
struct Token {
    table: Table,
    symbol: u8,
    bits: u16,
    length: u8,
}

/// What the file says, before it has codes.
struct Scan {
    tokens: Vec<Token>,
    counts: [[u32; 256]; 4],
}

impl Scan {
    fn new(image: &Rgb8, [luma, chroma]: &[[u16; 64]; 2]) -> Self {
        let planes = Planes::new(image);
        let columns = planes.stride / 16;
        let luma = coefficients(&planes.luma, planes.stride, luma);
        let blue = coefficients(&planes.blue, planes.stride / 2, chroma);
        let red = coefficients(&planes.red, planes.stride / 2, chroma);
        // Blocks of luma that lie in the image; the others of a square only repeat the mean of the one before.
        let inside = (image.width().div_ceil(8), image.height().div_ceil(8));

        let mut scan = Self { tokens: Vec::new(), counts: [[0; 256]; 4] };
        let mut means = [0; 3];
        for square in 0..blue.len() {
            let (x, y) = (square % columns, square / columns);
            let mut last = Block::default();
            for (bx, by) in [(2 * x, 2 * y), (2 * x + 1, 2 * y), (2 * x, 2 * y + 1), (2 * x + 1, 2 * y + 1)] {
                if bx < inside.0 && by < inside.1 {
                    last = luma[by * 2 * columns + bx];
                } else {
                    let mean = last[0][0];
                    last = Block::default();
                    last[0][0] = mean;
                }
                scan.block(&last, &mut means[0], Table::LumaMean, Table::LumaRest);
            }
            scan.block(&blue[square], &mut means[1], Table::ChromaMean, Table::ChromaRest);
            scan.block(&red[square], &mut means[2], Table::ChromaMean, Table::ChromaRest);
        }
        scan
    }

    /// The mean as a difference from the one before, then runs of zeros and what ends them.
    fn block(&mut self, block: &Block, before: &mut i16, means: Table, rest: Table) {
        let values = block.as_flattened();
        self.value(means, 0, values[0] - *before);
        *before = values[0];
        let mut zeros = 0;
        for place in &ZIGZAG[1..] {
            let value = values[usize::from(*place)];
            if value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 {
                self.value(rest, ZEROS, 0);
                zeros -= 16;
            }
            self.value(rest, zeros << 4, value);
            zeros = 0;
        }
        if zeros > 0 {
            self.value(rest, END, 0);
        }
    }

    /// `high` and the number of bits of `value` make the symbol; the bits themselves follow, of a negative value less one.
    fn value(&mut self, table: Table, high: u8, value: i16) {
        let length = (i16::BITS - value.unsigned_abs().leading_zeros()) as u8;
        let bits = if value < 0 { value - 1 } else { value } as u16 & ((1 << length) - 1) as u16;
        let symbol = high | length;
        self.counts[table as usize][usize::from(symbol)] += 1;
        self.tokens.push(Token { table, symbol, bits, length });
    }

    fn write(&self, codes: &[Codes; 4], bytes: &mut Vec<u8>) {
        let mut out = Bits { bytes, waiting: 0, count: 0 };
        for token in &self.tokens {
            let (code, length) = codes[token.table as usize].of(token.symbol);
            out.push(code, length);
            out.push(token.bits, token.length);
        }
        // Ones fill the last byte.
        out.push(0x7F, 7);
    }
}

/// Bits from the highest to bytes; a byte of all ones is followed by a zero, so that it is no marker.
struct Bits<'a> {
    bytes: &'a mut Vec<u8>,
    waiting: u32,
    count: u8,
}

impl Bits<'_> {
    fn push(&mut self, bits: u16, length: u8) {
        self.waiting = self.waiting << length | u32::from(bits);
        self.count += length;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.waiting >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xFF {
                self.bytes.push(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::recompress;
    use super::*;
    use crate::image::decode;
    use crate::random::fnv1a;

    fn image(width: usize, height: usize) -> Rgb8 {
        Rgb8::from_fn(width, height, |x, y| {
            [(x * 7 + y * y) as u8, (x * y * 3 + 11) as u8, (200 + x * x - y * 5 % 97) as u8]
        })
    }

    /// Lengths and hashes of what Pillow 13.0 (libjpeg-turbo 3.2) writes: `save(quality=…, optimize=True)`.
    #[test]
    fn the_bytes_are_pillows() {
        let pillow = [
            (1, 1, 85, 288, 0xe2fa_45de_031f_9047),
            (1, 1, 100, 289, 0x2063_73c9_b277_19cb),
            (16, 16, 85, 464, 0xd169_915d_ed3a_70c4),
            (16, 16, 100, 638, 0x9970_2d3a_be95_3fa0),
            (19, 7, 85, 446, 0xd54a_15a0_7bda_12d0),
            (19, 7, 100, 672, 0x39ae_7eeb_e7ee_f9a3),
            (40, 33, 85, 1383, 0x991d_fc0f_f247_4c3e),
            (40, 33, 100, 2392, 0x53ad_1bef_1fe8_e72c),
            (101, 75, 85, 6194, 0xe9bc_b398_1ce5_1421),
            (101, 75, 100, 12161, 0x7bbf_3b0b_1f6f_9032),
        ];
        for (width, height, quality, length, hash) in pillow {
            let bytes = file(&image(width, height), quality).unwrap();
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            assert_eq!((bytes.len(), fnv1a(&text)), (length, hash), "{width}×{height} at {quality}");
        }
    }

    #[test]
    fn a_decoder_finds_about_the_pixels_that_libjpeg_does() {
        for quality in [30, 85] {
            let original = Rgb8::from_fn(45, 38, |x, y| [(x * 5) as u8, (y * 6) as u8, (x * 2 + y * 3) as u8]);
            let (read, expected) =
                (decode(&file(&original, quality).unwrap()).unwrap(), recompress(&original, quality));
            // Decoders differ in the last bits of the transform and of the colours.
            let gaps = read.bytes().iter().zip(expected.bytes()).map(|(a, b)| a.abs_diff(*b));
            let worst = gaps.max().unwrap();
            assert!(worst <= 4, "{worst}");
        }
    }

    #[test]
    fn what_a_jpeg_cannot_hold_is_no_file() {
        assert!(file(&Rgb8::from_fn(65_536, 1, |_, _| [0; 3]), 85).is_none());
    }
}
