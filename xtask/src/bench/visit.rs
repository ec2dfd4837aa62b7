//! `cargo xtask bench page`: what a visitor waits for, in headless Chromium on the processor engine, into `docs/performance.json`.
//!
//! Every round is a visit in a browser of its own: nothing is kept from the one before.

use super::arithmetic::median;
use super::document::{Dated, three_digits};
use super::ours;
use super::stored::{self, Conditions, Keyed, Origin, Section};
use crate::browser::{Browser, Page, WebGpu};
use crate::serve::Server;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;

/// How much is measured.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Visits.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Changes of the severity in a visit.
    #[arg(long, default_value_t = 30)]
    changes: usize,
    /// Scenes of a sweep over all 19 corruptions and five severities with three models.
    #[arg(long, default_value_t = 10)]
    scenes: usize,
    /// Where the numbers are stored; the text goes beside it.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

/// One thing that is measured of a visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct VisitRow {
    what: String,
    unit: String,
    #[serde(flatten)]
    origin: Origin,
    /// One value for each visit.
    values: Vec<f64>,
}

impl Keyed for VisitRow {
    fn key(&self) -> String {
        self.what.clone()
    }
}

impl Dated for VisitRow {
    fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// More than anybody waits for a sweep here.
const PATIENCE: Duration = Duration::from_secs(1800);

/// What of a visit is measured, in the order of the table: its name in the script, what it is, and its unit.
const ROWS: &[(&str, &str, &str)] = &[
    ("comparison", "from the address to the stored comparison", "ms"),
    ("first", "from the address to the first answer of this browser", "ms"),
    ("all", "from the address to the answers of all models", "ms"),
    ("again", "the same on a second visit, with everything from this device", "ms"),
    ("pixels", "from the slider to the corrupted image, median", "ms"),
    ("answers", "from the slider to the answers of all models, median", "ms"),
    ("slowest", "from the slider to the answers of all models, slowest", "ms"),
    ("sweep", "a sweep, all workers together", "images a second"),
    ("during", "from the slider to the corrupted image while a sweep runs, median", "ms"),
    ("frame", "longest task above 50 ms on the page while a sweep runs; 0: none", "ms"),
    ("heap", "JavaScript objects of the page at the end", "MiB"),
    ("resident", "all processes of the page at the end, resident", "MiB"),
];

/// Notes when the comparison and the first answer are there; runs before the page's own scripts.
const WATCH: &str = "
    globalThis.times = {};
    const look = () => {
        const compare = document.querySelector('vitro-compare');
        const columns = [...(compare?.shadowRoot?.querySelectorAll('.column') ?? [])];
        const note = (name, is) => { if (is && !(name in times)) times[name] = performance.now(); };
        note('comparison', columns.length > 0 && columns.every((column) => getComputedStyle(column).visibility === 'visible'));
        note('first', compare?.state?.models.some(({ milliseconds }) => milliseconds >= 0));
        note('all', compare?.state && !compare.state.busy && compare.state.models.every(({ milliseconds }) => milliseconds >= 0));
        if (!('all' in times)) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);";

/// Moves the slider so many times; resolves to the milliseconds until the image and until all answers. Every time with other draws,
/// so that nothing was computed ahead.
const SLIDE: &str = "(async (changes, seed) => {
    const compare = document.querySelector('vitro-compare');
    const tag = compare.shadowRoot.querySelector('.wipe .right');
    const slider = compare.shadowRoot.querySelector('.controls input[type=range]');
    const times = [];
    for (let change = 0; change < changes; change++) {
        await compare.settled();
        compare.seed = seed + change;
        await compare.settled();
        const severity = 1 + (Number(slider.value) % 5);
        const start = performance.now();
        const pixels = new Promise((resolve) => {
            const watch = new MutationObserver(() => {
                if (!tag.textContent.includes(` ${severity},`)) return;
                watch.disconnect();
                resolve(performance.now() - start);
            });
            watch.observe(tag, { childList: true, characterData: true, subtree: true });
        });
        slider.value = severity;
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        const seen = await pixels;
        await compare.settled();
        times.push([seen, performance.now() - start]);
    }
    return times;
})";

/// A sweep with everything; resolves to images a second, and what the slider and the page did meanwhile.
const SWEEP: &str = "(async (scenes, changes) => {
    await customElements.whenDefined('vitro-sweep');
    const panel = document.querySelector('.panel.sweep');
    panel.querySelector('[name=scenes]').replaceChildren(new Option(scenes, scenes));
    panel.querySelector('[name=over]').value = 'nineteen';
    panel.querySelector('form').dispatchEvent(new Event('change'));
    panel.open = true;
    const sweep = panel.querySelector('vitro-sweep');
    let longest = 0;
    const tasks = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
    });
    tasks.observe({ type: 'longtask' });
    const running = sweep.run();
    const times = await slide(changes, 5000);
    const { done, seconds, models, corruptions, severities } = await running;
    tasks.disconnect();
    return { sweep: done * models.length * (1 + corruptions.length * severities.length) / seconds, longest, times };
})";

