//! An engine that cannot hang: what breaks it is refused, and everything else goes on.

use super::visitor::{ELEMENT, EVENTUALLY, Outcome, SOON, answers, assert_same, drop_on, refusals};
use burn::tensor::Device;
use vitro::bundle::{self, Precision};
use vitro::model::evaluating;
use vitro_tests::browser::Site;
use vitro_tests::small_models::{manifest, small_models};
use xtask::browser::{Browser, WebGpu};
use xtask::compare;

#[test]
fn a_bundle_that_breaks_the_engine_is_refused_by_name_and_everything_else_goes_on() -> Outcome {
    let site = Site::with_a_breaking_engine()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    // The bundles see smaller images than the zoo.
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20&severity=2&protocol=full-size"))?;
    let before = compare::settled(&mut page, SOON)?;
    for (number, way) in ["traps", "traps at once", "traps when loaded"].into_iter().enumerate() {
        drop_on(&mut page, &format!("bundle-{number}.safetensors"), &bundle_titled(way)?)?;
        let refused = refusals(&mut page, before.models.len() + number + 1)?;
        assert_eq!(refused.len(), number + 1, "{way}: {refused:?}");
        assert!(
            refused[number].starts_with(&format!("“bundle-{number}.safetensors” stopped the engine")),
            "{refused:?}"
        );
        assert_same(&compare::settled(&mut page, SOON)?, &answers(&before));
    }
    // Not only what was answered before: the engine itself is alive.
    page.press('5')?;
    page.wait_until(&format!("{ELEMENT}.state.severity === 5"), SOON)?;
    let after = compare::settled(&mut page, SOON)?;
    assert_eq!((after.severity, after.models.len()), (5, before.models.len()));
    Ok(())
}

#[test]
fn a_bundle_that_never_answers_is_given_up_after_its_deadline() -> Outcome {
    let site = Site::with_a_breaking_engine()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20&protocol=full-size"))?;
    let before = compare::settled(&mut page, SOON)?;
    page.evaluate("vitro.engine.deadlines.classify = 10")?;
    drop_on(&mut page, "mine.safetensors", &bundle_titled("hangs")?)?;
    let refused = refusals(&mut page, before.models.len() + 1)?;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].starts_with("“mine.safetensors” gave no result within 10 s"), "{refused:?}");
    assert_same(&compare::settled(&mut page, SOON)?, &answers(&before));
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn when_the_graphics_device_is_lost_the_processor_answers_and_the_page_says_so() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Software)?;
    let mut page = browser.open(&site.url("?backend=webgpu&models=vit"))?;
    let verdict = compare::webgpu(&mut page, EVENTUALLY)?;
    assert!(verdict.is_ok(), "{verdict:?}.{}", page.console());
    page.lose_graphics()?;
    page.wait_until("vitro.engine.webgpu === 'lost'", SOON)?;
    let note = page.evaluate("vitro.engine.note")?;
    assert!(note.as_str().is_some_and(|note| note.contains("processor") && note.contains("lost")), "{note}");
    assert_eq!(page.evaluate("document.querySelector('.chip summary').textContent")?, "CPU · WebGPU lost");
    page.press('5')?;
    page.wait_until(&format!("{ELEMENT}.state.severity === 5"), SOON)?;
    let state = compare::settled(&mut page, SOON)?;
    assert!(state.models.iter().all(|model| model.backend == "cpu"), "{state:?}");
    Ok(())
}

/// A small bundle of that title.
fn bundle_titled(title: &str) -> anyhow::Result<Vec<u8>> {
    let device = Device::flex();
    let Some((_, config)) = small_models().into_iter().next() else { anyhow::bail!("there are no small models") };
    let model = evaluating(config.init(&device)?);
    let mut manifest = manifest(config);
    manifest.title = title.to_owned();
    Ok(bundle::write(&manifest, &model, Precision::F32)?)
}
