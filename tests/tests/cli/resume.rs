//! Going on with a run: what it may change on its way, and what is refused rather than ignored.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;
use vitro::image::encode_jpeg;
use vitro_tests::command::{refused, works};

use crate::workplace::{image, images, numbers, train, unpacked, workplace};

fn epochs(run: &Path) -> usize {
    numbers(run).iter().filter(|line| line["test_top1"].is_f64()).count()
}

#[test]
fn a_run_takes_more_epochs_from_set_and_from_an_edited_recipe_and_says_so() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let run = folder.path().join("run");
    let resume = ["train", "run", "--resume", "--device", "cpu"];
    let said = works(folder.path(), &[&resume[..], &["--set", "epochs=2", "--set", "workers=1"]].concat());
    assert!(said.contains("train.epochs is 2 from here on, instead of 1"), "{said}");
    assert!(said.contains("train.workers is 1 from here on, instead of 2"), "{said}");
    assert_eq!(epochs(&run), 2);

    // The folder's own recipe and the one that the run began with count alike.
    let own = run.join("recipe.toml");
    fs::write(&own, fs::read_to_string(&own).unwrap().replace("epochs = 2", "epochs = 3")).unwrap();
    works(folder.path(), &resume);
    assert_eq!(epochs(&run), 3);
    let small = fs::read_to_string(folder.path().join("small.toml")).unwrap();
    let small = small.replace("epochs = 3", "epochs = 4").replace("workers = 2", "workers = 1");
    fs::write(folder.path().join("small.toml"), small).unwrap();
    works(folder.path(), &["train", "small.toml", "--resume", "--device", "cpu", "--out", "run"]);
    assert_eq!(epochs(&run), 4);
}

#[test]
fn what_a_run_cannot_change_is_refused_with_both_values_however_it_is_given() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1"]);
    let run = folder.path().join("run");
    let before = fs::read(run.join("run.json")).unwrap();
    let refusal = |arguments: &[&str]| {
        let said = refused(folder.path(), &[&["train"], arguments, &["--resume", "--device", "cpu"]].concat());
        assert_eq!(fs::read(run.join("run.json")).unwrap(), before, "{said}");
        said
    };
    let said = refusal(&["run", "--set", "train.lr=0.5"]);
    assert!(said.contains("train.lr was 0.001") && said.contains("is 0.5 now"), "{said}");
    let said = refusal(&["run", "--set", "model.depth=2"]);
    assert!(said.contains("model.depth was 1") && said.contains("is 2 now"), "{said}");
    assert!(refusal(&["run", "--set", "data.flip=false"]).contains("data.flip was true"));
    assert!(refusal(&["run", "--name", "other"]).contains("name was \"small\""));
    assert!(refusal(&["run", "--set", "start.epochs=3"]).contains("RUN/start --resume --set epochs=3"));

    let small = fs::read_to_string(folder.path().join("small.toml")).unwrap();
    fs::write(
        folder.path().join("small.toml"),
        small.replace("adl = 1.0", "adl = 0.5").replace("epochs = 3", "epochs = 1"),
    )
    .unwrap();
    let said = refusal(&["small.toml", "--out", "run"]);
    assert!(said.contains("method.adl was 1.0") && said.contains("is 0.5 now"), "{said}");

    let own = run.join("recipe.toml");
    fs::write(&own, fs::read_to_string(&own).unwrap().replace("batch = 16", "batch = 8")).unwrap();
    assert!(refusal(&["run"]).contains("train.batch was 16"));
}

#[test]
fn a_run_goes_on_with_the_images_that_it_began_with_only() {
    let folder = workplace();
    unpacked(folder.path(), &images());
    let options = ["data.source=set", "train_size=0", "test_size=0", "batch=10"];
    let options: Vec<&str> = options.iter().flat_map(|change| ["--set", *change]).collect();
    train(folder.path(), "run", &[&options[..], &["--set", "epochs=1"]].concat());
    let resume = ["train", "run", "--resume", "--device", "cpu", "--set", "epochs=2"];
    let checkpoint = fs::read(folder.path().join("run/checkpoint.safetensors")).unwrap();
    let set = folder.path().join("set");
    let refusal = || {
        let said = refused(folder.path(), &resume);
        assert!(fs::read(folder.path().join("run/checkpoint.safetensors")).unwrap() == checkpoint, "{said}");
        said
    };

    // One more, one under another name, one of another size.
    let (first, last) = (set.join("train/dark/0.jpg"), set.join("train/dark/last.jpg"));
    fs::copy(&first, &last).unwrap();
    assert!(refusal().contains("21 training images instead of 20"));
    let kept = fs::read(&first).unwrap();
    fs::remove_file(&first).unwrap();
    assert!(refusal().contains("20 other training images"));
    fs::remove_file(&last).unwrap();
    fs::write(&first, encode_jpeg(&image(0), 30)).unwrap();
    assert!(refusal().contains("20 other training images"));
    fs::write(&first, &kept).unwrap();

    let test = set.join("test/bright/0.jpg");
    let kept = fs::read(&test).unwrap();
    fs::remove_file(&test).unwrap();
    assert!(refusal().contains("3 test images instead of 4"));
    fs::write(&test, &kept).unwrap();

    for split in ["train", "test"] {
        fs::rename(set.join(split).join("dark"), set.join(split).join("gloomy")).unwrap();
    }
    let said = refusal();
    assert!(said.contains("gone: dark") && said.contains("new: gloomy"), "{said}");
    for split in ["train", "test"] {
        fs::rename(set.join(split).join("gloomy"), set.join(split).join("dark")).unwrap();
    }
    works(folder.path(), &resume);
}

