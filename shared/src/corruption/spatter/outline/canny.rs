//! Canny's edges with OpenCV's choices: 3×3 Sobel with the edge repeated, |gx| + |gy|, thresholds 50 and 150.

use super::super::super::border::{clamp, framed};

/// Gradients above are candidates; above the second, seeds.
const CANDIDATE: i16 = 50;
const SEED: i16 = 150;
/// tan 22.5° with 15 fraction bits.
const TANGENT: i64 = 13_573;

/// 255 on edges, 0 elsewhere, `[y, x]`.
pub(super) fn edges(values: &[u8], width: usize, height: usize) -> Vec<u8> {
    let (gradients, sizes) = gradients(values, width, height);
    // With a frame of zeros, which no ridge is lower than.
    let stride = width + 2;
    let mut framed = vec![0; stride * (height + 2)];
    for (row, sizes) in framed[stride..].chunks_exact_mut(stride).zip(sizes.chunks_exact(width)) {
        row[1..=width].copy_from_slice(sizes);
    }
    let is_ridge = |at: usize, middle: usize| {
        let (gx, gy) = gradients[at];
        let here = framed[middle];
        let (across, down) = (i64::from(gx.abs()), i64::from(gy.abs()) << 15);
        if down < across * TANGENT {
            here > framed[middle - 1] && here >= framed[middle + 1]
        } else if down > across * TANGENT + (across << 16) {
            here > framed[middle - stride] && here >= framed[middle + stride]
        } else if (gx ^ gy) < 0 {
            here > framed[middle - stride + 1] && here > framed[middle + stride - 1]
        } else {
            here > framed[middle - stride - 1] && here > framed[middle + stride + 1]
        }
    };
    let mut candidate = vec![false; sizes.len()];
    for (y, (candidate, sizes)) in candidate.chunks_exact_mut(width).zip(sizes.chunks_exact(width)).enumerate() {
        for (x, (candidate, size)) in candidate.iter_mut().zip(sizes).enumerate() {
            *candidate = *size > CANDIDATE && is_ridge(y * width + x, (y + 1) * stride + x + 1);
        }
    }
    grow(&candidate, &sizes, width, height)
}

/// Gradients (across, down) and the sums of their absolute values, `[y, x]`.
fn gradients(values: &[u8], width: usize, height: usize) -> (Vec<(i16, i16)>, Vec<i16>) {
    let framed = framed(values, width, 1, clamp);
    let stride = width + 2;
    let (mut gradients, mut sizes) = (Vec::with_capacity(values.len()), Vec::with_capacity(values.len()));
    let (mut columns, mut falls) = (vec![0i16; stride], vec![0i16; stride]);
    for y in 0..height {
        let [above, here, below] = [0, 1, 2].map(|dy| &framed[(y + dy) * stride..][..stride]);
        for (((column, fall), (above, below)), here) in
            columns.iter_mut().zip(&mut falls).zip(above.iter().zip(below)).zip(here)
        {
            let [above, here, below] = [*above, *here, *below].map(i16::from);
            *column = above + 2 * here + below;
            *fall = below - above;
        }
        let across = columns[2..].iter().zip(&columns).map(|(right, left)| right - left);
        let down = falls.iter().zip(&falls[1..]).zip(&falls[2..]).map(|((left, here), right)| left + 2 * here + right);
        gradients.extend(across.zip(down));
        sizes.extend(gradients[y * width..].iter().map(|(gx, gy)| gx.abs() + gy.abs()));
    }
    (gradients, sizes)
}

/// Candidates that touch a seed, directly or through others.
fn grow(candidate: &[bool], sizes: &[i16], width: usize, height: usize) -> Vec<u8> {
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
