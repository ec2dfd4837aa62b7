//! What the page shows before its engine has arrived (`web/opening`) is true: the command line says the same of the same photograph.

use serde::Deserialize;
use std::path::Path;
use vitro::image::{Preprocess, Rgb8, decode};
use vitro::measurement::Single;
use vitro::{corruption, view};
use vitro_tests::browser::{Image, Look, apart, expected};
use xtask::{opening, workspace};

/// How far probabilities may be apart.
const TOLERANCE: f64 = 1e-3;

#[derive(Deserialize)]
struct Opening {
    src: String,
    set: String,
    corruption: String,
    severity: u8,
    seed: u64,
    side: usize,
    seen: usize,
    models: Vec<Answer>,
    corruptions: Vec<Entry>,
}

#[derive(Deserialize)]
struct Answer {
    name: String,
    probabilities: Vec<f64>,
    levels: Vec<usize>,
    attention: Vec<f64>,
    rows: usize,
    columns: usize,
    patches: usize,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    title: String,
}

fn stored() -> Opening {
    let text = std::fs::read_to_string(opening::folder().join("opening.json"))
        .expect("web/opening/opening.json; write it with `cargo xtask opening`");
    serde_json::from_str(&text).expect("a comparison")
}

/// The file that the page opens with.
fn photograph(opening: &Opening) -> Vec<u8> {
    std::fs::read(workspace::root().join("web").join(&opening.src)).expect("a photograph of the page's")
}

#[test]
fn the_stored_answers_are_those_of_the_command_line_at_every_severity() {
    let opening = stored();
    let program = Path::new(env!("CARGO_BIN_EXE_vitro-under-test"));
    let image = Image { name: "photograph.jpg".to_owned(), bytes: photograph(&opening) };
    let models = format!("{}/*", opening.set);
    for severity in 0..=5 {
        let look =
            Look { corruption: &opening.corruption, severity, seed: opening.seed, flags: &["--models", &models] };
        let found = expected(program, &image, look).expect("answers");
        for answer in &opening.models {
            let name = &answer.name;
            let (_, probabilities) = found.iter().find(|(found, _)| found == name).expect("a model of the zoo");
            let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(class, _)| class);
            let level = answer.levels.get(usize::from(severity)).copied();
            assert_eq!(level, best, "{name} at severity {severity}: run `cargo xtask opening`");
            let apart = apart(probabilities, &answer.probabilities);
            assert!(severity != opening.severity || apart <= TOLERANCE, "{name}: {apart}; run `cargo xtask opening`");
        }
    }
}

#[test]
fn the_stored_maps_are_whole_and_their_numbers_follow_from_them() {
    for Answer { name, attention, rows, columns, patches, .. } in stored().models {
        assert_eq!(attention.len(), rows * columns, "{name}");
        assert!((attention.iter().sum::<f64>() - 1.0).abs() < TOLERANCE, "{name}");
        let mut sorted = attention;
        sorted.sort_by(|a, b| b.total_cmp(a));
        let held = |count: usize| sorted.iter().take(count).sum::<f64>();
        // The fewest that hold 80 %; stored numbers are rounded.
        assert!(held(patches) > 0.8 - TOLERANCE && held(patches - 1) < 0.8 + TOLERANCE, "{name}: {patches}");
    }
}

#[test]
fn the_stored_images_are_the_photograph_clean_and_as_the_models_see_it() {
    let opening = stored();
    let single = Single::File(decode(&photograph(&opening)).expect("an image"));
    assert_eq!(view::SIDE, opening.side);
    let image = |name: &str| {
        let file = std::fs::read(opening::folder().join(name)).expect("an image");
        (decode(&file).expect("an image"), file.len())
    };
    let (clean, clean_bytes) = image("clean.jpg");
    let apart = mean_difference(&clean, &single.square());
    assert!(apart < 4.0, "clean.jpg: {apart} levels apart; run `cargo xtask opening`");
    let (corrupted, corrupted_bytes) = image("corrupted.png");
    let preprocess = Preprocess::imagenet(opening.seen);
    let fog = corruption::find(&opening.corruption).expect("a corruption");
    let severity = opening.severity.try_into().expect("a severity");
    let seen = single.corrupted(&single.prepared(&preprocess), &preprocess, (fog, severity), opening.seed);
    assert!(corrupted == seen, "corrupted.png differs: run `cargo xtask opening`");
    let bytes = clean_bytes + corrupted_bytes;
    assert!(bytes < 24_000, "{bytes} bytes are much for the first second");
}

#[test]
fn the_stored_registry_is_the_registry_and_the_photograph_is_the_one_in_the_page() {
    let opening = stored();
    let found: Vec<_> = opening.corruptions.iter().map(|entry| (entry.name.as_str(), entry.title.as_str())).collect();
    let known: Vec<_> = corruption::ALL.iter().map(|entry| (entry.name, entry.title)).collect();
    assert_eq!(found, known, "run `cargo xtask opening`");
    let page = std::fs::read_to_string(workspace::root().join("index.html")).expect("index.html");
    let Opening { src, set, .. } = opening;
    assert!(page.contains(&format!("src=\"{src}\" label=\"cat\" models=\"{set}/*\"")), "{src} and {set}");
}

fn mean_difference(a: &Rgb8, b: &Rgb8) -> f64 {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let differences = a.bytes().iter().zip(b.bytes()).map(|(a, b)| f64::from(a.abs_diff(*b)));
    differences.sum::<f64>() / a.bytes().len() as f64
}
