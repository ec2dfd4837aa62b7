//! Every recipe of the scenes trains, chains go all the way from one command, and what cannot work is refused with a reason.
//!
//! The recipes are the shipped ones with next to no images; how well they learn is measured in their headers.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use vitro::attack;
use vitro::image::encode_png;
use vitro::scene::{self, Split};
use vitro_tests::command::{refused, text, vitro, works};

/// What makes a shipped recipe small; a recipe that is trained first gets the same under its part.
const SMALL: &[&str] = &[
    "train.epochs=1",
    "train.batch=8",
    "train.workers=2",
    "data.train_size=16",
    "data.validation=0",
    "data.test_size=10",
];

fn recipes() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../recipes/scenes");
    let mut recipes: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    recipes.sort();
    recipes
}

/// Trains a shipped recipe on next to nothing into `out`.
fn train_small(folder: &Path, recipe: &Path, out: &str, more: &[&str]) -> String {
    let mut changes: Vec<String> = SMALL.iter().chain(more).map(ToString::to_string).collect();
    let text = fs::read_to_string(recipe).unwrap();
    for part in ["labeler", "start"] {
        let trained_first = text.lines().any(|line| line.starts_with(part) && line.contains(".toml"));
        if trained_first {
            changes.extend(SMALL.iter().map(|change| format!("{part}.{change}")));
            // The start of one recipe has a labeler of its own.
            if part == "start" && text.contains("fan-tap-adl-stl") {
                changes.extend(SMALL.iter().map(|change| format!("start.labeler.{change}")));
            }
        }
    }
    let mut arguments = vec!["train", recipe.to_str().unwrap(), "--device", "cpu", "--plain", "--out", out];
    for change in &changes {
        arguments.extend(["--set", change]);
    }
    works(folder, &arguments)
}

/// The lines of whole epochs.
fn epochs(run: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(run.join("metrics.jsonl")).unwrap();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line.get("test_top1").is_some()).collect()
}

/// Recipes that train several models have tests of their own.
const CHAINS: &[&str] = &["everything", "fan-stl", "fan-tap-adl-stl", "vit-nullspace"];

#[test]
fn every_recipe_of_the_scenes_trains() {
    let folder = TempDir::new().unwrap();
    for recipe in recipes() {
        let name = recipe.file_stem().unwrap().to_str().unwrap();
        if CHAINS.contains(&name) {
            continue;
        }
        train_small(folder.path(), &recipe, name, &[]);
        let epochs = epochs(&folder.path().join(name));
        assert_eq!(epochs.len(), 1, "{name}");
        assert!(epochs[0]["train_loss"].as_f64().is_some_and(f64::is_finite), "{name}: {}", epochs[0]);
    }
}

#[test]
fn a_student_trains_its_labeler_first_and_then_learns_from_it() {
    let folder = TempDir::new().unwrap();
    let recipe = recipes().into_iter().find(|path| path.ends_with("fan-stl.toml")).unwrap();
    let printed = train_small(folder.path(), &recipe, "student", &[]);
    assert_eq!(printed.matches("trained ").count(), 2, "{printed}");
    let run = folder.path().join("student");
    assert_eq!(epochs(&run.join("labeler")).len(), 1);
    // The token term is there: two cross-entropies of 24 classes begin near 2 · ln 24.
    let loss = epochs(&run)[0]["train_loss"].as_f64().unwrap();
    assert!(loss > 4.5, "{loss}");
    // A labeler that is there already is used as it is.
    let arguments =
        ["train", recipe.to_str().unwrap(), "--device", "cpu", "--out", "again", "--set", "labeler=student/labeler"];
    let mut arguments = arguments.to_vec();
    for change in SMALL {
        arguments.extend(["--set", change]);
    }
    works(folder.path(), &arguments);
    let losses = [run, folder.path().join("again")].map(|run| epochs(&run)[0]["train_loss"].as_f64().unwrap());
    assert_eq!(losses[0], losses[1]);
}

#[test]
fn nullspace_fine_tuning_is_compared_with_both_controls_after_equal_steps() {
    let folder = TempDir::new().unwrap();
    let recipe = recipes().into_iter().find(|path| path.ends_with("vit-nullspace.toml")).unwrap();
    let printed = train_small(folder.path(), &recipe, "run", &["method.nullspace_share=0.5"]);
    let run = folder.path().join("run");
    let arms = [run.clone(), run.join("none"), run.join("random")];
    let steps = arms.each_ref().map(|arm| epochs(arm)[0]["step"].as_u64().unwrap());
    assert_eq!(steps, [2, 2, 2]);
    let norm = |arm: &Path| epochs(arm)[0]["noise_norm"].as_f64();
    assert!(norm(&run).is_some_and(|norm| norm > 0.0));
    assert_eq!(norm(&run.join("none")), None);
    assert!(norm(&run.join("random")).is_some_and(|norm| norm > 0.0));
    for name in ["vit", "vit-nullspace-none", "vit-nullspace-random", "vit-nullspace"] {
        assert!(printed.contains(name), "{name}: {printed}");
    }
    for (control, title) in [("none", "ViT + nullspace (no noise)"), ("random", "ViT + nullspace (random noise)")] {
        let recipe = fs::read_to_string(run.join(control).join("recipe.toml")).unwrap();
        assert!(recipe.contains(&format!("title = \"{title}\"")), "{recipe}");
    }
    // Going on with a finished chain trains nothing again.
    let again = works(folder.path(), &["train", "run", "--resume", "--device", "cpu", "--plain"]);
    assert_eq!(again.matches("trained 2 steps").count(), 4, "{again}");
}

