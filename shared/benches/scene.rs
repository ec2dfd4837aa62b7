//! Rendered scenes per second at the sizes that models are trained and shown at, one thread:
//! `cargo bench -p vitro --no-default-features --features any-image --bench scene`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vitro::scene::{Split, render};

fn scenes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("scene");
    group.throughput(Throughput::Elements(1));
    for side in [32, 64, 224] {
        let mut index = 0;
        group.bench_function(side.to_string(), |bencher| {
            bencher.iter(|| {
                index += 1;
                render(1, index, Split::Train, side)
            });
        });
    }
}

criterion_group!(benches, scenes);
criterion_main!(benches);
