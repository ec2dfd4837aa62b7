//! The report of `vitro compare --html`: one sound file that needs nothing else, says everything that was measured, and
//! says what it does not have.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use vitro_tests::command::{refusal, text, vitro, works};

/// Elements that have no end tag.
const VOID: &[&str] = &["meta", "img", "br", "hr", "link", "input"];

/// Runs what must be refused: exit code 2, one line, no report. Returns the line.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = vitro(folder, arguments);
    assert!(output.stdout.is_empty(), "{arguments:?}: {}", text(&output.stdout));
    assert!(fs::read_dir(folder).unwrap().all(|entry| !entry.unwrap().file_name().to_string_lossy().contains("html")));
    refusal(arguments, &output)
}

fn zoo(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo").join(name).to_string_lossy().into_owned()
}

/// Compares with a report and returns it.
fn report(folder: &Path, arguments: &[&str]) -> String {
    works(folder, &[&["compare", "--html", "report.html", "--device", "cpu"], arguments].concat());
    fs::read_to_string(folder.join("report.html")).unwrap()
}

/// An evaluation as `vitro eval --out` writes it, made up: accuracy falls with severity.
fn evaluation(name: &str, corruptions: &[&str], severities: &[u8]) -> Value {
    let cell = |corruption: &str, severity: u8| {
        let top1 = 0.95 - 0.1 * f64::from(severity);
        json!({"corruption": corruption, "group": "", "benchmark": true, "severity": severity, "top1": top1, "top5": 1.0, "n": 20})
    };
    let cells: Vec<Value> =
        corruptions.iter().flat_map(|name| severities.iter().map(move |severity| cell(name, *severity))).collect();
    json!({
        "name": name, "method": "none", "model": "vit", "params": 697066, "image_size": 64, "dataset": "scenes",
        "train_data": "20000 scenes", "clean_top1": 0.95, "clean_top5": 1.0, "corruption_error_mean": 0.3,
        "corruption_error_over": "these cells", "mce_alexnet": null, "per_cell": cells, "ece": 0.04,
        "ece_corrupted": 0.06, "seed": 0, "n_images": 20,
        "corruption_source": "in memory, variant tiny, at 64×64 after resizing, seed 0",
        "preprocess": {"image_size": 64, "filter": "bicubic", "crop_pct": 1.0, "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]},
        "git": null, "versions": {"vitro": "0.1.0"}, "device": "cpu (flex)"
    })
}

fn put(folder: &Path, file: &str, evaluation: &Value) -> PathBuf {
    fs::write(folder.join(file), evaluation.to_string()).unwrap();
    folder.join(file)
}

/// Start and end tags match, and nothing is left open. Returns how many elements there are.
fn balanced(page: &str) -> usize {
    let (mut open, mut elements) = (Vec::new(), 0);
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..];
        let end = tag.find('>').expect("a tag ends");
        let (inside, after) = (&tag[..end], &tag[end + 1..]);
        rest = after;
        let name = inside.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap().to_owned();
        if inside.starts_with('!') {
            continue;
        }
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric()) && !name.is_empty(), "<{inside}>");
        assert_eq!(inside.matches('"').count() % 2, 0, "quotes of <{inside}>");
        if inside.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "</{inside}> closes something else");
            continue;
        }
        elements += 1;
        if name == "style" {
            rest = &after[after.find("</style>").expect("a style ends")..];
        }
        if !inside.ends_with('/') && !VOID.contains(&name.as_str()) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    elements
}

