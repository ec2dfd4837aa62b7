//! Time per corruption at the two benchmark sizes, severity 3, one thread:
//! `cargo bench -p vitro --no-default-features --features any-image --bench corruption`.
//!
//! The images are a drawn one and rendered scenes, and with `VITRO_PHOTOS=FOLDER` photographs as well (a few, evenly taken
//! from the folder and those inside it); every call takes the next one and another seed. The last line of each size is all
//! nineteen in turn.

use std::error::Error;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use vitro::corruption::{self, Severity, Variant};
use vitro::image::{Filter, Rgb8, decode};
use vitro::scene::{Split, render};

/// Rendered scenes, and photographs at most.
const SCENES: u64 = 7;
const PHOTOGRAPHS: usize = 16;

/// A sky, a ground with texture and a striped disk: smooth and busy areas, all three channels different.
fn drawn(side: usize) -> Rgb8 {
    let mut noise = 0x2545_F491u32;
    Rgb8::from_fn(side, side, |x, y| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let grain = (noise >> 28) as u8;
        let (fx, fy) = (x as f32 / side as f32, y as f32 / side as f32);
        let from_centre = (fx - 0.5).powi(2) + (fy - 0.6).powi(2);
        if from_centre < 0.06 {
            let stripe = if ((fx * 20.0) as u32).is_multiple_of(2) { 190 } else { 40 };
            [stripe + grain, 60 + (fy * 90.0) as u8, 40 + grain]
        } else if fy < 0.55 {
            [90 + (fy * 120.0) as u8, 140 + (fy * 90.0) as u8, 235 - grain / 4]
        } else {
            [70 + grain * 3, 110 + grain * 4, 50 + (fx * 60.0) as u8]
        }
    })
}

fn images(side: usize) -> Vec<Rgb8> {
    let scenes = (0..SCENES).map(|index| render(1, index, Split::Test, side).image);
    let mut images: Vec<Rgb8> = std::iter::once(drawn(side)).chain(scenes).collect();
    if let Some(folder) = std::env::var_os("VITRO_PHOTOS") {
        let folder = PathBuf::from(folder);
        match photographs(&folder, side) {
            Ok(photographs) if !photographs.is_empty() => images.extend(photographs),
            Ok(_) => refuse(&format!("{} holds no image that can be read", folder.display())),
            Err(error) => refuse(&format!("cannot read {}: {error}", folder.display())),
        }
    }
    images
}

fn refuse(reason: &str) -> ! {
    eprintln!("VITRO_PHOTOS: {reason}; name a folder of images");
    std::process::exit(2)
}

fn photographs(folder: &Path, side: usize) -> Result<Vec<Rgb8>, Box<dyn Error>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    let step = files.len().div_ceil(PHOTOGRAPHS).max(1);
    let read = |path: &PathBuf| decode(&std::fs::read(path).ok()?).ok();
    let squares = files.iter().step_by(step).filter_map(read);
    Ok(squares.map(|image| image.center_square().resize(side, side, Filter::Bicubic)).collect())
}

fn corruptions(criterion: &mut Criterion) {
    let severity = Severity::ALL[2];
    for (side, variant) in [(224, Variant::ImageNet), (32, Variant::Cifar)] {
        let images = images(side);
        let mut calls = 0;
        let mut next = move || {
            calls += 1;
            (images[calls % images.len()].clone(), calls as u64)
        };
        let mut group = criterion.benchmark_group(format!("{variant}/{side}"));
        for entry in corruption::ALL {
            group.bench_function(entry.name, |bencher| {
                bencher.iter_batched(
                    &mut next,
                    |(image, seed)| corruption::corrupt(&image, entry, severity, variant, seed),
                    criterion::BatchSize::SmallInput,
                );
            });
        }
        group.bench_function("all", |bencher| {
            bencher.iter_batched(
                &mut next,
                |(image, seed)| {
                    for entry in corruption::by_default() {
                        std::hint::black_box(corruption::corrupt(&image, entry, severity, variant, seed));
                    }
                },
                criterion::BatchSize::SmallInput,
            );
        });
    }
}

criterion_group!(benches, corruptions);
criterion_main!(benches);
