//! Hue, saturation and value of an image changed, with the tie rules of scikit-image: on equal maxima blue overrides green
//! overrides red, and greys have hue 0.
//!
//! Pixels go through in blocks, without branches, so that the compiler can do several at once. A colour that comes back has
//! three numbers: its value, its lowest channel and the one between; the sixth of the circle says which channel is which, and
//! that is settled in bytes.

use super::levels::{cut, floor, to_byte, unit_of};
use crate::image::Rgb8;
use crate::lanes::widest;

/// Pixels of a block.
const BLOCK: usize = 32;

/// The image with `change` made to the (saturation, value) of every pixel; both stay within 0..1.
#[inline(always)]
pub(super) fn changed(image: &Rgb8, change: impl Fn(f64, f64) -> (f64, f64)) -> Rgb8 {
    let mut out = image.clone();
    let (blocks, rest) = out.bytes_mut().as_chunks_mut::<3>().0.as_chunks_mut::<BLOCK>();
    widest!(blocks.iter_mut().for_each(|block| change_block(block, &change)));
    let mut last = [[0; 3]; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    change_block(&mut last, &change);
    rest.copy_from_slice(&last[..rest.len()]);
    out
}

/// The larger one; for numbers alone, unlike `f64::max`.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline(always)]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

#[inline(always)]
fn change_block(pixels: &mut [[u8; 3]; BLOCK], change: &impl Fn(f64, f64) -> (f64, f64)) {
    let mut channels = [[0u8; BLOCK]; 3];
    for (at, pixel) in pixels.iter().enumerate() {
        for (channel, byte) in channels.iter_mut().zip(pixel) {
            channel[at] = *byte;
        }
    }
    let [mut highs, mut middles, mut lows, mut sixths] = [[0u8; BLOCK]; 4];
    for at in 0..BLOCK {
        let [r, g, b] = [unit_of(channels[0][at]), unit_of(channels[1][at]), unit_of(channels[2][at])];
        let v = larger(larger(r, g), b);
        let spread = v - smaller(smaller(r, g), b);
        let is_blue = b == v;
        let is_green = g == v;
        let difference = if is_blue {
            r - g
        } else if is_green {
            b - r
        } else {
            g - b
        };
        let start = if is_blue {
            4.0
        } else if is_green {
            2.0
        } else {
            0.0
        };
        // Greys divide 0 by 1.
        let turns = (start + difference / if spread == 0.0 { 1.0 } else { spread }) / 6.0;
        let turns = if turns < 0.0 { turns + 1.0 } else { turns };
        let hue = if spread == 0.0 { 0.0 } else { turns };
        let saturation = spread / if v == 0.0 { 1.0 } else { v };

        let (s, v) = change(saturation, v);
        let sixth = floor(hue * 6.0);
        let along = hue * 6.0 - sixth;
        // In odd sixths the middle channel falls, in even ones it rises.
        let half = sixth * 0.5;
        let fall = if floor(half) == half { 1.0 - along } else { along };
        highs[at] = to_byte(v);
        middles[at] = to_byte(v * (1.0 - fall * s));
        lows[at] = to_byte(v * (1.0 - s));
        sixths[at] = cut(sixth);
    }
    for at in 0..BLOCK {
        let (high, middle, low, sixth) =
            (highs[at], middles[at], lows[at], if sixths[at] == 6 { 0 } else { sixths[at] });
        let one_of = |highest: [u8; 2], lowest: [u8; 2]| {
            let other = if sixth == lowest[0] || sixth == lowest[1] { low } else { middle };
            if sixth == highest[0] || sixth == highest[1] { high } else { other }
        };
        pixels[at] = [one_of([0, 5], [2, 3]), one_of([1, 2], [4, 5]), one_of([3, 4], [0, 1])];
    }
}

#[cfg(test)]
mod tests {
    use super::super::levels::unit;
    use super::*;

    /// Red, green and blue in 0..1 to hue in [0, 1), saturation and value, by the definition.
    fn to_hsv([r, g, b]: [f64; 3]) -> [f64; 3] {
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

    fn from_hsv([h, s, v]: [f64; 3]) -> [f64; 3] {
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

    #[test]
    fn blocks_compute_what_the_definition_says() {
        // Every difference of channels up to 52, and 67 others.
        let levels: Vec<u8> = (0..52).chain((52..=255).step_by(3)).collect();
        for (times, plus, added) in [(1.0, 0.0, 0.0), (0.3, 0.0, 0.0), (2.0, 0.1, 0.0), (30.0, 0.2, 0.3)] {
            let change = |s: f64, v: f64| ((s * times + plus).clamp(0.0, 1.0), (v + added).clamp(0.0, 1.0));
            for red in levels.iter().step_by(2) {
                let image = Rgb8::from_fn(levels.len(), levels.len(), |x, y| [*red, levels[x], levels[y]]);
                let out = changed(&image, change);
                for (pixel, out) in image.bytes().as_chunks::<3>().0.iter().zip(out.bytes().as_chunks::<3>().0) {
                    let [h, s, v] = to_hsv(pixel.map(unit));
                    let (s, v) = change(s, v);
                    assert_eq!(*out, from_hsv([h, s, v]).map(|value| (value.clamp(0.0, 1.0) * 255.0) as u8));
                }
            }
        }
    }

    #[test]
    fn greys_have_hue_0_so_a_shift_of_their_saturation_turns_them_red() {
        let grey = Rgb8::from_fn(1, 1, |_, _| [200; 3]);
        assert_eq!(changed(&grey, |s, v| (s + 0.5, v)).pixel(0, 0), [200, 100, 100]);
    }
}
