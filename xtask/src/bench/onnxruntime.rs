//! `cargo xtask bench browser`: the page's engines beside onnxruntime-web, the same weights on one page of one Chromium.
//!
//! A model of the zoo is exported to ONNX with its own weights, so both sides compute the same function of the same image, and the
//! logits are compared before anything is timed. Single images come from the page's main thread, ours and theirs in turn; a
//! sweep is ours alone, in workers as a page would start them.

use super::compare::Choice;
use super::ours;
use super::python::EXPORT;
use super::stored::{self, BrowserRow, Conditions, Contender, Keyed, Origin, Round, Section};
use crate::browser::{Browser, Page, WebGpu};
use crate::page::{self, Profile};
use crate::serve::Server;
use crate::{step, system, workspace};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version that ours is compared with.
const PACKAGE: &str = "onnxruntime-web";
const VERSION: &str = "1.30.0";

/// The bundle of the zoo that is exported: a plain ViT.
const BUNDLE: &str = "vit";

/// Logits may differ by this much between two engines that compute the same.
const CLOSE: f64 = 1e-3;

/// Calls of the processor engine before those that count, in every round. Chromium compiles for speed while a module runs: the first
/// forty calls or so of either side take twice as long as the later ones.
const WARM_UPS: usize = 60;

/// Numbers of workers of a sweep, and the images of each.
const WORKERS: [usize; 2] = [1, 2];
const IMAGES: usize = 50;

/// How much is measured.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Rounds: ours, theirs, ours, theirs, …
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Counted calls in a round; WebGPU on the software adapter makes at most three.
    #[arg(long, default_value_t = 30)]
    runs: usize,
    /// Measure only rows whose name contains one of these, such as `cpu` or `webgpu`; the others stay.
    #[arg(long, value_delimiter = ',', value_name = "TEXT,…")]
    rows: Vec<String>,
    /// Where the numbers are stored; the text goes beside it.
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
}

impl Args {
    /// What `compare` measures with the defaults of this command.
    pub(super) fn of_compare(rounds: usize, rows: Vec<String>, store: Option<PathBuf>) -> Self {
        Self { rounds, runs: 30, rows, store }
    }
}

/// Measures, stores and renders.
///
/// # Errors
/// Chromium, Node's package manager or Python's packages are missing, the page does not build, or the two sides do not agree.
pub fn run(args: &Args) -> Result<()> {
    check(args)?;
    let (choice, file) = resolved(args);
    let rows = choice.of(rows())?;
    let conditions = conditions(args)?;
    let site = Site::build()?;
    let fresh = Section { conditions, rows: measure(&site, rows, args)? };
    let mut performance = stored::load(&file)?;
    choice.merge(&mut performance.browser, fresh);
    super::compare::write(&file, &performance)
}

/// Refuses before the first minute what could not be measured or stored after the last.
pub(super) fn check(args: &Args) -> Result<()> {
    ensure!(args.rounds > 0 && args.runs > 0, "--rounds and --runs must be 1 or more");
    let (choice, file) = resolved(args);
    choice.of(rows())?;
    stored::check(stored::load(&file)?.browser.as_ref(), &conditions(args)?, choice.is_partial())
}

fn resolved(args: &Args) -> (Choice, PathBuf) {
    (Choice::of_rows(&args.rows), args.store.clone().unwrap_or_else(stored::default_file))
}

/// The conditions of a measurement that starts now.
fn conditions(args: &Args) -> Result<Conditions> {
    EXPORT.ensure()?;
    let chromium = system::ensure_chromium()?;
    let version = step::output(&chromium.to_string_lossy(), &["--version"]);
    // The first word that is a number: `Chromium 140.0.1 built on Debian`.
    let numbered =
        |text: String| text.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned);
    let version = version.and_then(numbered).unwrap_or_else(|| "unknown".to_owned());
    let versions = [("Chromium".to_owned(), version), (PACKAGE.to_owned(), VERSION.to_owned())];
    Ok(Conditions {
        machine: ours::machine(),
        versions: BTreeMap::from(versions),
        settings: format!("{} rounds of {} calls", args.rounds, args.runs),
    })
}

/// All rows, not measured yet.
fn rows() -> Vec<BrowserRow> {
    let of = |engine: &str, workers| BrowserRow {
        model: BUNDLE.to_owned(),
        engine: engine.to_owned(),
        workers,
        origin: Origin::default(),
        ours: Contender::default(),
        theirs: None,
    };
    let images = ["cpu", "webgpu"].map(|engine| of(engine, None));
    images.into_iter().chain(WORKERS.map(|workers| of("cpu", Some(workers)))).collect()
}

fn measure(site: &Site, rows: Vec<BrowserRow>, args: &Args) -> Result<Vec<BrowserRow>> {
    let server = Server::start(&site.folder, 0)?;
    let mut browser = Browser::start(WebGpu::Software)?;
    let mut page = browser.open(&format!("{}blank.html", server.url()))?;
    let (sweeps, images): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.workers.is_some());
    let mut measured = Vec::new();
    for row in images {
        measured.push(image(&mut page, site, row, args)?);
    }
    measured.extend(self::sweeps(&mut page, site, sweeps, args)?);
    Ok(measured)
}

