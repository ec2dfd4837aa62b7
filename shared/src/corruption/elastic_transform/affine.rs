//! Affine maps as OpenCV 4 makes and applies them: source coordinates to 1/32 pixel, f32 blend, whole-sample mirror.

use super::super::border::mirror_101;
use crate::lanes::widest;

/// The map that takes three points to three others; none where they lie on a line.
pub(super) fn from_triangles(from: &[[f32; 2]; 3], to: &[[f32; 2]; 3]) -> Option<[[f64; 3]; 2]> {
    // Rows: x, y, 1 | x', y'. Elimination with the largest pivot.
    let mut rows: [[f64; 5]; 3] =
        std::array::from_fn(|i| [from[i][0], from[i][1], 1.0, to[i][0], to[i][1]].map(f64::from));
    for column in 0..3 {
        let mut pivot = column;
        for row in column + 1..3 {
            if rows[row][column].abs() > rows[pivot][column].abs() {
                pivot = row;
            }
        }
        if rows[pivot][column].abs() < 1e-12 {
            return None;
        }
        rows.swap(pivot, column);
        let negative = -1.0 / rows[column][column];
        for row in column + 1..3 {
            let part = rows[row][column] * negative;
            let pivot = rows[column];
            for (value, above) in rows[row].iter_mut().zip(pivot).skip(column + 1) {
                *value += part * above;
            }
        }
    }
    Some([3, 4].map(|side| {
        let mut solution = [0.0; 3];
        for i in (0..3).rev() {
            let rest = (i + 1..3).fold(rows[i][side], |rest, k| rest - rows[i][k] * solution[k]);
            solution[i] = rest / rows[i][i];
        }
        solution
    }))
}

/// `points` `[y, x]` moved by a forward map.
pub(super) fn warp(points: Vec<[f32; 4]>, width: usize, height: usize, map: &[[f64; 3]; 2]) -> Vec<[f32; 4]> {
    let Some([[a, b, t], [c, d, u]]) = inverse(map) else { return points };
    // Coordinates are kept in 1/1024 pixel and rounded to 1/32; OpenCV saturates what does not fit.
    let fine = |value: f64| i64::from((value * 1024.0).round_ties_even() as i32);
    let columns: Vec<[i64; 2]> = (0..width).map(|x| [fine(a * x as f64), fine(c * x as f64)]).collect();
    let mut out = vec![[0.0; 4]; points.len()];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        let start = [fine(b * y as f64 + t) + 16, fine(d * y as f64 + u) + 16];
        widest!(warp_row(&points, [width, height], start, &columns, out));
    }
    out
}

/// A row whose sources stand at `start` and what `columns` add, (x, y) in 1/1024 pixel.
#[inline(always)]
fn warp_row(
    points: &[[f32; 4]],
    [width, height]: [usize; 2],
    start: [i64; 2],
    columns: &[[i64; 2]],
    out: &mut [[f32; 4]],
) {
    for (out, column) in out.iter_mut().zip(columns) {
        let [x, y] = [(start[0] + column[0]) >> 5, (start[1] + column[1]) >> 5];
        let (right, down) = ((x & 31) as f32 / 32.0, (y & 31) as f32 / 32.0);
        let column = |offset: i64| mirror_101(((x >> 5) + offset) as isize, width);
        let row = |offset: i64| mirror_101(((y >> 5) + offset) as isize, height) * width;
        let corners = [row(0) + column(0), row(0) + column(1), row(1) + column(0), row(1) + column(1)];
        let weights = [(1.0 - down) * (1.0 - right), (1.0 - down) * right, down * (1.0 - right), down * right];
        let [i, j, k, l] = corners.map(|at| points[at]);
        *out = std::array::from_fn(|c| i[c] * weights[0] + j[c] * weights[1] + k[c] * weights[2] + l[c] * weights[3]);
    }
}

fn inverse(&[[a, b, t], [c, d, u]]: &[[f64; 3]; 2]) -> Option<[[f64; 3]; 2]> {
    let determinant = a * d - b * c;
    if determinant == 0.0 || !determinant.is_finite() {
        return None;
    }
    let scale = 1.0 / determinant;
    let (a, b, c, d) = (d * scale, -b * scale, -c * scale, a * scale);
    Some([[a, b, -a * t - b * u], [c, d, -c * t - d * u]])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRIANGLE: [[f32; 2]; 3] = [[5.0, 5.0], [5.0, 1.0], [1.0, 1.0]];

    #[test]
    fn a_map_takes_the_points_where_they_belong() {
        let to = [[6.0, 5.5], [4.5, 1.25], [0.0, 1.0]];
        let map = from_triangles(&TRIANGLE, &to).unwrap();
        for (from, to) in TRIANGLE.iter().zip(to) {
            let moved = map.map(|[a, b, t]| a * f64::from(from[0]) + b * f64::from(from[1]) + t);
            assert!((moved[0] - f64::from(to[0])).abs() < 1e-9 && (moved[1] - f64::from(to[1])).abs() < 1e-9);
        }
    }

    #[test]
    fn whole_shifts_move_pixels_and_mirror_the_edge() {
        let map = from_triangles(&TRIANGLE, &TRIANGLE.map(|[x, y]| [x + 1.0, y])).unwrap();
        let points = (0..4).map(|x| [x as f32; 4]).collect();
        assert_eq!(warp(points, 4, 1, &map), [1.0, 0.0, 1.0, 2.0].map(|x| [x; 4]));
    }

    #[test]
    fn points_on_a_line_have_no_map() {
        assert_eq!(from_triangles(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]], &TRIANGLE), None);
    }
}
