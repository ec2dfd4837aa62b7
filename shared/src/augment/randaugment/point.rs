//! Operations that map each level of a channel to another level, whatever its place.

use super::Op;
use crate::image::Rgb8;

/// What each level becomes.
type Table = [u8; 256];

/// `op` on every channel; operations of other families leave the image as it is.
pub(super) fn apply(op: Op, image: &Rgb8) -> Rgb8 {
    let same = |map: &dyn Fn(u8) -> u8| [table(map), table(map), table(map)];
    let tables = match op {
        Op::AutoContrast => histograms(image).map(|counts| stretched(&counts)),
        Op::Equalize => histograms(image).map(|counts| equalized(&counts)),
        Op::Invert => same(&|level| 255 - level),
        Op::Posterize { bits } => same(&|level| level & !0xFFu8.checked_shr(u32::from(bits)).unwrap_or(0)),
        Op::Solarize { threshold } => same(&|level| if u16::from(level) < threshold { level } else { 255 - level }),
        Op::SolarizeAdd { add } => same(&|level| if level < 128 { level.saturating_add(add) } else { level }),
        _ => same(&|level| level),
    };
    let mut result = image.clone();
    for pixel in result.bytes_mut().as_chunks_mut::<3>().0 {
        for (level, table) in pixel.iter_mut().zip(&tables) {
            *level = table[usize::from(*level)];
        }
    }
    result
}

fn table(map: impl Fn(u8) -> u8) -> Table {
    std::array::from_fn(|level| map(level as u8))
}

/// How often each level occurs, by channel.
fn histograms(image: &Rgb8) -> [[u32; 256]; 3] {
    let mut counts = [[0; 256]; 3];
    for pixel in image.bytes().as_chunks::<3>().0 {
        for (channel, level) in counts.iter_mut().zip(pixel) {
            channel[usize::from(*level)] += 1;
        }
    }
    counts
}

/// From the lowest to the highest level that occurs, to 0..255.
fn stretched(counts: &[u32; 256]) -> Table {
    let occurs = |count: &u32| *count > 0;
    let (Some(low), Some(high)) = (counts.iter().position(occurs), counts.iter().rposition(occurs)) else {
        return table(|level| level);
    };
    if low == high {
        return table(|level| level);
    }
    let scale = 255.0 / (high - low) as f64;
    let offset = -(low as f64) * scale;
    // The cast cuts off towards zero and saturates at both ends.
    table(|level| (f64::from(level) * scale + offset) as u8)
}

/// Equal fractions of the pixels to equal steps. The highest level's count is left out of the step.
fn equalized(counts: &[u32; 256]) -> Table {
    let highest = counts.iter().rev().find(|count| **count > 0).copied().unwrap_or(0);
    let total: u32 = counts.iter().sum();
    let step = (total - highest) / 255;
    if step == 0 {
        return table(|level| level);
    }
    let mut below = step / 2;
    counts.map(|count| {
        let level = (below / step).min(255) as u8;
        below += count;
        level
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(op: Op, levels: [u8; 3]) -> [u8; 3] {
        apply(op, &Rgb8::from_fn(1, 1, |_, _| levels)).pixel(0, 0)
    }

    #[test]
    fn levels_change_as_the_names_say() {
        assert_eq!(levels(Op::Invert, [0, 100, 255]), [255, 155, 0]);
        assert_eq!(levels(Op::Posterize { bits: 1 }, [127, 128, 255]), [0, 128, 128]);
        assert_eq!(levels(Op::Posterize { bits: 0 }, [1, 128, 255]), [0, 0, 0]);
        assert_eq!(levels(Op::Posterize { bits: 8 }, [1, 128, 255]), [1, 128, 255]);
        assert_eq!(levels(Op::Solarize { threshold: 26 }, [25, 26, 255]), [25, 229, 0]);
        assert_eq!(levels(Op::Solarize { threshold: 256 }, [25, 26, 255]), [25, 26, 255]);
        assert_eq!(levels(Op::SolarizeAdd { add: 110 }, [0, 127, 128]), [110, 237, 128]);
    }

    #[test]
    fn contrast_is_stretched_to_both_ends_and_flat_channels_stay() {
        let image = Rgb8::from_fn(3, 1, |x, _| [50 + 51 * x as u8, 7, 0]);
        let result = apply(Op::AutoContrast, &image);
        assert_eq!(result.bytes(), [0, 7, 0, 127, 7, 0, 255, 7, 0]);
    }
}
