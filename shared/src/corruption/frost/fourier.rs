//! The inverse Fourier transform of a square of side 2ᵏ, unscaled.

/// A complex number: real part, imaginary part.
pub(super) type Complex = (f64, f64);

/// Transforms `values` `[y, x]` of a square in place.
pub(super) fn inverse(values: &mut [Complex], side: usize) {
    let waves: Vec<Complex> = (0..side / 2)
        .map(|i| {
            let (sin, cos) = libm::sincos(std::f64::consts::TAU * i as f64 / side as f64);
            (cos, sin)
        })
        .collect();
    for _ in 0..2 {
        values.chunks_exact_mut(side).for_each(|row| line(row, &waves));
        transpose(values, side);
    }
}

fn transpose(values: &mut [Complex], side: usize) {
    for y in 0..side {
        for x in y + 1..side {
            values.swap(y * side + x, x * side + y);
        }
    }
}

/// One line, decimation in time.
fn line(values: &mut [Complex], waves: &[Complex]) {
    let length = values.len();
    if length < 2 {
        return;
    }
    let shift = usize::BITS - length.trailing_zeros();
    for at in 0..length {
        let mirrored = at.reverse_bits() >> shift;
        if at < mirrored {
            values.swap(at, mirrored);
        }
    }
    let mut half = 1;
    while half < length {
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((low, high), wave) in low.iter_mut().zip(high).zip(waves.iter().step_by(length / (2 * half))) {
                let turned = (high.0 * wave.0 - high.1 * wave.1, high.0 * wave.1 + high.1 * wave.0);
                *high = (low.0 - turned.0, low.1 - turned.1);
                *low = (low.0 + turned.0, low.1 + turned.1);
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_coefficient_is_one_wave() {
        let mut values = vec![(0.0, 0.0); 64];
        values[2 * 8 + 3] = (1.0, 0.0);
        inverse(&mut values, 8);
        for (at, value) in values.iter().enumerate() {
            let angle = std::f64::consts::TAU * (2 * (at / 8) + 3 * (at % 8)) as f64 / 8.0;
            assert!((value.0 - angle.cos()).abs() < 1e-12 && (value.1 - angle.sin()).abs() < 1e-12);
        }
    }
}
