//! Colour planes of a 4:2:0 JPEG: RGB to luma and halved chroma and back, in 16.16 fixed point.
//!
//! Factors above 2¹⁵ are split into whole multiples, added outside the shift, and a rest that fits 16 bits: the same result,
//! and the compiler can multiply eight values at once.

use crate::image::Rgb8;
use crate::lanes::widest;

/// Luma at full and chroma at half resolution, padded to whole 16×16 squares.
pub(super) struct Planes {
    /// Columns of the padded luma; chroma has half of them.
    pub(super) stride: usize,
    pub(super) luma: Vec<u8>,
    pub(super) blue: Vec<u8>,
    pub(super) red: Vec<u8>,
}

const HALF: i32 = 1 << 15;
/// Offset of the chroma planes: 128, and a half that is cut by one so that the value stays below 256.
const CHROMA_OFFSET: i32 = 128 * 65536 + 32767;

impl Planes {
    pub(super) fn new(image: &Rgb8) -> Self {
        let (width, height) = (image.width(), image.height());
        let stride = width.next_multiple_of(16);
        let rows = height.next_multiple_of(16);
        let mut luma = Vec::with_capacity(stride * rows);
        let mut blue = Vec::with_capacity(stride * rows / 4);
        let mut red = Vec::with_capacity(stride * rows / 4);
        let (mut upper, mut lower) = (Row::new(stride), Row::new(stride));
        for pair in image.bytes().chunks(width * 6) {
            widest!(upper.convert(&pair[..width * 3]));
            luma.extend_from_slice(&upper.luma);
            // An odd last row is doubled.
            let below = if pair.len() > width * 3 {
                widest!(lower.convert(&pair[width * 3..]));
                luma.extend_from_slice(&lower.luma);
                &lower
            } else {
                &upper
            };
            for (plane, upper, below) in [(&mut blue, &upper.blue, &below.blue), (&mut red, &upper.red, &below.red)] {
                let from = plane.len();
                plane.resize(from + stride / 2, 0);
                widest!(halve(upper, below, &mut plane[from..]));
            }
        }
        repeat_last_row(&mut luma, stride, rows);
        repeat_last_row(&mut blue, stride / 2, rows / 2);
        repeat_last_row(&mut red, stride / 2, rows / 2);
        Self { stride, luma, blue, red }
    }

    pub(super) fn into_image(self, width: usize, height: usize) -> Rgb8 {
        let (columns, rows) = (width.div_ceil(2), height.div_ceil(2));
        let mut data = vec![0u8; width * height * 3];
        let mut sums = vec![0u16; columns];
        let (mut blue, mut red) = (vec![0i16; columns * 2], vec![0i16; columns * 2]);
        for (y, out) in data.chunks_exact_mut(width * 3).enumerate() {
            let near = y / 2;
            let far = if y % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(rows - 1) };
            for (plane, line) in [(&self.blue, &mut blue), (&self.red, &mut red)] {
                let row = |at: usize| &plane[at * self.stride / 2..][..columns];
                widest!(double(row(near), row(far), &mut sums, line));
            }
            widest!(colour(&self.luma[y * self.stride..][..width], &blue, &red, out.as_chunks_mut::<3>().0));
        }
        Rgb8::from_parts(width, height, data)
    }
}

/// A row of pixels from luma and from chroma around zero.
#[inline(always)]
fn colour(luma: &[u8], blue: &[i16], red: &[i16], out: &mut [[u8; 3]]) {
    for (pixel, ((luma, blue), red)) in out.iter_mut().zip(luma.iter().zip(blue).zip(red)) {
        let y = i16::from(*luma);
        // 91881, 116130, -22554 and -46802 in 16.16.
        let r = y + red + shifted(times(*red, 26_345) + HALF);
        let g = y - red + shifted(times(*blue, -22_554) + times(*red, 18_734) + HALF);
        let b = y + 2 * blue + shifted(times(*blue, -14_942) + HALF);
        *pixel = [r.clamp(0, 255) as u8, g.clamp(0, 255) as u8, b.clamp(0, 255) as u8];
    }
}