/// One engine beside onnxruntime-web's.
fn image(page: &mut Page<'_>, site: &Site, mut row: BrowserRow, args: &Args) -> Result<BrowserRow> {
    let Exported { side, mean, std } = &site.exported;
    let what = json!({ "engine": row.engine, "bundle": site.bundle(), "side": side, "mean": mean, "std": std });
    let opened = call(page, "open", &what)?;
    if let Some(reason) = opened["missing"].as_str() {
        println!("{PACKAGE} has no {}: {reason}", row.engine);
    } else {
        let apart = opened["apart"].as_f64().context("the page gave no difference")?;
        if apart.is_nan() || apart > CLOSE {
            bail!("the logits of {PACKAGE} and ours are {apart} apart on {}; they must be the same model", row.engine);
        }
        row.theirs = Some(Contender::default());
    }
    // A call takes a second on the software adapter.
    let (runs, warm_ups) = if row.engine == "cpu" { (args.runs, WARM_UPS) } else { (args.runs.min(3), 1) };
    for _ in 0..args.rounds {
        let times = |page: &mut Page<'_>, side: &str| {
            round(&call(page, "times", &json!({ "side": side, "runs": runs, "warmUps": warm_ups }))?)
        };
        row.ours.rounds.push(times(page, "ours")?);
        if let Some(theirs) = &mut row.theirs {
            theirs.rounds.push(times(page, "theirs")?);
        }
    }
    row.origin = Origin { date: ours::today(), commit: ours::commit() };
    let theirs = row.theirs.as_ref().map_or_else(String::new, |theirs| {
        format!(
            ", {PACKAGE} {:.2} ms (min {:.2}), ratio {:.2}",
            theirs.median(),
            theirs.min(),
            row.ours.ratio(theirs).value
        )
    });
    println!("{}: {:.2} ms (min {:.2}){theirs}", row.key(), row.ours.median(), row.ours.min());
    Ok(row)
}

/// Our engine in several workers; the numbers of workers take turns.
fn sweeps(page: &mut Page<'_>, site: &Site, mut rows: Vec<BrowserRow>, args: &Args) -> Result<Vec<BrowserRow>> {
    for _ in 0..args.rounds {
        for row in &mut rows {
            let what = json!({
                "count": row.workers, "bundle": site.bundle(), "side": site.exported.side, "images": IMAGES, "runs": 3,
            });
            row.ours.rounds.push(round(&call(page, "sweep", &what)?)?);
            row.origin = Origin { date: ours::today(), commit: ours::commit() };
        }
    }
    for row in &rows {
        println!("{}: {:.1} images a second", row.key(), 1e3 / row.ours.median());
    }
    Ok(rows)
}

fn call(page: &mut Page<'_>, function: &str, argument: &Value) -> Result<Value> {
    page.evaluate(&format!("import('/browser.js').then((side) => side.{function}({argument}))"))
}

fn round(times: &Value) -> Result<Round> {
    let times: Vec<f64> = serde_json::from_value(times.clone()).context("the page gave no times")?;
    Round::of(times).context("the page gave no times")
}

/// What the browser is given.
struct Site {
    folder: PathBuf,
    exported: Exported,
}

/// What the script says about the exported model.
#[derive(Deserialize)]
struct Exported {
    side: usize,
    mean: [f64; 3],
    std: [f64; 3],
}

impl Site {
    /// The built page, onnxruntime-web and the exported model in one folder below the target directory.
    fn build() -> Result<Self> {
        page::build(&page::ENGINES, Profile::Page)?;
        let place = workspace::target_dir().join("yardsticks");
        let folder = place.join("site");
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        page::copy(&workspace::dist_dir().join("vitro"), &folder.join("vitro"))?;
        page::copy(&install(&place)?.join("dist"), &folder.join("ort"))?;
        let scripts = workspace::root().join("xtask/yardsticks");
        for script in ["browser.js", "sweep.js"] {
            page::copy(&scripts.join(script), &folder.join(script))?;
        }
        fs::write(folder.join("blank.html"), "<!doctype html><title>Yardstick</title>")?;
        let bundle = workspace::root().join(format!("zoo/{BUNDLE}.safetensors"));
        let model = folder.join("model.onnx");
        let exported = EXPORT.lines(&[&bundle.to_string_lossy(), &model.to_string_lossy()])?.remove(0);
        Ok(Self { folder, exported })
    }

    fn bundle(&self) -> String {
        format!("{BUNDLE}.safetensors")
    }
}

/// The package's folder, installed below `place` unless it is there.
fn install(place: &Path) -> Result<PathBuf> {
    let package = place.join("node_modules").join(PACKAGE);
    let manifest = fs::read_to_string(package.join("package.json")).unwrap_or_default();
    let installed: Value = serde_json::from_str(&manifest).unwrap_or_default();
    if installed["version"] == VERSION {
        return Ok(package);
    }
    let Some(npm) = system::on_path("npm").or_else(|| system::on_path("npm.cmd")) else {
        bail!("npm is not installed: install it, for example with `{}`", system::install_hint("nodejs npm"));
    };
    fs::create_dir_all(place)?;
    step::timed(&format!("Installing {PACKAGE} {VERSION}"), "under a minute, 150 MB", || {
        step::run(
            Command::new(npm)
                .args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"])
                .arg("--prefix")
                .arg(place)
                .arg(format!("{PACKAGE}@{VERSION}")),
        )
    })?;
    Ok(package)
}
