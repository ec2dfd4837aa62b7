//! Writes a sheet of rendered scenes, one column per class: `contact_sheet PATH [ROWS] [SIZE] [SEED]`.
//!
//! `cargo run --release -p vitro --no-default-features --features any-image --example contact_sheet -- docs/scenes.png 4 96`

use std::time::Instant;
use vitro::image::Rgb8;
use vitro::scene::{CLASSES, Split, label, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("give the path of the PNG to write")?;
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (rows, size, seed) = (number(4)? as usize, number(96)? as usize, number(1)?);

    let gap = 4;
    let (width, height) = (CLASSES.len() * (size + gap) + gap, rows * (size + gap) + gap);
    let mut sheet = Rgb8::from_fn(width, height, |_, _| [255; 3]);
    let start = Instant::now();
    // Each run of ten samples holds every class once.
    for index in 0..(rows * CLASSES.len()) as u64 {
        let scene = render(seed, index, Split::Train, size);
        let column = label(seed, index, Split::Train);
        let row = index as usize / CLASSES.len();
        let (left, top) = (gap + column * (size + gap), gap + row * (size + gap));
        for (y, line) in scene.image.bytes().chunks_exact(size * 3).enumerate() {
            let at = ((top + y) * width + left) * 3;
            sheet.bytes_mut()[at..at + size * 3].copy_from_slice(line);
        }
    }
    let rate = (rows * CLASSES.len()) as f64 / start.elapsed().as_secs_f64();
    image::save_buffer(&path, sheet.bytes(), width as u32, height as u32, image::ExtendedColorType::Rgb8)?;
    println!("{} over {rows} rows to {path}; {rate:.0} scenes a second at {size} px", CLASSES.join(", "));
    Ok(())
}
