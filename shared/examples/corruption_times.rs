//! Prints how long each corruption takes here, one line each, name and milliseconds: `corruption_times SCENES BATCHES CALLS SEVERITY`.
//!
//! `cargo xtask bench` runs it in release and times the same calls in the browser. Rendered scenes of 224
//! pixels; of several batches of calls the median counts, since a browser's clock is too coarse for a single call. The
//! batches of one corruption are spread over the whole run, so that a disturbance spoils one of them and not the median.

use std::time::Instant;

use vitro::image::Rgb8;
use vitro::scene::{Split, render};
use vitro::{corruption, view};

/// Seed of the scenes, the page's own.
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = || -> Result<u64, Box<dyn std::error::Error>> {
        let text = arguments.next().ok_or("give the numbers of scenes, batches and calls, and a severity")?;
        Ok(text.parse::<u64>()?.max(1))
    };
    let (scenes, batches, calls) = (number()?, number()?, number()?);
    let images: Vec<Rgb8> = (0..scenes).map(|index| render(SEED, index, Split::Test, view::SIDE).image).collect();
    let severity = corruption::Severity::try_from(u8::try_from(number()?)?)?;
    let batch = |entry| {
        let start = Instant::now();
        for (call, image) in (0..calls).zip(images.iter().cycle()) {
            std::hint::black_box(view::corrupt(image, entry, severity, call));
        }
        start.elapsed().as_secs_f64() * 1e3 / calls as f64
    };
    let mut times = vec![Vec::new(); corruption::ALL.len()];
    for _ in 0..batches {
        for (times, entry) in times.iter_mut().zip(corruption::ALL) {
            times.push(batch(entry));
        }
    }
    for (mut times, entry) in times.into_iter().zip(corruption::ALL) {
        times.sort_by(f64::total_cmp);
        println!("{} {}", entry.name, times[times.len() / 2]);
    }
    Ok(())
}
