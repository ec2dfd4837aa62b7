//! The `imagecorruptions` variant at any size: where it crops and where it filters, against plain loops over whole layers.
//!
//! Its generators differ from ImageNet-C's in the order of these steps, which shows only at sizes where a zoomed layer is larger
//! than the image.

use chacha20::ChaCha8Rng;
use chacha20::rand_core::Rng;
use vitro::corruption::{Severity, Variant, corrupt, find, fog, motion_blur, snow};
use vitro::image::Rgb8;
use vitro::random::stream;

const VARIANT: Variant = Variant::ImageCorruptions;

/// Widths and heights, square and not, 33 to 300.
const SIZES: [(usize, usize); 16] = [
    (33, 33),
    (34, 47),
    (64, 64),
    (75, 101),
    (97, 33),
    (101, 75),
    (127, 128),
    (150, 90),
    (160, 160),
    (199, 61),
    (223, 223),
    (224, 224),
    (225, 224),
    (257, 80),
    (299, 299),
    (300, 217),
];

struct Layer {
    values: Vec<f64>,
    width: usize,
    height: usize,
}

impl Layer {
    /// The value at a place, or at the nearest one inside.
    fn near(&self, y: isize, x: isize) -> f64 {
        let (y, x) = (y.clamp(0, self.height as isize - 1), x.clamp(0, self.width as isize - 1));
        self.values[y as usize * self.width + x as usize]
    }

    /// The middle, `ceil(n / z)` of each side, resampled linearly with its corners kept to `round(ceil(n / z) · z)`.
    fn zoomed(&self, z: f64) -> Self {
        let window = |n: usize| (n as f64 / z).ceil() as usize;
        let (rows, columns) = (window(self.height), window(self.width));
        let (top, left) = ((self.height - rows) / 2, (self.width - columns) / 2);
        let size = |window: usize| (window as f64 * z).round_ties_even() as usize;
        let (height, width) = (size(rows), size(columns));
        let place = |at: usize, window: usize, size: usize| at as f64 * ((window - 1) as f64 / (size - 1) as f64);
        let mut values = Vec::new();
        for y in 0..height {
            for x in 0..width {
                let (v, u) = (place(y, rows, height), place(x, columns, width));
                if v > (rows - 1) as f64 || u > (columns - 1) as f64 {
                    values.push(0.0);
                    continue;
                }
                let (down, right) = (v - v.floor(), u - u.floor());
                let mut sum = 0.0;
                for (dy, weight_y) in [1.0 - down, down].into_iter().enumerate() {
                    for (dx, weight_x) in [1.0 - right, right].into_iter().enumerate() {
                        let (row, column) = ((v as usize + dy).min(rows - 1), (u as usize + dx).min(columns - 1));
                        sum += self.near((top + row) as isize, (left + column) as isize) * weight_y * weight_x;
                    }
                }
                values.push(sum);
            }
        }
        Self { values, width, height }
    }

    /// Every point the weighted sum along a trail, which ends where it leaves the layer's extent.
    fn smeared(&self, trail: &[motion_blur::Tap]) -> Self {
        let mut values = vec![0.0; self.values.len()];
        for (at, value) in values.iter_mut().enumerate() {
            for tap in trail {
                if tap.x.unsigned_abs() >= self.width || tap.y.unsigned_abs() >= self.height {
                    break;
                }
                *value +=
                    tap.weight * self.near((at / self.width) as isize + tap.y, (at % self.width) as isize + tap.x);
            }
        }
        Self { values, ..*self }
    }
}

/// One channel on 0..255.
fn channel(image: &Rgb8, c: usize) -> Layer {
    let values = image.bytes().iter().skip(c).step_by(3).map(|byte| f64::from(*byte)).collect();
    Layer { values, width: image.width(), height: image.height() }
}

fn random_image(random: &mut ChaCha8Rng, width: usize, height: usize) -> Rgb8 {
    Rgb8::from_fn(width, height, |x, y| {
        let [r, g, ..] = random.next_u32().to_le_bytes();
        // Flat areas, where the last bit decides, and noise.
        if (x / 9 + y / 7) % 3 == 0 { [(x / 9 * 31) as u8; 3] } else { [r, g, (x + y) as u8] }
    })
}

