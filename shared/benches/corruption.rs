//! Time per corruption at the two benchmark sizes, severity 3: `cargo bench -p vitro --no-default-features --bench corruption`.

use criterion::{Criterion, criterion_group, criterion_main};
use vitro::corruption::{self, Severity, Variant};
use vitro::image::Rgb8;

/// A sky, a ground with texture and a striped disk: smooth and busy areas, all three channels different.
fn scene(side: usize) -> Rgb8 {
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

fn corruptions(criterion: &mut Criterion) {
    let severity = Severity::ALL[2];
    for (side, variant) in [(224, Variant::ImageNet), (32, Variant::Cifar)] {
        let picture = scene(side);
        let mut group = criterion.benchmark_group(format!("{variant}/{side}"));
        for entry in corruption::ALL {
            let mut seed = 0;
            group.bench_function(entry.name, |bencher| {
                bencher.iter(|| {
                    seed += 1;
                    corruption::corrupt(&picture, entry, severity, variant, seed)
                });
            });
        }
    }
}

criterion_group!(benches, corruptions);
criterion_main!(benches);
