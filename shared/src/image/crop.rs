//! Cutting and mirroring images.

use super::Rgb8;

impl Rgb8 {
    /// The `width`×`height` rectangle whose top-left pixel is (`x`, `y`).
    ///
    /// A rectangle that reaches outside is moved and then shrunk until it fits; it keeps at least one pixel.
    pub fn crop(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let (width, height) = (width.clamp(1, self.width()), height.clamp(1, self.height()));
        let (left, top) = (x.min(self.width() - width), y.min(self.height() - height));
        self.map_rows(width, height, |row, out| {
            let start = ((top + row) * self.width() + left) * 3;
            out.extend_from_slice(&self.bytes()[start..start + width * 3]);
        })
    }

    /// The largest square in the middle. An odd rest is split as torchvision does it, see [`centre_offset`].
    pub fn center_square(&self) -> Self {
        let side = self.width().min(self.height());
        self.crop(centre_offset(self.width(), side), centre_offset(self.height(), side), side, side)
    }

    /// The mirror image, left and right exchanged.
    pub fn flip_horizontal(&self) -> Self {
        self.map_rows(self.width(), self.height(), |row, out| {
            let start = row * self.width() * 3;
            let pixels = self.bytes()[start..start + self.width() * 3].as_chunks::<3>().0;
            out.extend(pixels.iter().rev().flatten());
        })
    }

    fn map_rows(&self, width: usize, height: usize, mut append: impl FnMut(usize, &mut Vec<u8>)) -> Self {
        let mut data = Vec::with_capacity(width * height * 3);
        for row in 0..height {
            append(row, &mut data);
        }
        Self::from_parts(width, height, data)
    }
}

/// Where a centred window of `inner` starts on an axis of `outer ≥ inner`: half of the rest, halves to the even number.
pub(super) fn centre_offset(outer: usize, inner: usize) -> usize {
    let rest = outer - inner;
    if rest % 4 == 3 { rest / 2 + 1 } else { rest / 2 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(width: usize, height: usize) -> Rgb8 {
        Rgb8::from_fn(width, height, |x, y| [x as u8, y as u8, 7])
    }

    #[test]
    fn a_crop_keeps_the_pixels_of_its_rectangle() {
        let crop = numbered(9, 7).crop(2, 3, 4, 2);
        assert_eq!((crop.width(), crop.height()), (4, 2));
        assert_eq!((crop.pixel(0, 0), crop.pixel(3, 1)), ([2, 3, 7], [5, 4, 7]));
    }

    #[test]
    fn a_crop_that_reaches_outside_is_moved_inside() {
        let crop = numbered(5, 5).crop(4, 9, 3, 20);
        assert_eq!((crop.width(), crop.height(), crop.pixel(0, 0)), (3, 5, [2, 0, 7]));
    }

    #[test]
    fn offsets_round_halves_to_even() {
        let offsets: Vec<_> = (4..12).map(|outer| centre_offset(outer, 4)).collect();
        assert_eq!(offsets, [0, 0, 1, 2, 2, 2, 3, 4]);
    }

    #[test]
    fn flipping_twice_gives_the_image_back() {
        let image = numbered(6, 3);
        assert_eq!(image.flip_horizontal().pixel(0, 1), [5, 1, 7]);
        assert_eq!(image.flip_horizontal().flip_horizontal(), image);
    }
}
