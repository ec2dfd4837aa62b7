//! Reading between pixels as the C-bar generators do: two weights for each axis, black outside.

/// Rows of `width` points of three values.
pub(super) struct Plane<'a> {
    pub(super) values: &'a [f32],
    pub(super) width: usize,
    pub(super) height: usize,
}

/// The two points around `position`, as the lower one and both weights.
fn around(position: f64) -> (isize, [f64; 2]) {
    let low = position.floor();
    (low as isize, [(1.0 - position) + low, (1.0 - (low + 1.0)) + position])
}

impl Plane<'_> {
    fn at(&self, y: isize, x: isize) -> Option<[f32; 3]> {
        let inside = (0..self.height as isize).contains(&y) && (0..self.width as isize).contains(&x);
        let from = if inside { (y as usize * self.width + x as usize) * 3 } else { return None };
        Some([self.values[from], self.values[from + 1], self.values[from + 2]])
    }

    /// The colour at (y, x), and whether all four neighbours lie inside. Weights, row sums and the sum are f32 then; a neighbour
    /// outside counts 0 and leaves what it takes part in, and all after it, in f64.
    pub(super) fn single(&self, y: f64, x: f64) -> ([f64; 3], bool) {
        let ((top, rows), (left, columns)) = (around(y), around(x));
        let corners = [0, 1].map(|down| [0, 1].map(|right| self.at(top + down, left + right)));
        let inside = corners.iter().flatten().all(Option::is_some);
        let color = std::array::from_fn(|c| {
            let value = |down: usize, right: usize| corners[down][right].map(|corner| corner[c]);
            let sums = [0, 1].map(|down| match (value(down, 0), value(down, 1)) {
                (Some(a), Some(b)) => (f64::from(a * columns[0] as f32 + b * columns[1] as f32), true),
                (a, b) => (f64::from(a.unwrap_or(0.0)) * columns[0] + f64::from(b.unwrap_or(0.0)) * columns[1], false),
            });
            if sums[0].1 && sums[1].1 {
                return f64::from(sums[0].0 as f32 * rows[0] as f32 + sums[1].0 as f32 * rows[1] as f32);
            }
            let weighted = |down: usize| {
                let (sum, single) = sums[down];
                if single { f64::from(sum as f32 * rows[down] as f32) } else { sum * rows[down] }
            };
            weighted(0) + weighted(1)
        });
        (color, inside)
    }

    /// The colour at (y, x) in f64.
    pub(super) fn double(&self, y: f64, x: f64) -> [f64; 3] {
        let ((top, rows), (left, columns)) = (around(y), around(x));
        let mut sums = [0.0; 3];
        let corner = |down: isize, right: isize| self.at(top + down, left + right).unwrap_or([0.0; 3]).map(f64::from);
        let [a, b, c, d] = [corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)];
        for (i, sum) in sums.iter_mut().enumerate() {
            let upper = a[i] * columns[0] + b[i] * columns[1];
            let lower = c[i] * columns[0] + d[i] * columns[1];
            *sum = upper * rows[0] + lower * rows[1];
        }
        sums
    }
}