/// The values of every attribute `name`.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(&start).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Nothing is fetched, nothing runs, every link leads somewhere in the page, every image is inside and whole.
fn self_contained(page: &str) {
    for outside in
        ["http://", "https://", "//", "url(", "@import", "<script", "<link", "<iframe", "<object", "javascript:"]
    {
        // Two slashes also occur in the text of images.
        let without_images: String = page
            .split("data:image/jpeg;base64,")
            .map(|part| part.split_once('"').map_or(part, |(_, rest)| rest))
            .collect();
        assert!(!without_images.contains(outside), "{outside}");
    }
    let ids: BTreeSet<&str> = attributes(page, "id").into_iter().collect();
    assert_eq!(ids.len(), attributes(page, "id").len(), "an id stands twice");
    for link in attributes(page, "href") {
        assert!(link.strip_prefix('#').is_some_and(|id| ids.contains(id)), "{link} leads nowhere");
    }
    for source in attributes(page, "src") {
        let data = source.strip_prefix("data:image/jpeg;base64,").expect("an image inside the page");
        let image = vitro::image::decode(&STANDARD.decode(data).unwrap()).unwrap();
        assert_eq!((image.width(), image.height()), (152, 152));
    }
    assert!(attributes(page, "style").is_empty(), "a strict policy forbids style attributes");
    assert_eq!(attributes(page, "alt").len(), attributes(page, "src").len(), "an image without words");
}

#[test]
fn a_report_of_bundles_is_whole_and_needs_nothing_else() {
    let folder = TempDir::new().unwrap();
    let (vit, tap) = (zoo("vit.safetensors"), zoo("fan-tap-adl.safetensors"));
    let page = report(folder.path(), &[&vit, &tap, "--images", "2", "--severity", "2,5"]);
    assert!(balanced(&page) > 500);
    self_contained(&page);
    for corruption in vitro::corruption::ALL.iter().filter(|known| known.set == vitro::corruption::Set::Common) {
        for severity in 1..=5 {
            let cell = format!("data-cell=\"{} {severity}\"", corruption.name);
            assert_eq!(page.matches(&cell).count(), 3, "two maps and their difference: {cell}");
        }
    }
    // Two images; untouched and four corruptions at two severities; untouched and five severities with two overlays.
    assert_eq!(attributes(&page, "src").len(), 2 * (9 + 6 * 3));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    for metric in vitro::metric::ALL.iter().filter(|metric| metric.key.starts_with("top1") || metric.key == "ece") {
        assert!(page.contains(&format!("<a href=\"#metric-{}\">", metric.key)), "a bundle knows its {}", metric.title);
    }
    assert!(page.contains("looks at "));
    assert!(page.contains("scene-"), "images have names");
}

