//! The recipes with published settings: each names its paper and its network, and each trains for two steps.
//!
//! Networks are cut to one block of each stage and images to 64 pixels, and nobody learns anything in two steps. The claim is
//! that the settings can be said, and that what they say can be done.

use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use tempfile::TempDir;
use vitro::image::encode_jpeg;
use vitro::model::{ModelConfig, parameters};
use vitro_cli::recipe::{self, Recipe};
use vitro_tests::command::works;

use crate::workplace::{image, numbers};

/// What the name of a recipe begins with; each has a test of its own, so that they run side by side.
const METHODS: &[&str] = &["fan", "stl", "rvt", "vars", "nullspace"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn recipes() -> Vec<PathBuf> {
    let folder = fs::read_dir(repository().join("recipes/imagenet")).unwrap();
    let mut recipes: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    recipes.sort();
    recipes
}

fn name(recipe: &Path) -> String {
    recipe.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The comment on top, as one line.
fn header(recipe: &Path) -> String {
    let text = fs::read_to_string(recipe).unwrap();
    let lines = text.lines().take_while(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#'));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// A number as people write it: 28 345 336.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_header_names_paper_network_and_numbers_that_are_not_ours() {
    let index = fs::read_to_string(repository().join("docs/imagenet.md")).unwrap();
    for file in recipes() {
        let (name, header) = (name(&file), header(&file));
        assert!(METHODS.iter().any(|method| name.starts_with(method)), "{name} is trained by no test");
        assert!(index.contains(&format!("`{name}`")), "docs/imagenet.md does not list {name}");
        let command = format!("vitro train recipes/imagenet/{name}.toml --set data.source=FOLDER");
        let parts =
            [&command, "Paper \"", "arXiv 2", "Settings ", "Differs ", "Hardware ", "Published ", "not measured here"];
        for part in parts {
            assert!(header.contains(part), "{name}: {part} is not in {header}");
        }
        // Every key is known, or it could not be read.
        let recipe = recipe::read(&file, &[]).unwrap();
        let model = recipe.model_config(1000).unwrap().init(&Device::flex()).unwrap();
        let counted = format!("Parameters {} Settings", grouped(parameters(&model)));
        assert!(header.contains(&counted), "{name}: {counted} is not in {header}");
    }
}

#[test]
fn fan_trains_for_two_steps() {
    train("fan");
}

#[test]
fn stl_trains_its_labeler_and_its_student_for_two_steps() {
    let folder = train("stl-fan");
    two_steps(&folder.path().join("stl-fan/labeler"));
}

#[test]
fn rvt_trains_for_two_steps() {
    train("rvt");
}

#[test]
fn vars_trains_for_two_steps() {
    train("vars");
}

#[test]
fn nullspace_fine_tunes_for_two_steps() {
    train("nullspace");
}

/// Trains the recipes whose names begin with `method` on next to nothing.
fn train(method: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    imagenet(folder.path());
    for file in recipes().into_iter().filter(|file| name(file).starts_with(method)) {
        let (name, recipe) = (name(&file), recipe::read(&file, &[]).unwrap());
        let mut changes = small(&recipe);
        for (part, key, named) in recipe.foundations() {
            if named.ends_with(".toml") {
                let first = recipe::read(&file.with_file_name(named), &[]).unwrap();
                changes.extend(small(&first).iter().map(|change| format!("{part}.{change}")));
            } else {
                fs::write(folder.path().join("start.toml"), start(&recipe.model.preset)).unwrap();
                changes.push(format!("{key}=start.toml"));
            }
        }
        let mut arguments = vec!["train", file.to_str().unwrap(), "--device", "cpu", "--plain", "--out", name.as_str()];
        changes.iter().for_each(|change| arguments.extend(["--set", change]));
        works(folder.path(), &arguments);
        two_steps(&folder.path().join(&name));
        // The weights of all of them together are large.
        fs::remove_file(folder.path().join(&name).join("checkpoint.safetensors")).unwrap();
    }
    folder
}

fn two_steps(run: &Path) {
    let last = numbers(run).pop().unwrap();
    assert_eq!(last["step"], 2, "{}: {last}", run.display());
    assert!(last["train_loss"].as_f64().is_some_and(f64::is_finite), "{}: {last}", run.display());
}

/// A folder as that of ImageNet: two classes by their numbers, `train` and `val`.
fn imagenet(folder: &Path) {
    for (split, count) in [("train", 12), ("val", 2)] {
        for (class, shade) in [("n01440764", 0), ("n01443537", 3)] {
            let place = folder.join("imagenet").join(split).join(class);
            fs::create_dir_all(&place).unwrap();
            for index in 0..count {
                fs::write(place.join(format!("{index}.JPEG")), encode_jpeg(&image(shade + index), 90)).unwrap();
            }
        }
    }
}

/// What of a recipe does not fit: the number of images, their size, the depth of the network.
fn small(recipe: &Recipe) -> Vec<String> {
    let mut changes = vec![
        "data.source=imagenet".to_owned(),
        "data.image_size=64".to_owned(),
        "data.epoch_size=8".to_owned(),
        // Repeats take epochs of 256 images.
        "data.repeats=1".to_owned(),
        "train.epochs=1".to_owned(),
        "train.cooldown=0".to_owned(),
        "train.accumulation=1".to_owned(),
        "train.batch=4".to_owned(),
        "train.workers=2".to_owned(),
    ];
    if recipe.data.validation > 0.0 {
        // Of so few images, a tenth by their names may be none.
        changes.push("data.validation=0.4".to_owned());
    }
    match recipe.model_config(2).unwrap() {
        ModelConfig::Rvt(config) => {
            let stages = config.stages.iter();
            let stages =
                stages.map(|stage| format!("{{ width = {}, depth = 1, heads = {} }}", stage.width, stage.heads));
            changes.push(format!("model.stages=[{}]", stages.collect::<Vec<_>>().join(", ")));
            changes.push(format!("model.masked_blocks={}", config.masked_blocks.min(1)));
        }
        _ => changes.push("model.depth=1".to_owned()),
    }
    changes
}

/// A recipe for something to start from, where the shipped one names a file.
fn start(preset: &str) -> String {
    format!(
        "[data]\nsource = \"imagenet\"\nimage_size = 64\nepoch_size = 8\n[model]\npreset = \"{preset}\"\ndepth = 1\n\
         [train]\nepochs = 1\nbatch = 4\nworkers = 2\n"
    )
}
