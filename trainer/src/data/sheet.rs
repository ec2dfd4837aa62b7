//! A contact sheet: a row of small pictures for each class.

use anyhow::Result;
use vitro::image::{Filter, Rgb8};

use super::Pictures;

/// Pixels between pictures.
const GAP: usize = 4;

/// Lays `columns` pictures of each of `classes` classes out, each `side`×`side`.
pub fn sheet(pictures: &dyn Pictures, classes: usize, columns: usize, side: usize) -> Result<Rgb8> {
    let mut rows: Vec<Vec<Rgb8>> = vec![Vec::new(); classes];
    for index in 0..pictures.len() {
        let label = pictures.label(index)?;
        if rows[label].len() < columns {
            let sample = pictures.sample(index)?;
            rows[label].push(sample.picture.center_square().resize(side, side, Filter::Bicubic));
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
            Some(picture) if dx >= GAP && dy >= GAP => picture.pixel(dx - GAP, dy - GAP),
            _ => [24, 24, 24],
        }
    }))
}
