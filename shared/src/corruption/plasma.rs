//! The plasma of [`fog`](super::fog): midpoint displacement (diamond-square) on a torus.
//!
//! The noise is `w · U(-w, w)`, so its amplitude is w², and `w` is divided by the decay once per octave. The map is
//! normalised to 0..1 over its whole side, before anyone cuts a piece out.

/// How numbers are kept between steps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// f32, as `imagecorruptions` does.
    Single,
    /// f64.
    Double,
}

/// A `side`×`side` map in 0..1, rows from the top. `side` is a power of two; `uniform` gives numbers on [0, 1), drawn
/// `side² - 1` times.
pub fn plasma(side: usize, decay: f64, storage: Storage, mut uniform: impl FnMut() -> f64) -> Vec<f64> {
    let keep = |value: f64| if storage == Storage::Single { f64::from(value as f32) } else { value };
    let mut map = vec![0.0; side * side];
    let mut w = 100.0;
    let mut step = side;
    while step >= 2 {
        let half = step / 2;
        let before = |at: usize| (at + side - half) & (side - 1);
        let after = |at: usize| (at + half) & (side - 1);
        let mut settle = |map: &mut [f64], y: usize, x: usize, sum: f64| {
            map[y * side + x] = keep(keep(sum) / 4.0 + w * (-w + (w + w) * uniform()));
        };
        for y in (half..side).step_by(step) {
            for x in (half..side).step_by(step) {
                let at = |y: usize, x: usize| map[y * side + x];
                let sum = (at(y - half, x - half) + at(after(y), x - half))
                    + (at(y - half, after(x)) + at(after(y), after(x)));
                settle(&mut map, y, x, sum);
            }
        }
        for y in (0..side).step_by(step) {
            for x in (half..side).step_by(step) {
                let at = |y: usize, x: usize| map[y * side + x];
                let sum = (at(after(y), x) + at(before(y), x)) + (at(y, x - half) + at(y, after(x)));
                settle(&mut map, y, x, sum);
            }
        }
        for y in (half..side).step_by(step) {
            for x in (0..side).step_by(step) {
                let at = |y: usize, x: usize| map[y * side + x];
                let sum = (at(y, after(x)) + at(y, before(x))) + (at(y - half, x) + at(after(y), x));
                settle(&mut map, y, x, sum);
            }
        }
        step = half;
        w /= decay;
    }
    normalise(&mut map, keep);
    map
}

fn normalise(map: &mut [f64], keep: impl Fn(f64) -> f64) {
    let least = map.iter().copied().fold(f64::INFINITY, f64::min);
    let range = map.iter().map(|value| keep(value - least)).fold(0.0, f64::max);
    // A single point has no range: it stays 0.
    if range > 0.0 {
        map.iter_mut().for_each(|value| *value = keep(keep(*value - least) / range));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_draws_once_per_point_but_one_and_fills_the_unit_range() {
        let mut draws = 0;
        let map = plasma(16, 2.0, Storage::Double, || {
            draws += 1;
            f64::from(draws * 7919 % 101) / 101.0
        });
        assert_eq!(draws, 255);
        assert_eq!(map.iter().copied().fold(f64::INFINITY, f64::min), 0.0);
        assert_eq!(map.iter().copied().fold(0.0, f64::max), 1.0);
    }

    #[test]
    fn one_point_is_zero() {
        assert_eq!(plasma(1, 2.0, Storage::Double, || 0.5), [0.0]);
    }
}
