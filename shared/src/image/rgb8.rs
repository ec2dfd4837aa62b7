//! The image buffer.

/// An 8-bit RGB image, rows from the top, three bytes per pixel. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgb8 {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Rgb8 {
    /// Takes `data` of exactly `width · height · 3` bytes; `None` for any other length or a zero side.
    pub fn new(width: usize, height: usize, data: Vec<u8>) -> Option<Self> {
        let bytes = width.checked_mul(height)?.checked_mul(3)?;
        (bytes > 0 && data.len() == bytes).then_some(Self { width, height, data })
    }

    /// Fills an image pixel by pixel from `color(x, y)`. Sides below one are taken as one.
    pub fn from_fn(width: usize, height: usize, mut color: impl FnMut(usize, usize) -> [u8; 3]) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let mut data = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                data.extend_from_slice(&color(x, y));
            }
        }
        Self { width, height, data }
    }

    /// For callers in this crate that built exactly `width · height · 3` bytes.
    pub(crate) fn from_parts(width: usize, height: usize, data: Vec<u8>) -> Self {
        debug_assert_eq!(data.len(), width * height * 3);
        Self { width, height, data }
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// All bytes, `[y, x, c]`.
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    /// All bytes, `[y, x, c]`, to change in place.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.data
    }

    /// Gives the bytes away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.data
    }

    /// The colour at column `x`, row `y`. Panics outside the image.
    pub fn pixel(&self, x: usize, y: usize) -> [u8; 3] {
        let at = (y * self.width + x) * 3;
        [self.data[at], self.data[at + 1], self.data[at + 2]]
    }
}
