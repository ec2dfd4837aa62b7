//! Colour planes of a 4:2:0 JPEG: RGB to luma and halved chroma and back, in 16.16 fixed point.

use crate::image::Rgb8;

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
    pub(super) fn new(picture: &Rgb8) -> Self {
        let (width, height) = (picture.width(), picture.height());
        let stride = width.next_multiple_of(16);
        let rows = height.next_multiple_of(16);
        let mut luma = Vec::with_capacity(stride * rows);
        let mut blue = Vec::with_capacity(stride * rows / 4);
        let mut red = Vec::with_capacity(stride * rows / 4);
        let mut chroma = [(); 4].map(|()| vec![0u8; stride]);
        for pair in picture.bytes().chunks(width * 6) {
            let [upper_blue, upper_red, lower_blue, lower_red] = &mut chroma;
            convert(&pair[..width * 3], stride, &mut luma, upper_blue, upper_red);
            if pair.len() > width * 3 {
                convert(&pair[width * 3..], stride, &mut luma, lower_blue, lower_red);
            } else {
                lower_blue.copy_from_slice(upper_blue);
                lower_red.copy_from_slice(upper_red);
            }
            halve(upper_blue, lower_blue, &mut blue);
            halve(upper_red, lower_red, &mut red);
        }
        repeat_last_row(&mut luma, stride, rows);
        repeat_last_row(&mut blue, stride / 2, rows / 2);
        repeat_last_row(&mut red, stride / 2, rows / 2);
        Self { stride, luma, blue, red }
    }

    pub(super) fn into_picture(self, width: usize, height: usize) -> Rgb8 {
        let (columns, rows) = (width.div_ceil(2), height.div_ceil(2));
        let mut data = vec![0u8; width * height * 3];
        let mut sums = vec![0i32; columns];
        let mut blue = vec![0u8; columns * 2];
        let mut red = vec![0u8; columns * 2];
        for (y, out) in data.chunks_exact_mut(width * 3).enumerate() {
            let near = y / 2;
            let far = if y % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(rows - 1) };
            for (plane, line) in [(&self.blue, &mut blue), (&self.red, &mut red)] {
                let row = |at: usize| &plane[at * self.stride / 2..][..columns];
                for ((sum, near), far) in sums.iter_mut().zip(row(near)).zip(row(far)) {
                    *sum = 3 * i32::from(*near) + i32::from(*far);
                }
                double(&sums, line);
            }
            let luma = &self.luma[y * self.stride..][..width];
            let colours = luma.iter().zip(&blue).zip(&red);
            for (pixel, ((luma, blue), red)) in out.as_chunks_mut::<3>().0.iter_mut().zip(colours) {
                let (y, blue, red) = (i32::from(*luma), i32::from(*blue) - 128, i32::from(*red) - 128);
                let r = y + ((91_881 * red + HALF) >> 16);
                let g = y + ((-22_554 * blue - 46_802 * red + HALF) >> 16);
                let b = y + ((116_130 * blue + HALF) >> 16);
                *pixel = [r, g, b].map(|value| value.clamp(0, 255) as u8);
            }
        }
        Rgb8::from_parts(width, height, data)
    }
}

/// One row to luma (appended) and full-width chroma, the last column repeated to the end.
fn convert(row: &[u8], stride: usize, luma: &mut Vec<u8>, blue: &mut [u8], red: &mut [u8]) {
    let pixels = row.as_chunks::<3>().0;
    for ((pixel, blue), red) in pixels.iter().zip(blue.iter_mut()).zip(red.iter_mut()) {
        let [r, g, b] = pixel.map(i32::from);
        luma.push(((19_595 * r + 38_470 * g + 7_471 * b + HALF) >> 16) as u8);
        *blue = ((-11_059 * r - 21_709 * g + 32_768 * b + CHROMA_OFFSET) >> 16) as u8;
        *red = ((32_768 * r - 27_439 * g - 5_329 * b + CHROMA_OFFSET) >> 16) as u8;
    }
    let width = pixels.len();
    let last = luma[luma.len() - 1];
    luma.resize(luma.len() + stride - width, last);
    let (last_blue, last_red) = (blue[width - 1], red[width - 1]);
    blue[width..].fill(last_blue);
    red[width..].fill(last_red);
}

/// Means of 2×2 values, rounded down and up in turn.
fn halve(upper: &[u8], lower: &[u8], out: &mut Vec<u8>) {
    let pairs = upper.as_chunks::<2>().0.iter().zip(lower.as_chunks::<2>().0);
    out.extend(pairs.enumerate().map(|(at, (upper, lower))| {
        let sum: u16 = upper.iter().chain(lower).map(|value| u16::from(*value)).sum();
        ((sum + 1 + (at & 1) as u16) >> 2) as u8
    }));
}

fn repeat_last_row(plane: &mut Vec<u8>, stride: usize, rows: usize) {
    while plane.len() < stride * rows {
        plane.extend_from_within(plane.len() - stride..);
    }
}

/// Twice as many columns by a triangle filter; the edges repeat.
fn double(sums: &[i32], out: &mut [u8]) {
    for (at, pair) in out.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let this = 3 * sums[at];
        let left = sums[at.saturating_sub(1)];
        let right = sums[(at + 1).min(sums.len() - 1)];
        *pair = [((this + left + 8) >> 4) as u8, ((this + right + 7) >> 4) as u8];
    }
}
