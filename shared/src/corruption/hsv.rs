//! RGB to hue, saturation, value and back, with the tie rules of scikit-image: on equal maxima blue overrides green
//! overrides red, and greys have hue 0.

/// Red, green and blue in 0..1 to hue in [0, 1), saturation and value.
pub(super) fn to_hsv([r, g, b]: [f64; 3]) -> [f64; 3] {
    let v = r.max(g).max(b);
    let spread = v - r.min(g).min(b);
    if spread == 0.0 {
        return [0.0, 0.0, v];
    }
    let sixths = if b == v {
        4.0 + (r - g) / spread
    } else if g == v {
        2.0 + (b - r) / spread
    } else {
        (g - b) / spread
    };
    let turns = sixths / 6.0;
    [turns - turns.floor(), spread / v, v]
}

/// Hue in [0, 1), saturation and value to red, green and blue.
pub(super) fn from_hsv([h, s, v]: [f64; 3]) -> [f64; 3] {
    let sector = (h * 6.0).floor();
    let f = h * 6.0 - sector;
    let p = v * (1.0 - s);
    let q = v * (1.0 - f * s);
    let t = v * (1.0 - (1.0 - f) * s);
    match sector as u8 % 6 {
        0 => [v, t, p],
        1 => [q, v, p],
        2 => [p, v, t],
        3 => [p, q, v],
        4 => [t, p, v],
        _ => [v, p, q],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pure_colours_sit_at_sixths_of_the_circle() {
        let hue = |rgb| to_hsv(rgb)[0] * 6.0;
        let hues = [[1., 0., 0.], [1., 1., 0.], [0., 1., 0.], [0., 1., 1.], [0., 0., 1.], [1., 0., 1.]].map(hue);
        assert_eq!(hues, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn colours_come_back() {
        for rgb in [[0.2, 0.4, 0.1], [0.9, 0.3, 0.3], [0.5, 0.5, 0.5], [0.0, 0.0, 0.0], [0.1, 0.2, 0.8]] {
            let back = from_hsv(to_hsv(rgb));
            assert!(rgb.iter().zip(back).all(|(a, b)| (a - b).abs() < 1e-12), "{rgb:?} {back:?}");
        }
    }
}