#[test]
fn the_same_comparison_gives_the_same_bytes_over_an_older_report() {
    let folder = TempDir::new().unwrap();
    let fan = zoo("fan.safetensors");
    fs::write(folder.path().join("report.html"), "older").unwrap();
    let once = report(folder.path(), &[&fan, "--images", "1"]);
    let again = report(folder.path(), &[&fan, "--images", "1"]);
    assert!(once == again && once.starts_with("<!doctype html>"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished stays");
}

#[test]
fn the_answers_under_the_images_are_those_that_the_evaluation_counted() {
    let folder = TempDir::new().unwrap();
    let vit = zoo("vit.safetensors");
    fs::copy(&vit, folder.path().join("vit.safetensors")).unwrap();
    // One image of each class, so that those of the report are all that were evaluated.
    let eval = ["eval", "vit.safetensors", "--limit", "24", "--only", "gaussian_noise,glass_blur,fog,contrast"];
    works(folder.path(), &[&eval[..], &["--severity", "5", "--device", "cpu", "--out", "vit.json"]].concat());
    let page = report(folder.path(), &["vit.json", "--images", "24", "--severity", "5"]);
    let samples = page.split("id=\"samples\"").nth(1).unwrap().split("<section").next().unwrap();
    let right = samples.matches("class=\"prediction right\"").count();
    let evaluation: Value = serde_json::from_slice(&fs::read(folder.path().join("vit.json")).unwrap()).unwrap();
    let cells = evaluation["per_cell"].as_array().unwrap().iter().map(|cell| cell["top1"].as_f64().unwrap());
    let expected = 24.0 * (evaluation["clean_top1"].as_f64().unwrap() + cells.sum::<f64>());
    assert_eq!(samples.matches("class=\"prediction ").count(), 24 * 5);
    assert_eq!(right as f64, expected.round());
    assert!(page.contains("variant tiny with seed 0"));
}

#[test]
fn names_from_outside_stay_text() {
    let folder = TempDir::new().unwrap();
    let mut evil = evaluation("<script>alert(1)</script>", &["fog", "\"><img src=x onerror=alert(2)>"], &[1, 3]);
    for field in
        ["dataset", "train_data", "method", "model", "device", "corruption_source", "git", "corruption_error_over"]
    {
        evil[field] = json!(format!("</td><script>{field}</script>"));
    }
    put(folder.path(), "a.json", &evil);
    put(folder.path(), "b.json", &evaluation("</title>\u{0}", &["fog"], &[1, 3]));
    let page = report(folder.path(), &["a.json", "b.json"]);
    balanced(&page);
    self_contained(&page);
    assert!(!page.contains("<img") && !page.contains("<script"));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn numbers_without_a_model_make_a_report_that_says_so() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "old.json", &evaluation("old", &["fog", "snow"], &[1, 5]));
    let page = report(folder.path(), &["old.json"]);
    balanced(&page);
    self_contained(&page);
    assert!(page.contains("<b>old</b> is known by its numbers alone"));
    assert!(attributes(&page, "src").is_empty());
    let page = report(folder.path(), &["old.json", &zoo("vit.safetensors"), "--images", "1"]);
    assert!(page.contains("<b>old</b> is known by its numbers alone") && !attributes(&page, "src").is_empty());
    let page = report(folder.path(), &[&zoo("vit.safetensors"), "--images", "0"]);
    assert!(page.contains("No images were asked for") && attributes(&page, "src").is_empty());
}

#[test]
fn models_with_other_cells_or_data_are_compared_on_what_they_share() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.json", &evaluation("a", &["fog", "snow"], &[1, 3, 5]));
    put(folder.path(), "b.json", &evaluation("b", &["fog"], &[1, 3]));
    let page = report(folder.path(), &["a.json", "b.json"]);
    assert!(page.contains("means are over the 2 cells that all have"));
    // Severities 1 and 3 of fog: errors of 15 and 35 %.
    assert!(page.contains(">25.0<"), "the mean over the shared cells");
    assert!(page.contains("Snow, severity 5: not measured"));
    let mut other = evaluation("c", &["fog", "snow"], &[1, 3, 5]);
    (other["dataset"], other["n_images"]) = (json!("cifar10"), json!(7));
    put(folder.path(), "c.json", &other);
    let page = report(folder.path(), &["a.json", "c.json"]);
    balanced(&page);
    assert!(page.contains("measured on different data (scenes and cifar10)") && page.contains("(20 and 7)"));
    assert!(page.contains("no map of differences") && !page.contains("relative to the first"));
}

#[test]
fn an_evaluation_against_the_first_brings_the_interval_of_its_mce() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.json", &evaluation("a", &["fog", "snow"], &[1, 3]));
    let mut better = evaluation("b", &["fog", "snow"], &[1, 3]);
    for cell in better["per_cell"].as_array_mut().unwrap() {
        cell["top1"] = json!(0.5 + cell["top1"].as_f64().unwrap() / 2.0);
    }
    put(folder.path(), "bare.json", &better);
    better["mce_vs_baseline"] = json!({"name": "a", "value": 50.0});
    better["intervals"] = json!({"mce_vs_baseline": [38.5, 63.1]});
    put(folder.path(), "b.json", &better);
    let table = |file: &str| works(folder.path(), &["compare", "a.json", file]);
    assert!(table("b.json").contains("| 50.0 [38.5, 63.1] ") && !table("b.json").contains("--baseline"));
    assert!(table("bare.json").contains("| 50.0 ") && table("bare.json").contains("--baseline FIRST"));
    let page = report(folder.path(), &["a.json", "b.json"]);
    balanced(&page);
    self_contained(&page);
    assert!(page.contains("50.0<small>38.5 to 63.1</small>") && !page.contains("--baseline"));
    assert!(report(folder.path(), &["a.json", "bare.json"]).contains("vitro eval RUN --baseline FIRST"));
}

