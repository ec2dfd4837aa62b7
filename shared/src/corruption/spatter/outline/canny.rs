//! Canny's edges with OpenCV's choices: 3×3 Sobel with the edge repeated, |gx| + |gy|, thresholds 50 and 150.

use super::super::super::border::clamp;

/// Gradients above are candidates; above the second, seeds.
const CANDIDATE: i32 = 50;
const SEED: i32 = 150;
/// tan 22.5° with 15 fraction bits.
const TANGENT: i64 = 13_573;

/// 255 on edges, 0 elsewhere, `[y, x]`.
pub(super) fn edges(values: &[u8], width: usize, height: usize) -> Vec<u8> {
    let read = |y: isize, x: isize| i32::from(values[clamp(y, height) * width + clamp(x, width)]);
    let count = width * height;
    let (mut gradients, mut sizes) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for at in 0..count {
        let (y, x) = ((at / width) as isize, (at % width) as isize);
        let column = |x| read(y - 1, x) + 2 * read(y, x) + read(y + 1, x);
        let row = |y| read(y, x - 1) + 2 * read(y, x) + read(y, x + 1);
        let (gx, gy) = (column(x + 1) - column(x - 1), row(y + 1) - row(y - 1));
        gradients.push((gx, gy));
        sizes.push(gx.abs() + gy.abs());
    }
    let size = |y: isize, x: isize| {
        let inside = (0..height as isize).contains(&y) && (0..width as isize).contains(&x);
        if inside { sizes[y as usize * width + x as usize] } else { 0 }
    };
    let is_ridge = |at: usize| {
        let (y, x) = ((at / width) as isize, (at % width) as isize);
        let (gx, gy) = gradients[at];
        let here = sizes[at];
        let (across, down) = (i64::from(gx.abs()), i64::from(gy.abs()) << 15);
        if down < across * TANGENT {
            here > size(y, x - 1) && here >= size(y, x + 1)
        } else if down > across * TANGENT + (across << 16) {
            here > size(y - 1, x) && here >= size(y + 1, x)
        } else {
            let side = if (gx ^ gy) < 0 { -1 } else { 1 };
            here > size(y - 1, x - side) && here > size(y + 1, x + side)
        }
    };
    let candidate: Vec<bool> = (0..count).map(|at| sizes[at] > CANDIDATE && is_ridge(at)).collect();
    grow(&candidate, &sizes, width, height)
}

/// Candidates that touch a seed, directly or through others.
fn grow(candidate: &[bool], sizes: &[i32], width: usize, height: usize) -> Vec<u8> {
    let mut edges = vec![0u8; sizes.len()];
    let mut open: Vec<usize> = (0..sizes.len()).filter(|at| candidate[*at] && sizes[*at] > SEED).collect();
    open.iter().for_each(|at| edges[*at] = 255);
    while let Some(at) = open.pop() {
        let (y, x) = (at / width, at % width);
        for y in y.saturating_sub(1)..(y + 2).min(height) {
            for x in x.saturating_sub(1)..(x + 2).min(width) {
                let next = y * width + x;
                if candidate[next] && edges[next] == 0 {
                    edges[next] = 255;
                    open.push(next);
                }
            }
        }
    }
    edges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_has_one_line_of_edges() {
        let values: Vec<u8> = (0..48).map(|at| if at % 8 < 4 { 10 } else { 200 }).collect();
        let edges = edges(&values, 8, 6);
        assert!(edges.chunks(8).all(|row| row == [0, 0, 0, 255, 0, 0, 0, 0] || row == [0, 0, 0, 0, 255, 0, 0, 0]));
    }

    #[test]
    fn a_weak_step_has_none() {
        let values: Vec<u8> = (0..48).map(|at| if at % 8 < 4 { 10 } else { 20 }).collect();
        assert!(edges(&values, 8, 6).iter().all(|edge| *edge == 0));
    }
}