#[test]
fn a_fine_tuning_with_controls_starts_from_a_bundle_of_photographs() {
    let folder = TempDir::new().unwrap();
    for (split, class) in [("train", "cat"), ("train", "dog"), ("test", "cat"), ("test", "dog")] {
        let place = folder.path().join("photographs").join(split).join(class);
        fs::create_dir_all(&place).unwrap();
        for index in 0..8 {
            let image = scene::render(7, index + if split == "test" { 100 } else { 0 }, Split::Test, 32).image;
            fs::write(place.join(format!("{index}.png")), encode_png(&image)).unwrap();
        }
    }
    let recipe = |more: &str| {
        format!(
            "[data]\nsource = \"photographs\"\nimage_size = 32\n[model]\npreset = \"vit_nano_p4_32\"\n{more}[train]\nepochs = 1\nbatch = 8\n"
        )
    };
    fs::write(folder.path().join("vit.toml"), recipe("")).unwrap();
    let tuning = recipe("[method]\nnullspace = \"learned\"\ncontrols = true\n") + "start = \"vit.safetensors\"\n";
    fs::write(folder.path().join("tuning.toml"), tuning).unwrap();
    works(folder.path(), &["train", "vit.toml", "--device", "cpu", "--plain", "--out", "vit"]);
    works(folder.path(), &["export", "vit", "--out", "vit.safetensors"]);
    // A bundle does not say where its images are; the run that starts from it does.
    let printed = works(folder.path(), &["train", "tuning.toml", "--device", "cpu", "--plain", "--out", "tuning"]);
    for name in ["vit", "tuning-none", "tuning-random", "tuning"] {
        assert!(printed.contains(name), "{name}: {printed}");
    }
}

#[test]
fn methods_combine_in_one_chain() {
    let folder = TempDir::new().unwrap();
    let recipe = recipes().into_iter().find(|path| path.ends_with("everything.toml")).unwrap();
    train_small(folder.path(), &recipe, "run", &[]);
    let labeler = folder.path().join("run/start/labeler");
    assert_eq!(epochs(&labeler).len(), 1);
    let recipe = fs::read_to_string(folder.path().join("run/recipe.toml")).unwrap();
    assert!(recipe.contains("tap = 4") && recipe.contains("nullspace = \"learned\""), "{recipe}");
}

#[test]
fn attacks_lower_the_accuracy_that_evaluation_reports() {
    let folder = TempDir::new().unwrap();
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo/vit.safetensors");
    let zoo = zoo.to_str().unwrap();
    let measure = ["eval", zoo, "--limit", "40", "--only", "fog", "--severity", "1", "--device", "cpu", "--json"];
    let attacked = [&measure[..], &["--attack", "fgsm,pgd", "--eps", "4"]].concat();
    let found: Value = serde_json::from_str(&works(folder.path(), &attacked)).unwrap();
    let clean = found["clean_top1"].as_f64().unwrap();
    for attack in found["attacks"].as_array().unwrap() {
        assert!(attack["top1"].as_f64().unwrap() < clean, "{attack}");
    }
    let output = vitro(folder.path(), &["eval", zoo, "--attack", "pdg"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(attack::ALL.iter().all(|attack| said.contains(attack.name)), "{said}");
    let help = works(folder.path(), &["eval", "--help"]);
    assert!(attack::ALL.iter().all(|attack| help.contains(attack.title)), "{help}");
    assert!(refused(folder.path(), &["eval", zoo, "--attack", "pgd", "--steps", "0"]).contains("--steps 0"));
    assert!(refused(folder.path(), &["eval", zoo, "--attack", "pgd", "--eps", "999"]).contains("--eps 999"));
}

#[test]
fn what_cannot_work_is_refused_before_anything_is_written() {
    let folder = TempDir::new().unwrap();
    let refusal = |text: &str| {
        fs::write(folder.path().join("bad.toml"), text).unwrap();
        let message = refused(folder.path(), &["train", "bad.toml", "--device", "cpu", "--out", "bad"]);
        assert!(!folder.path().join("bad").exists(), "{message}");
        message
    };
    let fan = "[model]\npreset = \"fan_nano_p8_64\"\n";
    assert!(refusal(&format!("{fan}[method]\nstl = \"student\"\n")).contains("method.labeler"));
    assert!(refusal(&format!("{fan}[method]\nstl = \"student\"\nlabeler = \"nowhere\"\n")).contains("nowhere"));
    assert!(refusal(&format!("{fan}[method]\nnullspace = \"learned\"\n")).contains("train.start"));
    assert!(refusal(&format!("{fan}[method]\nadversary = \"pdg\"\n")).contains("pgd"));
    assert!(refusal(&format!("{fan}[method]\nadversary = \"pgd\"\nadversary_eps = 300\n")).contains("adversary_eps"));
    let vars = "[model]\npreset = \"vit_nano_p8_64\"\nattention = \"vars_d\"\n[method]\nadl = 1.0\n";
    assert!(refusal(vars).contains("vars_d"));
    let patch = "[data]\nimage_size = 60\n[model]\npreset = \"vit_nano_p8_64\"\n";
    assert!(refusal(patch).contains("60"));
    // A bundle of another network is no start, one without a token head no labeler, one of other classes neither.
    let zoo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../zoo");
    let (vit, plain) = (zoo.join("vit.safetensors"), zoo.join("fan.safetensors"));
    let start = format!("{fan}[method]\nnullspace = \"none\"\n[train]\nstart = {vit:?}\n");
    assert!(refusal(&start).contains("another network"));
    let labeler = format!("{fan}[method]\nstl = \"student\"\nlabeler = {plain:?}\n");
    assert!(refusal(&labeler).contains("token head"));
}