fn differing(a: &[u8], b: &[u8]) -> usize {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

/// Zoom, threshold, radius, σ, mean of the field, for severities 1 to 5; its deviation is 0.3.
const SNOW: [(f64, f64, usize, f64, f64); 5] = [
    (3.0, 0.5, 10, 4.0, 0.1),
    (2.0, 0.5, 12, 4.0, 0.2),
    (4.0, 0.9, 12, 8.0, 0.55),
    (4.5, 0.85, 12, 8.0, 0.55),
    (2.5, 0.85, 12, 12.0, 0.55),
];

#[test]
fn snow_falls_before_the_zoomed_flakes_are_cut_to_size() {
    let mut random = stream(1, 0, "test/snow");
    let mut larger = 0;
    for (width, height) in SIZES {
        for (severity, (zoom, threshold, radius, sigma, mean)) in Severity::ALL.into_iter().zip(SNOW) {
            let uniform = |random: &mut ChaCha8Rng| f64::from(random.next_u32()) / f64::from(u32::MAX);
            let z: Vec<f32> = (0..width * height).map(|_| (4.0 * uniform(&mut random) - 2.0) as f32).collect();
            let degrees = -135.0 + 90.0 * uniform(&mut random);
            let values = z.iter().map(|z| mean + 0.3 * f64::from(*z)).collect();
            let mut flakes = Layer { values, width, height }.zoomed(zoom);
            larger += usize::from(flakes.width > width || flakes.height > height);
            for value in &mut flakes.values {
                *value = if *value < threshold { 0.0 } else { value.clamp(0.0, 1.0) } * 255.0;
            }
            let streaks = flakes.smeared(&trail(radius, sigma, degrees));
            let mut expected = Vec::new();
            for y in 0..height {
                for x in 0..width {
                    expected.push(streaks.values[y * streaks.width + x].round_ties_even() as u8);
                }
            }
            let ours = snow::streaks(width, height, severity, VARIANT, &z, degrees);
            assert_eq!(differing(&ours, &expected), 0, "{width}x{height} {severity}");
        }
    }
    assert!(larger > 10, "only {larger} layers are larger than their image: nothing is told apart");
}

/// The one-sided Gaussian trail of any radius and σ.
fn trail(radius: usize, sigma: f64, degrees: f64) -> Vec<motion_blur::Tap> {
    let weights: Vec<f64> = (0..=2 * radius).map(|i| (-((i * i) as f64) / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    let (sin, cos) = degrees.to_radians().sin_cos();
    let offset = |i: usize, part: f64| (i as f64 * part - 0.5).ceil() as isize;
    let taps = weights.iter().enumerate();
    taps.map(|(i, weight)| motion_blur::Tap { weight: weight / sum, x: offset(i, cos), y: offset(i, sin) }).collect()
}

#[test]
fn motion_blur_ends_its_trail_at_the_size_of_the_image() {
    let mut random = stream(1, 0, "test/motion");
    for (width, height) in SIZES {
        let image = random_image(&mut random, width, height);
        for (severity, degrees) in Severity::ALL.into_iter().zip([-44.0, -10.0, 0.0, 21.0, 45.0]) {
            let ours = motion_blur::with_angle(&image, severity, VARIANT, degrees);
            let trail = motion_blur::trail(severity, VARIANT, degrees);
            for c in 0..3 {
                let expected: Vec<u8> =
                    channel(&image, c).smeared(&trail).values.into_iter().map(|value| value as u8).collect();
                let ours: Vec<u8> = ours.bytes().iter().skip(c).step_by(3).copied().collect();
                assert_eq!(differing(&ours, &expected), 0, "{width}x{height} {severity}");
            }
        }
    }
}

#[test]
fn zoom_blur_keeps_the_top_left_of_every_zoomed_copy() {
    let mut random = stream(1, 0, "test/zoom");
    let factors: [(f64, usize); 5] = [(0.01, 12), (0.01, 16), (0.02, 11), (0.02, 13), (0.03, 11)];
    for (width, height) in SIZES {
        let image = random_image(&mut random, width, height);
        for (severity, (step, count)) in Severity::ALL.into_iter().zip(factors) {
            let ours = corrupt(&image, find("zoom_blur").unwrap(), severity, VARIANT, 0);
            for c in 0..3 {
                let mut layer = channel(&image, c);
                layer.values.iter_mut().for_each(|value| *value = f64::from((*value / 255.0) as f32));
                let mut sums = vec![0.0f32; width * height];
                for k in 0..count {
                    let zoomed = layer.zoomed(1.0 + k as f64 * ((1.0 + step) - 1.0));
                    for (at, sum) in sums.iter_mut().enumerate() {
                        *sum += zoomed.values[at / width * zoomed.width + at % width] as f32;
                    }
                }
                let mean = |(sum, value): (&f32, &f64)| (*value as f32 + sum) / (count + 1) as f32;
                let expected: Vec<u8> =
                    sums.iter().zip(&layer.values).map(mean).map(|mean| (mean.clamp(0.0, 1.0) * 255.0) as u8).collect();
                let ours: Vec<u8> = ours.bytes().iter().skip(c).step_by(3).copied().collect();
                assert_eq!(differing(&ours, &expected), 0, "{width}x{height} {severity}");
            }
        }
    }
}

#[test]
fn fog_is_normalised_over_its_whole_map_and_then_cut() {
    for (width, height) in SIZES {
        let draws = || {
            let mut random = stream(5, 0, "test/fog");
            move || f64::from(random.next_u32()) / (f64::from(u32::MAX) + 1.0)
        };
        let side = width.max(height).next_power_of_two();
        let cut = fog::map(width, height, Severity::ALL[2], VARIANT, draws());
        let whole = fog::map(side, side, Severity::ALL[2], VARIANT, draws());
        assert_eq!(whole.iter().copied().fold(0.0, f64::max), 1.0);
        let corner: Vec<f64> = (0..width * height).map(|at| whole[at / width * side + at % width]).collect();
        assert!(cut == corner, "{width}x{height}");
    }
}
