//! Bundles of the visitor: dropped at any moment, twice, and taken out again; and an address that cannot be written.

use super::visitor::{ELEMENT, Outcome, SOON, answers, assert_same, drop_on};
use serde_json::json;
use std::time::Duration;
use vitro::image::{Rgb8, encode_png};
use vitro_tests::browser::{Image, Site};
use vitro_tests::command::works;
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;
use xtask::serve::Manner;
use xtask::workspace;

#[test]
fn a_bundle_that_comes_before_the_zoo_stands_beside_it() -> Outcome {
    let site = Site::with(Manner { delay: Duration::from_secs(2), ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    // Nothing is stored for this severity.
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20&severity=4"))?;
    page.wait_until("globalThis.vitro", SOON)?;
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.models.length"))?, 0);
    drop_on(&mut page, "mine.safetensors", &own_bundle()?)?;
    let zoo = page.evaluate("fetch('vitro/zoo/index.json').then((list) => list.json())")?;
    let zoo =
        zoo.as_array().into_iter().flatten().filter(|entry| entry["set"] == "scenes" && entry["aside"] != true).count();
    page.wait_until(&format!("{ELEMENT}.state.models.length === {}", zoo + 1), SOON)?;
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!(state.models.len(), zoo + 1, "{state:?}");
    assert!(state.models[zoo].name.starts_with("blob:"), "{state:?}");
    Ok(())
}

#[test]
fn the_same_bundle_dropped_again_adds_nothing_and_can_be_taken_out() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    let before = compare::settled(&mut page, SOON)?;
    for _ in 0..5 {
        drop_on(&mut page, "mine.safetensors", &own_bundle()?)?;
    }
    page.wait_until(&format!("{ELEMENT}.state.models.length > {}", before.models.len()), SOON)?;
    std::thread::sleep(Duration::from_secs(1));
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!(state.models.len(), before.models.len() + 1);
    let address = page.evaluate("location.href")?;
    assert!(!address.to_string().contains("blob"), "{address}");
    assert_eq!(visible_buttons(&mut page)?, 1, "the zoo's columns stay");
    page.evaluate(&format!("{ELEMENT}.shadowRoot.querySelector('.remove:not([hidden])').click()"))?;
    let after = compare::settled(&mut page, SOON)?;
    assert_same(&after, &answers(&before));
    assert_eq!((after.models.len(), visible_buttons(&mut page)?), (before.models.len(), 0));
    // Nothing holds the file any more.
    let name = state.models.last().map(|model| model.name.clone()).unwrap_or_default();
    let fetched = page.evaluate(&format!("fetch({name:?}).then(() => 'there', () => 'gone')"))?;
    assert_eq!(fetched, "gone");
    Ok(())
}

#[test]
fn a_model_that_was_just_trained_on_a_folder_of_images_answers_beside_the_zoo() -> Outcome {
    let folder = tempfile::tempdir()?;
    for (class, shade) in [("bright", 200), ("dark", 20)] {
        let place = folder.path().join("photos").join(class);
        std::fs::create_dir_all(&place)?;
        for index in 0..10 {
            let image = Rgb8::from_fn(48, 40, |x, y| [shade, (x * 5 + index) as u8, (y * 6) as u8]);
            std::fs::write(place.join(format!("{index}.png")), encode_png(&image))?;
        }
    }
    works(folder.path(), &["new", "photos", "--minutes", "0.05", "--device", "cpu"]);
    works(folder.path(), &["train", "photos.toml", "--out", "run", "--device", "cpu", "--set", "epochs=1"]);
    works(folder.path(), &["eval", "run", "--clean", "--device", "cpu"]);
    works(folder.path(), &["export", "run", "-o", "photos.safetensors"]);

    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    let before = compare::settled(&mut page, SOON)?;
    drop_on(&mut page, "photos.safetensors", &std::fs::read(folder.path().join("photos.safetensors"))?)?;
    // It sees smaller images than the zoo, and was measured so.
    page.wait_until(&format!("{ELEMENT}.state.models.at(-1)?.error?.includes('at full size')"), SOON)?;
    page.evaluate(&format!("{ELEMENT}.protocol = 'full-size'"))?;
    page.wait_until(&format!("{ELEMENT}.state.models.at(-1)?.classes"), SOON)?;
    let after = compare::settled(&mut page, SOON)?;
    let ours = after.models.last().map(|model| model.classes.clone()).unwrap_or_default();
    assert_eq!((after.models.len(), ours), (before.models.len() + 1, vec!["bright".to_owned(), "dark".to_owned()]));
    Ok(())
}

#[test]
fn an_address_that_may_not_be_changed_stops_nothing() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let refuse = "history.replaceState = () => { throw new DOMException('too many', 'SecurityError'); }";
    let mut page = browser.open_with(&site.url("?backend=cpu&src=scene:7/20"), refuse)?;
    compare::settled(&mut page, SOON)?;
    for (key, severity) in [('1', 1), ('5', 5), ('2', 2)] {
        page.press(key)?;
        page.wait_until(&format!("{ELEMENT}.state.severity === {severity}"), SOON)?;
        assert_eq!(compare::settled(&mut page, SOON)?.severity, severity);
        std::thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn an_image_is_let_go_when_the_next_one_comes() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let count = "globalThis.held = new Set();
        const { createObjectURL, revokeObjectURL } = URL;
        URL.createObjectURL = (file) => { const url = createObjectURL.call(URL, file); held.add(url); return url; };
        URL.revokeObjectURL = (url) => { held.delete(url); revokeObjectURL.call(URL, url); };";
    let mut page = browser.open_with(&site.url("?backend=cpu&src=scene:7/20"), count)?;
    compare::settled(&mut page, SOON)?;
    for index in 0..4 {
        drop_on(&mut page, "scene.png", &Image::scene(7, index).bytes)?;
        page.wait_until(&format!("{ELEMENT}.src.startsWith('blob:')"), SOON)?;
        let state = compare::settled(&mut page, SOON)?;
        assert!(state.models.len() >= 3, "{state:?}");
    }
    assert_eq!(page.evaluate(&format!("[held.size, held.has({ELEMENT}.src)]"))?, json!([1, true]));
    Ok(())
}

/// A bundle of the zoo under a name of the visitor's.
fn own_bundle() -> anyhow::Result<Vec<u8>> {
    Ok(std::fs::read(workspace::root().join("zoo/fan.safetensors"))?)
}

fn visible_buttons(page: &mut Page<'_>) -> anyhow::Result<u64> {
    let buttons = format!(
        "[...{ELEMENT}.shadowRoot.querySelectorAll('.remove')].filter((button) => button.checkVisibility()).length"
    );
    Ok(page.evaluate(&buttons)?.as_u64().unwrap_or_default())
}