#[inline(always)]
fn times(value: i16, factor: i16) -> i32 {
    i32::from(value) * i32::from(factor)
}

#[inline(always)]
fn shifted(value: i32) -> i16 {
    (value >> 16) as i16
}

/// One row at full resolution.
struct Row {
    luma: Vec<u8>,
    blue: Vec<u8>,
    red: Vec<u8>,
    channels: [Vec<i16>; 3],
}

impl Row {
    fn new(stride: usize) -> Self {
        let bytes = || vec![0; stride];
        Self { luma: bytes(), blue: bytes(), red: bytes(), channels: [(); 3].map(|()| vec![0; stride]) }
    }

    /// Takes a row of RGB; the last column is repeated to the end.
    #[inline(always)]
    fn convert(&mut self, row: &[u8]) {
        let pixels = row.as_chunks::<3>().0;
        let [r, g, b] = &mut self.channels;
        for (((pixel, r), g), b) in pixels.iter().zip(r.iter_mut()).zip(g.iter_mut()).zip(b.iter_mut()) {
            [*r, *g, *b] = pixel.map(i16::from);
        }
        for channel in [&mut *r, &mut *g, &mut *b] {
            let last = channel[pixels.len() - 1];
            channel[pixels.len()..].fill(last);
        }
        let channels = r.iter().zip(&*g).zip(&*b);
        for (luma, ((r, g), b)) in self.luma.iter_mut().zip(channels.clone()) {
            // 19595, 38470 and 7471.
            *luma = (g + shifted(times(*r, 19_595) + times(*g, -27_066) + times(*b, 7_471) + HALF)) as u8;
        }
        for (blue, ((r, g), b)) in self.blue.iter_mut().zip(channels.clone()) {
            // -11059, -21709 and 32768.
            *blue = (b + shifted(times(*r, -11_059) + times(*g, -21_709) + times(*b, -32_768) + CHROMA_OFFSET)) as u8;
        }
        for (red, ((r, g), b)) in self.red.iter_mut().zip(channels) {
            // 32768, -27439 and -5329.
            *red = (r + shifted(times(*r, -32_768) + times(*g, -27_439) + times(*b, -5_329) + CHROMA_OFFSET)) as u8;
        }
    }
}

/// Means of 2×2 values, rounded down and up in turn.
#[inline(always)]
fn halve(upper: &[u8], lower: &[u8], out: &mut [u8]) {
    let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
    for (at, (out, ([a, b], [c, d]))) in out.iter_mut().zip(pairs).enumerate() {
        let sum = u16::from(*a) + u16::from(*b) + u16::from(*c) + u16::from(*d);
        *out = ((sum + 1 + (at & 1) as u16) >> 2) as u8;
    }
}

fn repeat_last_row(plane: &mut Vec<u8>, stride: usize, rows: usize) {
    while plane.len() < stride * rows {
        plane.extend_from_within(plane.len() - stride..);
    }
}

/// A row between two by a triangle filter, three parts near and one far, with twice as many columns and 128 taken off; the
/// edges repeat.
#[inline(always)]
fn double(near: &[u8], far: &[u8], sums: &mut [u16], out: &mut [i16]) {
    for ((sum, near), far) in sums.iter_mut().zip(near).zip(far) {
        *sum = 3 * u16::from(*near) + u16::from(*far);
    }
    let centred = |sum: u16| (sum >> 4) as i16 - 128;
    let last = out.len() - 1;
    out[0] = centred(4 * sums[0] + 8);
    for ((left, right), pair) in sums.iter().zip(&sums[1..]).zip(out[1..].as_chunks_mut::<2>().0) {
        *pair = [centred(3 * left + right + 7), centred(3 * right + left + 8)];
    }
    out[last] = centred(4 * sums[sums.len() - 1] + 7);
}
