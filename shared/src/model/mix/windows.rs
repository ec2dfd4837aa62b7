//! Square windows of a token map, in which tokens mix as samples of their own: the Swin transformer (arXiv 2103.14030,
//! section 3.2).
//!
//! Every second block shifts the windows by half their side. The map is rolled for that, and tokens that meet only because
//! of the roll are kept apart by −100 before the softmax.

use burn::prelude::*;
use burn::tensor::TensorData;

/// What a forbidden pair of tokens adds to its score.
const FORBIDDEN: f32 = -100.0;

/// A cut of a map into windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Side of a window, tokens; divides the sides of the map.
    pub side: usize,
    /// How far windows are shifted, tokens: 0 or half a window.
    pub shift: usize,
}

impl Windows {
    /// `[b, n, c]` on `grid` (rows, columns) → `[b·windows, w², c]`, an image's windows side by side, row by row.
    pub fn cut(self, x: Tensor<3>, [rows, columns]: [usize; 2]) -> Tensor<3> {
        let ([b, _, c], w, shift) = (x.dims(), self.side, self.shift as i64);
        let map = x.reshape([b, rows, columns, c]).roll(&[-shift, -shift], &[1, 2]);
        let cells = map.reshape([b, rows / w, w, columns / w, w, c]).permute([0, 1, 3, 2, 4, 5]);
        cells.reshape([b * (rows / w) * (columns / w), w * w, c])
    }

    /// The inverse of [`Self::cut`].
    pub fn join(self, windows: Tensor<3>, [rows, columns]: [usize; 2]) -> Tensor<3> {
        let ([count, n, c], w, shift) = (windows.dims(), self.side, self.shift as i64);
        let b = count * n / (rows * columns);
        let cells = windows.reshape([b, rows / w, columns / w, w, w, c]).permute([0, 1, 3, 2, 4, 5]);
        let map = cells.reshape([b, rows, columns, c]).roll(&[shift, shift], &[1, 2]);
        map.reshape([b, rows * columns, c])
    }

    /// `[windows, w², w²]`: what keeps tokens of different sides of the roll apart; none without a shift.
    pub fn apart(self, [rows, columns]: [usize; 2], device: &Device) -> Option<Tensor<3>> {
        if self.shift == 0 {
            return None;
        }
        let (w, n) = (self.side, self.side * self.side);
        // After the roll, an axis has three regions: whole windows, the part that stayed, the part that came around.
        let region = |at: usize, length: usize| usize::from(at >= length - w) + usize::from(at >= length - self.shift);
        let windows = (rows / w) * (columns / w);
        let mut values = Vec::with_capacity(windows * n * n);
        for window in 0..windows {
            let (top, left) = (window / (columns / w) * w, window % (columns / w) * w);
            let place = |token: usize| (region(top + token / w, rows), region(left + token % w, columns));
            for query in 0..n {
                values.extend((0..n).map(|key| if place(query) == place(key) { 0.0 } else { FORBIDDEN }));
            }
        }
        Some(Tensor::from_data(TensorData::new(values, [windows, n, n]), device))
    }
}
