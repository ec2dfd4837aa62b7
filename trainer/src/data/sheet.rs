//! A contact sheet: a row of small images for each class.

use anyhow::Result;
use vitro::image::{Filter, Rgb8};

use super::Images;

/// Pixels between images.
const GAP: usize = 4;

/// Lays `columns` images of each of `classes` classes out, each `side`×`side`.
pub fn sheet(images: &dyn Images, classes: usize, columns: usize, side: usize) -> Result<Rgb8> {
    let mut rows: Vec<Vec<Rgb8>> = vec![Vec::new(); classes];
    for index in 0..images.len() {
        let label = images.label(index)?;
        if rows[label].len() < columns {
            let sample = images.sample(index)?;
            rows[label].push(sample.image.center_square().resize(side, side, Filter::Bicubic));
        }
        if rows.iter().all(|row| row.len() == columns) {
            break;
        }
    }
    let step = side + GAP;
    Ok(Rgb8::from_fn(columns * step + GAP, classes * step + GAP, |x, y| {
        let (column, row) = (x / step, y / step);
        let (dx, dy) = (x % step, y % step);
        match rows.get(row).and_then(|row| row.get(column)) {
            Some(image) if dx >= GAP && dy >= GAP => image.pixel(dx - GAP, dy - GAP),
            _ => [24, 24, 24],
        }
    }))
}