#[test]
fn namesakes_can_be_told_apart() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.json", &evaluation("vit", &["fog"], &[1]));
    let page = report(folder.path(), &["a.json", "a.json"]);
    assert!(page.contains("<title>vit (1), vit (2)"));
}

#[test]
fn the_table_is_printed_as_without_a_report() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.json", &evaluation("a", &["fog"], &[1]));
    let plain = works(folder.path(), &["compare", "a.json"]);
    let with = works(folder.path(), &["compare", "a.json", "--html", "report.html", "--out", "table.md"]);
    assert_eq!(plain, with);
    assert_eq!(fs::read_to_string(folder.path().join("table.md")).unwrap(), plain);
    let bundle = works(folder.path(), &["compare", &zoo("vit.safetensors")]);
    let words: Vec<&str> = bundle.lines().nth(2).unwrap().split('|').map(str::trim).collect();
    assert_eq!(words[1..6], ["vit", "none", "810264", "scenes", "1200"], "{bundle}");
}

#[test]
fn a_run_brings_its_own_images() {
    let folder = TempDir::new().unwrap();
    let recipe = "[data]\nimage_size = 32\ntrain_size = 20\ntest_size = 20\n[model]\npreset = \"fan_nano_p4_32\"\npatch_size = 8\n\
                  width = 16\ndepth = 1\nheads = 2\nclass_depth = 1\nmlp_ratio = 1\n[train]\nepochs = 1\nbatch = 10\nworkers = 2\n";
    fs::write(folder.path().join("small.toml"), recipe).unwrap();
    works(folder.path(), &["train", "small.toml", "--device", "cpu", "--out", "run"]);
    let refusal = refused(folder.path(), &["compare", "run", "--html", "report.html"]);
    assert!(refusal.contains("vitro eval run"), "{refusal}");
    works(folder.path(), &["eval", "run", "--device", "cpu", "--limit", "10", "--only", "fog", "--severity", "2"]);
    let page = report(folder.path(), &["run", "--images", "1"]);
    self_contained(&page);
    assert!(page.contains("32 × 32 pixels, corrupted as variant cifar") && page.contains(" of 16 patches\""));
    assert!(page.contains(">Fog 2<"), "the severity that was measured");
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.json", &evaluation("a", &["fog"], &[1]));
    let mut wrong = evaluation("wrong", &["fog"], &[1]);
    wrong["per_cell"][0]["top1"] = json!(95.0);
    put(folder.path(), "wrong.json", &wrong);
    fs::write(folder.path().join("text.json"), "hello").unwrap();
    fs::write(folder.path().join("text.safetensors"), "hello").unwrap();
    let mut bytes = fs::read(zoo("vit.safetensors")).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(folder.path().join("damaged.safetensors"), bytes).unwrap();
    let report =
        |run: &str, more: &[&str]| refused(folder.path(), &[&["compare", run, "--html", "report.html"], more].concat());
    assert!(report("a.json", &["--images", "1000"]).contains("0 to 24"));
    assert!(report("a.json", &["--severity", "6"]).contains("1 (weak) to 5 (strong)"));
    assert!(report("wrong.json", &[]).contains("no evaluation gives"));
    assert!(report("text.json", &[]).contains("vitro eval"));
    assert!(report("nothing.json", &[]).contains("nothing.json"));
    assert!(report("text.safetensors", &[]).contains("text.safetensors"));
    assert!(report("damaged.safetensors", &[]).contains("hash"));
    let usage = vitro(folder.path(), &["compare", "a.json", "--images", "2"]);
    assert!(usage.status.code() == Some(2) && text(&usage.stderr).contains("--html"));
    assert!(refused(folder.path(), &["compare", "a.json", "--html", "no/where.html"]).contains("create it"));
    assert!(refused(folder.path(), &["compare", "a.json", "--html", "."]).contains("is a folder"));
}
