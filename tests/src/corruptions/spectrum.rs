//! Power of a real map by frequency, with a plain transform: the maps are small and their sides arbitrary.

use std::f64::consts::TAU;

/// |FFT2(map)|² with its frequencies (cycles per pixel) for every coefficient, given to `visit(fy, fx, power)`.
pub(super) fn power(width: usize, height: usize, map: &[f64], mut visit: impl FnMut(f64, f64, f64)) {
    // Half of the horizontal frequencies suffice: the other half mirrors them.
    let kept = width / 2 + 1;
    let waves = |length: usize| -> Vec<(f64, f64)> {
        (0..length).map(|i| (TAU * i as f64 / length as f64).sin_cos()).collect()
    };
    let (wave_x, wave_y) = (waves(width), waves(height));
    let mut rows = vec![(0.0, 0.0); height * kept];
    for y in 0..height {
        for k in 0..kept {
            let mut sum = (0.0, 0.0);
            for (x, value) in map[y * width..(y + 1) * width].iter().enumerate() {
                let (sin, cos) = wave_x[k * x % width];
                sum = (sum.0 + value * cos, sum.1 - value * sin);
            }
            rows[y * kept + k] = sum;
        }
    }
    for l in 0..height {
        for k in 0..kept {
            let (mut re, mut im) = (0.0, 0.0);
            for y in 0..height {
                let (sin, cos) = wave_y[l * y % height];
                let (a, b) = rows[y * kept + k];
                re += a * cos + b * sin;
                im += b * cos - a * sin;
            }
            let fy = if l <= height / 2 { l as f64 } else { l as f64 - height as f64 } / height as f64;
            let fx = k as f64 / width as f64;
            let power = re * re + im * im;
            visit(fy, fx, power);
            if k > 0 && 2 * k != width {
                visit(-fy, -fx, power);
            }
        }
    }
}

/// log10 of the mean power in eight rings of 1/16 cycle per pixel, of a map without its mean.
pub(super) fn rings(width: usize, height: usize, map: &[f64]) -> [f64; 8] {
    let mean = map.iter().sum::<f64>() / map.len() as f64;
    let centred: Vec<f64> = map.iter().map(|value| value - mean).collect();
    let (mut sums, mut counts) = ([0.0; 8], [0.0; 8]);
    power(width, height, &centred, |fy, fx, power| {
        let ring = (fy.hypot(fx) * 16.0) as usize;
        if ring < 8 {
            sums[ring] += power / (width * height) as f64;
            counts[ring] += 1.0;
        }
    });
    std::array::from_fn(|ring| (sums[ring] / counts[ring] + 1e-6f64).log10())
}
