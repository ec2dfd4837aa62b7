//! What a filter reads beyond the edge.

/// Whole-sample mirror, `c b | a b c | b a`: OpenCV's default.
#[inline(always)]
pub(super) fn mirror_101(at: isize, length: usize) -> usize {
    if at >= 0 && (at as usize) < length {
        return at as usize;
    }
    if length == 1 {
        return 0;
    }
    let period = 2 * (length - 1);
    let at = at.rem_euclid(period as isize) as usize;
    if at < length { at } else { period - at }
}

/// Half-sample mirror, `b a | a b c | c b`.
#[inline(always)]
pub(super) fn mirror(at: isize, length: usize) -> usize {
    if at >= 0 && (at as usize) < length {
        return at as usize;
    }
    let at = at.rem_euclid(2 * length as isize) as usize;
    if at < length { at } else { 2 * length - 1 - at }
}

/// The edge repeated, `a a | a b c | c c`.
pub(super) fn clamp(at: isize, length: usize) -> usize {
    at.clamp(0, length as isize - 1) as usize
}

/// Rows of `width` values with `reach` more on every side, as `border` reads them: `[height + 2·reach, width + 2·reach]`.
pub(super) fn framed<T: Copy>(values: &[T], width: usize, reach: usize, border: fn(isize, usize) -> usize) -> Vec<T> {
    let height = values.len() / width;
    let mut out = Vec::with_capacity((width + 2 * reach) * (height + 2 * reach));
    for y in 0..height + 2 * reach {
        let row = &values[border(y as isize - reach as isize, height) * width..][..width];
        let beyond = |x: usize| row[border(x as isize - reach as isize, width)];
        out.extend((0..reach).map(beyond));
        out.extend_from_slice(row);
        out.extend((width + reach..width + 2 * reach).map(beyond));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirror_101_does_not_repeat_the_edge() {
        let read: Vec<_> = (-4..8).map(|at| mirror_101(at, 4)).collect();
        assert_eq!(read, [2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1]);
        assert_eq!(mirror_101(-5, 1), 0);
    }

    #[test]
    fn mirror_repeats_the_edge_once_and_clamp_for_ever() {
        let read: Vec<_> = (-4..7).map(|at| mirror(at, 3)).collect();
        assert_eq!(read, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
        let read: Vec<_> = (-2..5).map(|at| clamp(at, 3)).collect();
        assert_eq!(read, [0, 0, 0, 1, 2, 2, 2]);
    }

    #[test]
    fn a_frame_holds_what_the_border_reads() {
        assert_eq!(framed(&[1, 2, 3, 4], 2, 1, clamp), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]);
        assert_eq!(framed(&[1, 2, 3], 3, 2, mirror_101)[..7], [3, 2, 1, 2, 3, 2, 1]);
    }
}
