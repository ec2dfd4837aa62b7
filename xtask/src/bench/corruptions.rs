//! Every corruption at 224 pixels, natively and in the engine of `<vitro-corrupt>`: the same scenes, seeds and number of calls.
//!
//! Natively a small program of the `vitro` crate measures itself. In the browser a call includes the copy of the pixels to
//! JavaScript, which the page needs as well.

use crate::browser::{Browser, WebGpu};
use crate::example;
use crate::serve::Server;
use anyhow::{Context, Result, bail, ensure};
use std::process::Stdio;

/// Scenes that the calls take in turn.
const SCENES: usize = 4;
/// Batches of calls; the median batch counts.
const BATCHES: usize = 11;
/// Calls in a batch.
const CALLS: usize = 8;
/// All may take this many times as long in WebAssembly.
const LIMIT: f64 = 3.0;

/// Milliseconds per call of each corruption in turn, `[[name, milliseconds]]`. The batches of one are spread over the whole run;
/// those of the first two rounds, in which the browser compiles for speed, do not count.
const MEASURE: &str = "(async (scenes, batches, calls, severity) => {
    const module = await import(new URL('/vitro/engine-corrupt.js', location.href).href);
    await module.default();
    // The engine has no scenes: parts of the documentation's drawing stand in for them.
    const drawing = await createImageBitmap(await (await fetch('/docs/photo.jpg')).blob());
    const images = Array.from({ length: scenes }, (_, index) => {
        const pen = new OffscreenCanvas(224, 224).getContext('2d');
        pen.drawImage(drawing, -8 * index, -8 * index);
        return module.Image.fromPixels(new Uint8Array(pen.getImageData(0, 0, 224, 224).data.buffer), 224, 224);
    });
    const batch = (name) => {
        const start = performance.now();
        for (let call = 0; call < calls; call++) images[call % scenes].corrupt(name, severity, call);
        return (performance.now() - start) / calls;
    };
    const rows = JSON.parse(module.corruptions()).map(({ name }) => ({ name, times: [] }));
    for (let round = -2; round < batches; round++) {
        for (const { name, times } of rows) {
            const time = batch(name);
            if (round >= 0) times.push(time);
        }
    }
    return rows.map(({ name, times }) => [name, times.sort((a, b) => a - b)[Math.floor(batches / 2)]]);
})";

/// Measures both and prints a table.
///
/// # Errors
/// Something does not build or run, or WebAssembly takes more than [`LIMIT`] times as long over all.
pub(super) fn run(server: &Server, severity: u8) -> Result<()> {
    let native = native(severity)?;
    let wasm = wasm(server, severity)?;
    println!("{:<20} {:>8} {:>8} {:>6}   milliseconds", "corruption", "native", "wasm", "ratio");
    let line = |name: &str, native: f64, wasm: f64| {
        println!("{name:<20} {native:>8.2} {wasm:>8.2} {:>6.1}", wasm / native);
    };
    let mut sums = (0.0, 0.0);
    for ((name, native), (other, wasm)) in native.iter().zip(&wasm) {
        ensure!(name == other, "the page lists {other} where this workspace lists {name}: build the page again");
        line(name, *native, *wasm);
        sums = (sums.0 + native, sums.1 + wasm);
    }
    line("all", sums.0, sums.1);
    if sums.1 > LIMIT * sums.0 {
        bail!("in WebAssembly the corruptions take {:.1} times as long as natively; at most {LIMIT}", sums.1 / sums.0);
    }
    Ok(())
}

fn native(severity: u8) -> Result<Vec<(String, f64)>> {
    let counts = [SCENES, BATCHES, CALLS, usize::from(severity)].map(|count| count.to_string());
    let output = example::command("corruption_times").args(counts).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "the corruptions could not be timed natively");
    let lines = String::from_utf8(output.stdout)?;
    lines.lines().map(|line| parse(line).with_context(|| format!("`{line}` is no time"))).collect()
}

/// `name milliseconds`.
fn parse(line: &str) -> Option<(String, f64)> {
    let (name, time) = line.split_once(' ')?;
    Some((name.to_owned(), time.parse().ok()?))
}

fn wasm(server: &Server, severity: u8) -> Result<Vec<(String, f64)>> {
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&format!("{}vitro/vitro.js", server.url()))?;
    let rows = page.evaluate(&format!("{MEASURE}({SCENES}, {BATCHES}, {CALLS}, {severity})"))?;
    let rows = rows.as_array().context("the page gave no times")?;
    let row = |row: &serde_json::Value| Some((row[0].as_str()?.to_owned(), row[1].as_f64()?));
    rows.iter().map(|value| row(value).context("the page gave no times")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_name_and_a_number() {
        assert_eq!(parse("fog 1.25"), Some(("fog".to_owned(), 1.25)));
        assert_eq!(parse("fog"), None);
        assert_eq!(parse("warning: unused"), None);
    }
}
