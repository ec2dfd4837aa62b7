//! A folder of the visitor's in the page's panel: dropped anywhere, counted as `vitro eval --data` counts it, or refused in words.

use super::visitor::{EVENTUALLY, Outcome, SOON, SWEEP, count, counted};
use serde_json::json;
use std::fs;
use std::path::Path;
use vitro::image::encode_png;
use vitro::measurement::Single;
use vitro_tests::browser::Site;
use vitro_tests::sweep::outcomes;
use xtask::browser::{Browser, WebGpu};
use xtask::compare;

/// Images in the folder.
const IMAGES: usize = 24;

/// Scenes as image files in class folders, beside what is no image.
fn folder(place: &Path) -> anyhow::Result<()> {
    for index in 0..IMAGES {
        let scene = Single::Scene { seed: 3, index };
        // As people write them: in capitals.
        let below = place.join(scene.label().unwrap_or_default().to_uppercase());
        fs::create_dir_all(&below)?;
        fs::write(below.join(format!("{index}.png")), encode_png(&scene.square()))?;
    }
    fs::write(place.join("README.md"), "rendered")?;
    Ok(())
}

#[test]
fn a_dropped_folder_is_counted_as_the_command_line_counts_it() -> Outcome {
    let place = tempfile::tempdir()?;
    let objects = place.path().join("my objects");
    folder(&objects)?;
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&models=vit+fan&scenes=20&over=weather&severities=2+5"))?;
    compare::settled(&mut page, SOON)?;
    page.drop_files(&[objects.as_path()])?;
    page.wait_until(&format!("{SWEEP}.folder?.length === {}", IMAGES + 1), SOON)?;
    let amount = page.evaluate("document.querySelector('.amount').textContent")?;
    assert_eq!(amount, "360 images to classify from your folder, at most");
    count(&mut page)?;
    let state = counted(&mut page)?;
    assert_eq!(
        (&state["error"], &state["dataset"], &state["counted"]),
        (&json!(null), &json!("my objects"), &json!("images"))
    );
    let commands = page.evaluate(&format!("{SWEEP}.shadowRoot.querySelector('code').textContent"))?;
    let commands: Vec<_> = commands.as_str().unwrap_or_default().lines().collect();
    assert!(commands.iter().all(|command| command.contains("--data './my objects'")), "{commands:?}");
    let shown = objects.display().to_string();
    for (model, name) in state["models"].as_array().into_iter().flatten().zip(["zoo:vit", "zoo:fan"]) {
        let evaluated = outcomes(&[
            "eval",
            name,
            "--data",
            &shown,
            "--only",
            "snow,frost,fog,brightness",
            "--severity",
            "2,5",
            "--limit",
            "20",
            "--seed",
            "0",
            "--device",
            "cpu",
            "--json",
        ]);
        let right = |condition: &str| evaluated[condition].iter().filter(|right| **right).count();
        assert_eq!(
            (&model["clean"]["right"], &model["clean"]["images"]),
            (&json!(right("untouched")), &json!(20)),
            "{name}"
        );
        for (row, corruption) in ["snow", "frost", "fog", "brightness"].iter().enumerate() {
            for (column, severity) in [2, 5].iter().enumerate() {
                let there = &model["cells"][row][column]["right"];
                assert_eq!(
                    there,
                    &json!(right(&format!("{corruption} {severity}"))),
                    "{name}: {corruption} {severity}"
                );
            }
        }
    }
    // And back to scenes.
    page.evaluate("document.querySelector('.panel .again').click()")?;
    assert_eq!(page.evaluate(&format!("{SWEEP}.folder"))?, json!(null));
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_folder_that_nothing_can_be_counted_on_is_a_sentence() -> Outcome {
    let place = tempfile::tempdir()?;
    let [flat, foreign, damaged] = ["flat", "foreign", "damaged"].map(|name| place.path().join(name));
    fs::create_dir_all(&flat)?;
    fs::write(flat.join("a.png"), "no image")?;
    folder(&damaged)?;
    let broken =
        fs::read_dir(&damaged)?.filter_map(Result::ok).find(|entry| entry.path().is_dir()).map(|entry| entry.path());
    fs::write(broken.unwrap_or_default().join("0000.png"), "no image")?;
    for class in ["wombat", "quokka"] {
        fs::create_dir_all(foreign.join(class))?;
        fs::write(foreign.join(class).join("1.png"), encode_png(&Single::Scene { seed: 3, index: 0 }.square()))?;
    }
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&models=vit&scenes=300&over=this&severities=3"))?;
    compare::settled(&mut page, SOON)?;
    let go = format!("{SWEEP}.shadowRoot.querySelector('.go').click()");
    let told = [(&flat, "0 class folders"), (&foreign, "it knows no class “quokka”")];
    for (folder, words) in told {
        page.evaluate(&format!("{SWEEP}.folder = null"))?;
        page.drop_files(&[folder.as_path()])?;
        page.wait_until(&format!("{SWEEP}.folder"), SOON)?;
        page.evaluate(&go)?;
        let said = page.wait_until(&format!("{SWEEP}.state.error?.message"), EVENTUALLY)?;
        assert!(said.as_str().is_some_and(|said| said.contains(words)), "{said}");
    }
    // One damaged file is named, the others count.
    page.evaluate(&format!("{SWEEP}.folder = null"))?;
    page.drop_files(&[damaged.as_path()])?;
    page.wait_until(&format!("{SWEEP}.folder"), SOON)?;
    page.evaluate(&go)?;
    page.wait_until(
        &format!("(({{ running, failed }}) => !running && failed.length === 1)({SWEEP}.state)"),
        EVENTUALLY,
    )?;
    let state = page.evaluate(&format!("{SWEEP}.state"))?;
    assert_eq!(state["done"], json!(IMAGES), "{state}");
    assert!(
        state["failed"][0]["message"].as_str().is_some_and(|said| said.contains("0000.png is not counted")),
        "{state}"
    );
    Ok(())
}
