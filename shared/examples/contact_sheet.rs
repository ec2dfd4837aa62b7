//! Writes a sheet of rendered scenes, one column per class: `contact_sheet PATH [ROWS] [SIZE] [SEED] [SPLIT]`.
//!
//! `cargo run --release -p vitro --no-default-features --features any-image --example contact_sheet -- docs/scenes.png 4 96 4`
//!
//! The columns stand in two blocks.

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};
use std::fs::File;
use std::io::BufWriter;
use std::time::Instant;
use vitro::image::Rgb8;
use vitro::scene::{CLASSES, Split, render};

/// Most columns side by side.
const COLUMNS: usize = 12;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("give the path of the PNG to write")?;
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (rows, size, seed) = (number(4)? as usize, number(96)? as usize, number(1)?);
    let named = arguments.next().unwrap_or_else(|| Split::Train.name().into());
    let split = *Split::ALL.iter().find(|split| split.name() == named).ok_or("no split has this name")?;

    let (columns, gap) = (CLASSES.len().min(COLUMNS), 4);
    let blocks = CLASSES.len().div_ceil(columns);
    let (width, height) = (columns * (size + gap) + gap, blocks * rows * (size + gap) + gap);
    let mut sheet = Rgb8::from_fn(width, height, |_, _| [255; 3]);
    let start = Instant::now();
    // Each run of as many samples as there are classes holds every class once.
    for index in 0..(rows * CLASSES.len()) as u64 {
        let scene = render(seed, index, split, size);
        let row = scene.label / columns * rows + index as usize / CLASSES.len();
        let (left, top) = (gap + scene.label % columns * (size + gap), gap + row * (size + gap));
        for (y, line) in scene.image.bytes().chunks_exact(size * 3).enumerate() {
            let at = ((top + y) * width + left) * 3;
            sheet.bytes_mut()[at..at + size * 3].copy_from_slice(line);
        }
    }
    let rate = (rows * CLASSES.len()) as f64 / start.elapsed().as_secs_f64();
    // Nobody sees the lowest bit, and it is a sixth of the file.
    sheet.bytes_mut().iter_mut().for_each(|value| *value |= 1);
    let file = BufWriter::new(File::create(&path)?);
    PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive).write_image(
        sheet.bytes(),
        width as u32,
        height as u32,
        ExtendedColorType::Rgb8,
    )?;
    println!("{} over {rows} rows to {path}; {rate:.0} scenes a second at {size} px", CLASSES.join(", "));
    Ok(())
}
