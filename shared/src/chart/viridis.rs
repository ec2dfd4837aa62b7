//! The colour map of attention, as on the page: perceptually even, and on the same scale for every model.
//!
//! A patch's part of the attention is measured against an even spread (1 ×) and shown by its square root, up to 16 ×, so
//! that two models, or one model under fog, can be compared by colour.

use super::svg::{Svg, line};

/// Attention at the top of the scale, as a multiple of the even spread.
const FULL: f32 = 16.0;

/// The scale's marks, as multiples of the even spread.
pub const MARKS: [f32; 4] = [0.0, 1.0, 4.0, 16.0];

/// Nine evenly spaced colours of matplotlib's viridis; between them, linear steps.
pub const STOPS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
];

/// Where `times` the even spread lies on the map, 0..1.
pub fn place(times: f32) -> f32 {
    (times / FULL).max(0.0).sqrt().min(1.0)
}

/// The colour at `t` in 0..1.
pub fn viridis(t: f32) -> [u8; 3] {
    let place = t.clamp(0.0, 1.0) * (STOPS.len() - 1) as f32;
    let low = (place as usize).min(STOPS.len() - 2);
    let part = place - low as f32;
    std::array::from_fn(|channel| {
        let (from, to) = (f32::from(STOPS[low][channel]), f32::from(STOPS[low + 1][channel]));
        (from + (to - from) * part).round() as u8
    })
}

/// The map from low to high with its marks.
pub fn legend() -> String {
    const WIDTH: f64 = 240.0;
    const LEFT: f64 = 12.0;
    let mut svg = Svg::new(WIDTH + 2.0 * LEFT + 12.0, 30.0);
    const SAMPLES: usize = 80;
    let step = WIDTH / SAMPLES as f64;
    for i in 0..SAMPLES {
        let colour = viridis(i as f32 / (SAMPLES - 1) as f32);
        svg.swatch("flat", [LEFT + i as f64 * step, 2.0, step, 8.0], colour);
    }
    for times in MARKS {
        let x = LEFT + WIDTH * f64::from(place(times));
        svg.path("axis", &line(&[(x, 10.0), (x, 14.0)]));
        let words = if times == 0.0 { "0".to_owned() } else { format!("{times} ×") };
        svg.text("tick middle", x, 27.0, &words);
    }
    svg.finish(
        "legend",
        "scale of attention: from violet, none, over green, 4 times an even spread, to yellow, 16 times",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_runs_from_violet_to_yellow_and_stays_there() {
        assert_eq!(viridis(-1.0), [68, 1, 84]);
        assert_eq!(viridis(0.5), [33, 144, 141]);
        assert_eq!(viridis(7.0), [253, 231, 37]);
    }

    #[test]
    fn the_page_shows_the_same_colours_on_the_same_scale() {
        let colours = include_str!("../../../web/element/base/viridis.js");
        for stop in STOPS {
            assert!(colours.contains(&format!("[{}, {}, {}]", stop[0], stop[1], stop[2])), "{stop:?}");
        }
        let page = include_str!("../../../web/element/compare/attention.js");
        assert!(page.contains(&format!("const FULL = {FULL};")));
        assert!(page.contains(&format!("{MARKS:?}").replace(".0", "")));
    }

    #[test]
    fn the_even_spread_lies_at_a_quarter() {
        assert_eq!(MARKS.map(place), [0.0, 0.25, 0.5, 1.0]);
    }
}
