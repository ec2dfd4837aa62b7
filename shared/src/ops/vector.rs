//! Loops over rows of numbers, at the width of the processor ([`crate::lanes`]) and shared out over the threads at hand.
//!
//! Loops are written so that the compiler can keep whole chunks in vector registers: no branches, sums in [`LANES`] partial
//! sums. Nothing is contracted to a fused multiply-add, so every processor, and a browser, rounds alike.

/// Partial sums of a reduction: one AVX-512 register of 32-bit numbers, two of AVX2, four of SSE, NEON and simd128.
pub(super) const LANES: usize = 16;

/// Elements below which waking a second thread costs more than it brings.
const WORTH_A_THREAD: usize = 1 << 14;

/// `$count` new elements in rows of `$row`: the body finds zeros in `$rows`, the first of which is row `$first` of all.
///
/// A few rows are made at a time, so they are still in the nearest cache when the body runs. They are shared out over the threads
/// at hand: training workers have one thread each, a single image has them all.
macro_rules! new_rows {
    ($count:expr, $row:expr, |$first:pat_param, $rows:ident| $body:expr) => {
        $crate::ops::vector::new($count, $row, $crate::ops::vector::part!(|$first, $rows| $body))
    };
}

/// A body for [`new_rows`] and its kin, compiled for each width of processor.
macro_rules! part {
    (|$first:pat_param, $rows:ident| $body:expr) => {
        |first: usize, $rows: &mut [f32]| {
            let $first = first;
            $crate::lanes::widest!($body)
        }
    };
}

pub(super) use {new_rows, part};

/// Elements that are prepared at a time: a block of them fits the nearest cache beside what it is made from.
const BLOCK: usize = 1 << 11;

/// The elements of `old` with rows of `row` elements changed by `part`, copied and changed a few rows at a time.
pub(super) fn changed(old: &[f32], row: usize, part: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    if useful_threads(old.len()) > 1 {
        let mut out = old.to_vec();
        share_out(&mut out, row, part);
        return out;
    }
    let mut out = Vec::with_capacity(old.len());
    for rows in old.chunks(block(row)) {
        let from = out.len();
        out.extend_from_slice(rows);
        part(from / row, &mut out[from..]);
    }
    out
}

/// What [`new_rows`] does, with `part` compiled already.
pub(super) fn new(count: usize, row: usize, part: impl Fn(usize, &mut [f32]) + Sync) -> Vec<f32> {
    if useful_threads(count) > 1 {
        let mut out = vec![0.0; count];
        share_out(&mut out, row, part);
        return out;
    }
    let mut out = Vec::with_capacity(count);
    while out.len() < count {
        let from = out.len();
        out.resize(count.min(from + block(row)), 0.0);
        part(from / row, &mut out[from..]);
    }
    out
}

/// Whole rows of about [`BLOCK`] elements.
fn block(row: usize) -> usize {
    (BLOCK / row).max(1) * row
}

/// Calls `part(first, rows)` with the rows of `out`, each of `row` elements, shared out over the threads at hand; the first of
/// `rows` is row `first` of all.
pub(super) fn share_out(out: &mut [f32], row: usize, part: impl Fn(usize, &mut [f32]) + Sync) {
    let threads = useful_threads(out.len());
    #[cfg(feature = "rayon")]
    if threads > 1 {
        use rayon::prelude::*;
        let each = (out.len() / row).div_ceil(threads);
        return out.par_chunks_mut(each * row).enumerate().for_each(|(i, rows)| part(i * each, rows));
    }
    let _ = (threads, row);
    part(0, out);
}

/// As [`share_out`] for three slices of one length, element by element: `part(first, parts)`.
pub(super) fn share_out_three(out: [&mut [f32]; 3], part: impl Fn(usize, [&mut [f32]; 3]) + Sync) {
    #[cfg(feature = "rayon")]
    if useful_threads(out[0].len()) > 1 {
        use rayon::prelude::*;
        let each = out[0].len().div_ceil(useful_threads(out[0].len()));
        let [a, b, c] = out.map(|out| out.par_chunks_mut(each));
        return a.zip(b).zip(c).enumerate().for_each(|(i, ((a, b), c))| part(i * each, [a, b, c]));
    }
    part(0, out);
}

/// Threads at hand that have enough to do with `count` elements.
fn useful_threads(count: usize) -> usize {
    #[cfg(feature = "rayon")]
    let threads = rayon::current_num_threads();
    #[cfg(not(feature = "rayon"))]
    let threads = 1;
    threads.min(count / WORTH_A_THREAD)
}

/// Sum of `term(a, b)` over two slices of one length.
#[inline(always)]
pub(super) fn sum_of(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    fold(a, b, 0.0, |sum, a, b| sum + term(a, b), |x, y| x + y)
}

/// Sum of a slice.
#[inline(always)]
pub(super) fn sum(values: &[f32]) -> f32 {
    sum_of(values, values, |a, _| a)
}

/// The greatest of a slice. What is not a number may be passed over: the sum of its exponentials keeps it.
#[inline(always)]
pub(super) fn greatest(values: &[f32]) -> f32 {
    fold(values, values, f32::NEG_INFINITY, |most, a, _| greater(most, a), greater)
}

/// The greater of two numbers, as one instruction; `b` where either is not a number.
#[inline(always)]
pub(super) fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn fold(a: &[f32], b: &[f32], start: f32, step: impl Fn(f32, f32, f32) -> f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut lanes = [start; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for i in 0..LANES {
            lanes[i] = step(lanes[i], a[i], b[i]);
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane = step(*lane, *a, *b);
    }
    // Halves join halves, so that no lane waits for another.
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] = join(lanes[i], lanes[i + width]);
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::widest;

    #[test]
    fn reductions_take_every_element_of_any_length() {
        for length in [0, 1, 15, 16, 17, 64, 197] {
            let values: Vec<f32> = (0..length).map(|i| i as f32 - 20.0).collect();
            let exact: f32 = values.iter().sum();
            assert_eq!(widest!(sum(&values)), exact, "{length} elements");
            let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(widest!(greatest(&values)), most, "{length} elements");
        }
    }

    #[test]
    fn rows_are_visited_once_each_however_many_threads_there_are() {
        for (rows, row) in [(1, 5), (3, 7), (5000, 8), (40_001, 3)] {
            let numbered = |first: usize, part: &mut [f32]| {
                for (i, values) in part.chunks_exact_mut(row).enumerate() {
                    values.iter_mut().for_each(|v| *v += (first + i) as f32);
                }
            };
            let mut own = vec![0.0; rows * row];
            share_out(&mut own, row, numbered);
            let zeros = vec![0.0; rows * row];
            for out in [own, changed(&zeros, row, numbered), new(rows * row, row, numbered)] {
                assert_eq!(out.len(), rows * row);
                for (i, values) in out.chunks_exact(row).enumerate() {
                    assert!(values.iter().all(|v| *v == i as f32), "row {i} of {rows}");
                }
            }
        }
    }
}