/// Drop-path must draw the same masks again, whichever worker asks first.
#[test]
fn a_run_with_drop_path_goes_on_to_the_same_numbers() {
    let folder = workplace();
    let options = ["model.drop_path=0.5", "model.depth=2", "epochs=2"];
    let options: Vec<&str> = options.iter().flat_map(|change| ["--set", *change]).collect();
    // Only the lengths differ, so the rate must not depend on them.
    let flat = ["--set", "min_lr=1e-3", "--set", "warmup=0"];
    train(folder.path(), "long", &[&options[..], &flat].concat());
    train(folder.path(), "short", &[&options[..], &flat, &["--set", "epochs=1"]].concat());
    works(folder.path(), &["train", "short", "--resume", "--device", "cpu", "--set", "epochs=2"]);
    assert_eq!(numbers(&folder.path().join("short")), numbers(&folder.path().join("long")));
}

/// A negative second moment has no root: loss and gradient are finite, the weights after the step are not.
#[test]
fn weights_that_are_no_numbers_replace_no_checkpoint() {
    let folder = workplace();
    train(folder.path(), "run", &["--set", "epochs=1", "--set", "ema=0"]);
    let path = folder.path().join("run/checkpoint.safetensors");
    spoil(&path, "second/", -1.0);
    let spoilt = fs::read(&path).unwrap();
    let resume = ["train", "run", "--resume", "--device", "cpu", "--set", "epochs=2"];
    let said = refused(folder.path(), &resume);
    assert!(said.contains("train.lr"), "{said}");
    assert!(fs::read(&path).unwrap() == spoilt, "the checkpoint was replaced");
    assert_eq!(epochs(&folder.path().join("run")), 1);

    // Weights so large that the loss is infinite.
    spoil(&path, "second/", 1.0);
    spoil(&path, "model/", 1e30);
    let said = refused(folder.path(), &resume);
    assert!(said.contains("train.lr") && said.contains("not taken"), "{said}");

    // A checkpoint that holds none already is no place to go on from.
    spoil(&path, "model/", f32::NAN);
    assert!(refused(folder.path(), &resume).contains("not finite"));
}

#[test]
fn a_first_epoch_that_ends_in_no_numbers_leaves_nothing() {
    let folder = workplace();
    let wild = ["--set", "lr=1e30", "--set", "warmup=0", "--set", "checkpoint_minutes=1e-9"];
    let said =
        refused(folder.path(), &[&["train", "small.toml", "--device", "cpu", "--out", "runs/a"], &wild[..]].concat());
    assert!(said.contains("train.lr"), "{said}");
    let kept = folder.path().join("runs/a/checkpoint.safetensors");
    // A step that was fine is kept, and only finite ones are.
    if kept.exists() {
        let bytes = fs::read(&kept).unwrap();
        let finite = |data: &[u8]| data.chunks(4).all(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]).is_finite());
        assert!(SafeTensors::deserialize(&bytes).unwrap().iter().all(|(_, view)| finite(view.data())));
    } else {
        assert!(!folder.path().join("runs").exists());
    }
}

/// Sets every number under `prefix` of a checkpoint to `value`.
pub(crate) fn spoil(path: &Path, prefix: &str, value: f32) {
    let mut bytes = fs::read(path).unwrap();
    let places: Vec<_> = SafeTensors::deserialize(&bytes)
        .unwrap()
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(_, view)| (view.data().as_ptr() as usize - bytes.as_ptr() as usize, view.data().len()))
        .collect();
    assert!(!places.is_empty());
    for (start, length) in places {
        for number in bytes[start..start + length].chunks_mut(4) {
            number.copy_from_slice(&value.to_le_bytes());
        }
    }
    fs::write(path, bytes).unwrap();
}
