//! Writes the gallery of corruptions, `corruptions.md` and a strip of images for each: `gallery FOLDER [--check]`.
//!
//! `cargo xtask gallery` runs it on `docs/`. `--check` writes nothing and fails when the text is out of date.

mod page;

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use vitro::corruption::{ALL, Corruption, Severity, Variant, corrupt};
use vitro::image::{Rgb8, encode_jpeg};
use vitro::scene::{Split, render};

/// Side of one image of a strip, the size ImageNet-C's constants were made for, and the white between two.
const SIDE: usize = 224;
const GAP: usize = 4;
/// Quality of the strips. Not what is shown: noise at full quality would make the folder three times as large.
const QUALITY: u8 = 72;
/// Scenes that show their object well, of the held-out split of this seed.
const SEED: u64 = 7;
/// Seed of the first strip's draws, the next strip's is one more. With it the ice of frost is dark against its scene.
const FIRST: u64 = 9;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give the folder to write to, such as docs")?;
    let folder = Path::new(&folder);
    let text = folder.join("corruptions.md");
    if arguments.next().as_deref() == Some("--check") {
        let current = fs::read_to_string(&text)? == page::text();
        if !current {
            eprintln!("{} is out of date: run `cargo xtask gallery`", text.display());
        }
        return Ok(if current { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    fs::create_dir_all(folder.join("corruptions"))?;
    let mut bytes = 0;
    for (index, corruption) in (0..).zip(ALL) {
        let strip = encode_jpeg(&strip(corruption, index), QUALITY);
        bytes += strip.len();
        fs::write(folder.join("corruptions").join(format!("{}.jpg", corruption.name)), strip)?;
    }
    fs::write(&text, page::text())?;
    println!("{} strips of {} kB in all, and {}", ALL.len(), bytes / 1000, text.display());
    Ok(ExitCode::SUCCESS)
}

/// The clean scene and its five corruptions, side by side on white.
fn strip(corruption: &Corruption, index: u64) -> Rgb8 {
    let clean = render(SEED, index, Split::Test, SIDE).image;
    let corrupted = |severity| corrupt(&clean, corruption, severity, Variant::ImageNet, FIRST + index);
    let images: Vec<Rgb8> = std::iter::once(clean.clone()).chain(Severity::ALL.map(corrupted)).collect();
    let width = images.len() * (SIDE + GAP) - GAP;
    Rgb8::from_fn(width, SIDE, |x, y| {
        let (image, x) = (x / (SIDE + GAP), x % (SIDE + GAP));
        if x < SIDE { images[image].pixel(x, y) } else { [255; 3] }
    })
}