/// Measures, stores and renders.
pub(super) fn run(server: &Server, args: &Args) -> Result<()> {
    let Args { rounds, changes, scenes, store } = args;
    ensure!(*rounds > 0 && *changes > 0 && *scenes > 0, "--rounds, --changes and --scenes must be 1 or more");
    let file = store.clone().unwrap_or_else(stored::default_file);
    let mut values: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for round in 0..*rounds {
        for (name, value) in visit(server, *changes, *scenes)? {
            values.entry(name).or_default().push(value);
        }
        println!("visit {} of {rounds} is measured", round + 1);
    }
    let origin = Origin { date: ours::today(), commit: ours::commit() };
    let row = |(name, what, unit): &(&str, &str, &str)| {
        let values = values.get(name).filter(|values| values.len() == *rounds)?.clone();
        Some(VisitRow { what: (*what).to_owned(), unit: (*unit).to_owned(), origin: origin.clone(), values })
    };
    let rows: Vec<_> = ROWS.iter().filter_map(row).collect();
    print!("{}", table(&rows));
    let settings = format!(
        "{rounds} visits of {changes} changes of the severity, a sweep of 3 models × 96 conditions × {scenes} scenes, headless Chromium, \
         processor engine, files from the same machine"
    );
    let conditions = Conditions { machine: ours::machine(), versions: BTreeMap::new(), settings };
    let mut performance = stored::load(&file)?;
    performance.page = Some(Section { conditions, rows });
    super::compare::write(&file, &performance)
}

/// One visit, with nothing on the device from before.
fn visit(server: &Server, changes: usize, scenes: usize) -> Result<Vec<(&'static str, f64)>> {
    let mut browser = Browser::start(WebGpu::Off)?;
    let address = format!("{}?backend=cpu", server.url());
    let mut page = browser.open_with(&address, WATCH)?;
    page.wait_until("'all' in times", PATIENCE)?;
    let times = page.evaluate("times")?;
    let mut found = Vec::new();
    for name in ["comparison", "first", "all"] {
        found.push((name, times[name].as_f64().with_context(|| format!("the page gave no time for {name}"))?));
    }
    page.wait_until("document.querySelector('.stored')?.checkVisibility()", PATIENCE)?;
    page.navigate(&address)?;
    page.wait_until("'all' in times", PATIENCE)?;
    found.push(("again", page.evaluate("times.all")?.as_f64().context("the second visit gave no time")?));
    page.evaluate(&format!("globalThis.slide = {SLIDE}; null"))?;
    let (pixels, answers) = columns(&page.evaluate(&format!("slide({changes}, 1000)"))?)?;
    let slowest = answers.iter().copied().fold(0.0, f64::max);
    found.extend([
        ("pixels", median(pixels.into_iter())),
        ("answers", median(answers.into_iter())),
        ("slowest", slowest),
    ]);
    found.extend(sweep(&mut page, scenes)?);
    let mebibytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    found.push(("heap", mebibytes(page.burden()?.heap)));
    found.extend(page.resident()?.map(|bytes| ("resident", mebibytes(bytes))));
    Ok(found)
}

/// Changes of the severity while a sweep runs.
const MEANWHILE: usize = 5;

fn sweep(page: &mut Page<'_>, scenes: usize) -> Result<[(&'static str, f64); 3]> {
    page.evaluate(&format!("{SWEEP}({scenes}, {MEANWHILE}).then((done) => {{ globalThis.swept = done; }}); null"))?;
    let swept = page.wait_until("globalThis.swept", PATIENCE)?;
    let number = |name: &str| swept[name].as_f64().with_context(|| format!("the sweep gave no {name}"));
    let (pixels, _) = columns(&swept["times"])?;
    Ok([("sweep", number("sweep")?), ("during", median(pixels.into_iter())), ("frame", number("longest")?)])
}

/// `[[pixels, answers], …]`, each by itself.
fn columns(times: &Value) -> Result<(Vec<f64>, Vec<f64>)> {
    let pairs: Vec<(f64, f64)> = serde_json::from_value(times.clone()).context("the page gave no times")?;
    Ok(pairs.into_iter().unzip())
}

/// The rows as a table: the median of the visits and how far they are apart.
pub(super) fn table(rows: &[VisitRow]) -> String {
    let mut text = "| a visit | median | lowest to highest | |\n|---|---|---|---|\n".to_owned();
    for VisitRow { what, unit, values, .. } in rows {
        let [lowest, highest] = [f64::min, f64::max].map(|of| values.iter().copied().reduce(of).unwrap_or_default());
        let middle = three_digits(median(values.iter().copied()));
        let _ =
            writeln!(text, "| {what} | {middle} | {} to {} | {unit} |", three_digits(lowest), three_digits(highest));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_tells_the_median_visit_and_the_spread() {
        let row = VisitRow {
            what: "from the slider to the pixels".into(),
            unit: "ms".into(),
            origin: Origin::default(),
            values: vec![9.0, 3.25, 5.0],
        };
        assert!(table(&[row]).ends_with("| from the slider to the pixels | 5.00 | 3.25 to 9.00 | ms |\n"));
    }

    #[test]
    fn every_row_has_a_name_of_its_own() {
        for (place, (name, what, _)) in ROWS.iter().enumerate() {
            assert!(ROWS[..place].iter().all(|(other, before, _)| other != name && before != what), "{name}");
        }
    }
}
