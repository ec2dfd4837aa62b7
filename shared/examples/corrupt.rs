//! Corrupts an image: `cargo run -p vitro --no-default-features --features any-image --example corrupt [IMAGE [CORRUPTION [SEVERITY]]]`.
//!
//! Without an image a rendered scene is taken. The result goes to `corrupted.png` in this folder. The same arguments give
//! the same bytes on every machine and in the browser.

use std::error::Error;
use std::path::Path;

use vitro::corruption::{self, Severity, Variant};
use vitro::image::{Rgb8, decode, encode_png};
use vitro::scene::{self, Split};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let image = match arguments.next() {
        Some(file) => decode(&std::fs::read(file)?)?,
        None => scene::render(0, 3, Split::Test, 224).image,
    };
    let name = arguments.next().unwrap_or_else(|| "fog".into());
    let severity = arguments.next().map_or(Ok(4), |severity| severity.parse())?;
    write(&corrupted(&image, &name, severity)?, Path::new("corrupted.png"))
}

/// The constants of a corruption fit a size of image: `Variant::for_side` takes those that were published for about this
/// one. Everything drawn at random comes from the seed, here 0.
fn corrupted(image: &Rgb8, name: &str, severity: u8) -> Result<Rgb8, Box<dyn Error>> {
    let variant = Variant::for_side(image.width().min(image.height()));
    Ok(corruption::corrupt(image, corruption::find(name)?, Severity::try_from(severity)?, variant, 0))
}

fn write(image: &Rgb8, file: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::write(file, encode_png(image))?;
    println!("{} × {} pixels are in {}", image.width(), image.height(), file.display());
    Ok(())
}

#[test]
fn the_example_keeps_the_size_and_changes_the_pixels() {
    let scene = scene::render(0, 3, Split::Test, 64).image;
    let foggy = corrupted(&scene, "fog", 4).unwrap();
    assert_eq!((foggy.width(), foggy.height()), (64, 64));
    assert_ne!(foggy.bytes(), scene.bytes());
    assert!(corrupted(&scene, "frog", 4).unwrap_err().to_string().contains("did you mean `fog`"));
}
