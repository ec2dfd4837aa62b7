//! The panel in which an image is changed step by step: its numbers are those of the native functions, on the same image and seed.

use std::fs;

use anyhow::Context;
use burn::prelude::*;
use burn::tensor::TensorData;
use serde_json::{Value, json};
use vitro::bundle;
use vitro::corruption;
use vitro::measurement::Single;
use vitro::model::Model;
use vitro::probe::class_map;
use vitro::synthesis::{self, Made, Subject, Wish};
use vitro_tests::browser::Site;
use xtask::browser::{Browser, Page, WebGpu};
use xtask::{compare, workspace};

use super::visitor::{EVENTUALLY, Outcome, SOON, faults};

/// Keeps what the panel shows, and how often something was made to its end.
const HEARD: &str = "globalThis.shown = []; globalThis.made = 0; globalThis.maps = null;
    addEventListener('explained', ({ detail }) => { maps = detail.map((map) => map && [...map]); });
    addEventListener('shown', ({ detail }) => shown.push({ ...detail, clean: null, image: null, noise: { ...detail.noise, pixels: null } }));
    addEventListener('made', () => { made += 1; });";
const PANEL: &str = "document.querySelector('.panel.synthesis')";

/// What a row comes to without a browser: its steps, and the logits of what it makes and of its control.
struct Native {
    steps: Vec<synthesis::Step>,
    logits: Vec<f32>,
    control: Option<Vec<f32>>,
    watching: Vec<f32>,
    /// What speaks for the class that each of both sees in what is made.
    maps: [Option<Vec<f32>>; 2],
}

/// Scene 3 of seed 7 in fog 2, as the page is asked for it; `other` watches.
fn native(name: &str, model: &str, other: &str, amount: f64) -> anyhow::Result<Native> {
    let device = Device::flex();
    let open = |name: &str| -> anyhow::Result<_> {
        let bytes = fs::read(workspace::root().join("zoo").join(format!("{name}.safetensors")))?;
        Ok(bundle::read(&bytes, &device)?)
    };
    let ((manifest, model), (other_manifest, other)) = (open(model)?, open(other)?);
    let preprocess = manifest.preprocess;
    let single = Single::Scene { seed: 7, index: 3 };
    let fog = (corruption::find("fog")?, 2.try_into()?);
    let seen = single.corrupted(&single.prepared(&preprocess), &preprocess, fog, 0);
    let mut values = Vec::new();
    preprocess.normalise(&seen, &mut values);
    let side = preprocess.image_size;
    let image = Tensor::<4>::from_data(TensorData::new(values, [1, 3, side, side]), &device);
    let subject = Subject::new(model, preprocess, image);
    let mut course = synthesis::find(name)?.begin(&subject, Wish { amount, seed: 0, place: [0.5; 2] })?;
    let mut steps = Vec::new();
    while let Some(step) = course.step()? {
        steps.push(step);
    }
    let numbers = |logits: Tensor<2>| logits.into_data().iter::<f32>().collect::<Vec<_>>();
    let logits = |made: &Made| subject.logits(made).map(numbers);
    let made = course.made();
    let map = |model: &Model, image: Tensor<4>, noise: Option<Tensor<3>>| -> anyhow::Result<_> {
        let scores = numbers(model.forward_with_noise(image.clone(), noise.clone(), &mut ())?.logits);
        let class = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b])).unwrap_or_default();
        let map = class_map::class_maps(model, image, noise, &[class])?;
        Ok(map.map(|map| class_map::read(&map.into_data().iter::<f32>().collect::<Vec<_>>())))
    };
    let maps = match &made {
        Made::Image(image) => {
            let there = subject.made_for(&other_manifest.preprocess, &made).context("both see images of one size")?;
            [map(&subject.model, image.clone(), None)?, map(&other, there, None)?]
        }
        Made::Tokens(noise) => [map(&subject.model, subject.image.clone(), Some(noise.clone()))?, None],
    };
    Ok(Native {
        maps,
        steps,
        logits: logits(&made)?,
        control: course.control().map(|control| logits(&control)).transpose()?,
        watching: subject
            .made_for(&other_manifest.preprocess, &made)
            .map(|image| numbers(other.forward(image)))
            .unwrap_or_default(),
    })
}

/// Waits until something is made to its end for the first time since `before`; returns what was shown last.
fn made(page: &mut Page<'_>, before: u64) -> anyhow::Result<Value> {
    page.wait_until(&format!("made > {before}"), EVENTUALLY)?;
    page.evaluate("shown.at(-1)")
}

fn apart(told: &Value, expected: &[f32]) -> f64 {
    let told: Vec<f64> = serde_json::from_value(told.clone()).unwrap_or_default();
    assert_eq!(told.len(), expected.len(), "{told:?} for {expected:?}");
    told.iter().zip(expected).map(|(a, b)| (a - f64::from(*b)).abs()).fold(0.0, f64::max)
}

#[test]
fn everything_that_is_made_on_the_page_is_what_the_native_functions_make() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let scene = "?backend=cpu&src=scene:7/3&corruption=fog&severity=2&models=vit+fan&panel=synthesis";
    let mut page = browser.open_with(&site.url(&format!("{scene}&make=fgsm&amount=2")), HEARD)?;
    compare::settled(&mut page, SOON)?;
    made(&mut page, 0)?;
    for row in synthesis::ALL {
        let amount = if row.name == "fgsm" { 2.0 } else { row.amount.usual };
        let before = page.evaluate("made")?.as_u64().unwrap_or_default();
        page.evaluate(&format!(
            "(() => {{
                const {{ make, amount }} = {PANEL}.querySelector('form').elements;
                make.value = '{}';
                make.dispatchEvent(new Event('change'));
                amount.value = '{amount}';
                amount.dispatchEvent(new Event('input'));
            }})()",
            row.name
        ))?;
        // The choice begins with the usual amount; the slider's wish replaces it.
        page.wait_until(&format!("made > {before} && shown.at(-1).witnesses.length === 2"), EVENTUALLY)?;
        std::thread::sleep(std::time::Duration::from_millis(500));
        page.wait_until(&format!("{PANEL}.querySelector('.stop').disabled"), EVENTUALLY)?;
        let shown = page.evaluate("shown.at(-1)")?;
        let native = native(row.name, "vit", "fan", amount)?;
        let [vit, fan] = [&shown["witnesses"][0], &shown["witnesses"][1]];
        let last = native.steps.last().map(|step| (step.done, step.of));
        if last != Some((1, 1)) {
            assert_eq!(
                last.map(|(done, of)| json!([done, of])),
                Some(json!([shown["step"]["done"], shown["step"]["of"]])),
                "{}",
                row.name
            );
        }
        assert!(apart(&vit["logits"], &native.logits) < 1e-2, "{}: {vit} for {:?}", row.name, native.logits);
        match &native.control {
            Some(control) => assert!(apart(&shown["control"]["logits"], control) < 1e-2, "{}", row.name),
            None => assert_eq!(shown["control"], Value::Null, "{}", row.name),
        }
        // The maps come after everything else.
        page.wait_until(&format!("!{PANEL}.querySelector('.speaks').classList.contains('old')"), EVENTUALLY)?;
        for (at, map) in native.maps.iter().enumerate() {
            let told = page.evaluate(&format!("maps[{at}]"))?;
            match map {
                Some(map) => assert!(apart(&told, map) < 2e-3, "{}: {told} for {map:?}", row.name),
                None => assert_eq!(told, Value::Null, "{}", row.name),
            }
        }
        let drawn = native.maps.iter().flatten().count();
        assert_eq!(page.evaluate(&format!("{PANEL}.querySelectorAll('.maps canvas').length"))?, json!(drawn));
        if native.watching.is_empty() {
            assert!(fan["refusal"].as_str().unwrap_or_default().contains("tokens"), "{fan}");
        } else {
            assert!(apart(&fan["logits"], &native.watching) < 1e-2, "{}: {fan}", row.name);
        }
        // Noise that the embedding loses: the logits stay, to four digits, and those of the same noise in another order do not.
        if row.name == "patch_noise" {
            let shift = |said: &Value| said["shift"].as_f64().unwrap_or(f64::NAN);
            assert!(
                shift(vit) <= 1e-4 && shift(&shown["control"]) > 0.1,
                "{} {}",
                shift(vit),
                shift(&shown["control"])
            );
            assert!(shown["noise"]["size"].as_f64() > Some(5.0), "{}", shown["noise"]);
        }
    }
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn the_engine_comes_when_the_panel_is_opened_and_what_it_makes_is_in_the_address() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu&src=scene:7/3&models=vit+fan"), HEARD)?;
    compare::settled(&mut page, SOON)?;
    let fetched = "performance.getEntriesByType('resource').filter(({ name }) => /synthesis/.test(name)).length";
    assert_eq!(page.evaluate(fetched)?, 0);
    page.evaluate(&format!("{PANEL}.querySelector('summary').click()"))?;
    let shown = made(&mut page, 0)?;
    assert_eq!(shown["witnesses"].as_array().map(Vec::len), Some(2));
    let said = page.evaluate(&format!("{PANEL}.querySelector('.told').textContent"))?;
    assert!(said.as_str().unwrap_or_default().ends_with("after 5 steps."), "{said}");
    page.wait_until("new URLSearchParams(location.search).get('make') === 'pgd'", SOON)?;
    assert_eq!(page.evaluate("new URLSearchParams(location.search).get('panel')")?, "synthesis");

    // The same image in other weather is changed anew, for as long as the panel is open.
    page.evaluate("document.querySelector('vitro-compare').severity = 5")?;
    made(&mut page, 1)?;
    let rows = page.evaluate(&format!("[...{PANEL}.querySelectorAll('tbody tr')].map((row) => row.cells.length)"))?;
    assert_eq!(rows, json!([4, 4]));
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_patch_is_carried_by_hand_and_by_keys_and_what_cannot_be_done_is_said() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let address = "?backend=cpu&src=scene:7/3&severity=0&models=vit+cifar10/vit&panel=synthesis&make=patch&amount=25";
    let mut page = browser.open_with(&site.url(address), HEARD)?;
    compare::settled(&mut page, SOON)?;
    made(&mut page, 0)?;
    // The second model may join after the first is done.
    page.wait_until(
        &format!("shown.at(-1).witnesses.length === 2 && {PANEL}.querySelector('.stop').disabled"),
        EVENTUALLY,
    )?;
    let here = page.evaluate("shown.at(-1)")?;
    let other = here["witnesses"][1]["refusal"].as_str().unwrap_or_default();
    assert!(other.contains("32×32") && other.contains("64×64"), "{here}");
    // Who does not see it has no map.
    page.wait_until("maps?.length === 2", EVENTUALLY)?;
    let map = page.evaluate("maps[0]")?;
    assert_eq!(page.evaluate("maps[1]")?, Value::Null);
    assert_eq!(page.evaluate(&format!("{PANEL}.querySelectorAll('.maps figure').length"))?, json!(1));
    let count = page.evaluate("shown.length")?;
    let canvas = format!("{PANEL}.querySelector('.made')");
    let key = "dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true, cancelable: true }))";
    page.evaluate(&format!("{canvas}.{key}"))?;
    page.wait_until(&format!("shown.length > {count}"), SOON)?;
    let there = page.evaluate("shown.at(-1)")?;
    assert_ne!(there["witnesses"][0]["logits"], here["witnesses"][0]["logits"]);
    page.wait_until(&format!("JSON.stringify(maps[0]) !== '{map}'"), EVENTUALLY)?;
    page.evaluate(&format!(
        "(() => {{
            const canvas = {canvas};
            const {{ left, top, width, height }} = canvas.getBoundingClientRect();
            canvas.setPointerCapture = () => {{}};
            canvas.dispatchEvent(new PointerEvent('pointerdown', {{ clientX: left + width * 0.9, clientY: top + height * 0.1, pointerId: 1 }}));
        }})()"
    ))?;
    page.wait_until(&format!("shown.length > {count} + 1"), SOON)?;
    assert_ne!(page.evaluate("shown.at(-1).witnesses[0].logits")?, there["witnesses"][0]["logits"]);

    // Patches of 4×4 pixels are 48 numbers and become 96: nothing is lost, and the panel says so.
    page.evaluate(&format!(
        "(() => {{
            const {{ make, against }} = {PANEL}.querySelector('form').elements;
            against.value = 'cifar10/vit';
            make.value = 'patch_noise';
            make.dispatchEvent(new Event('change'));
        }})()"
    ))?;
    page.wait_until(
        &format!("/48 numbers each, and keeps 96/.test({PANEL}.querySelector('.told').textContent)"),
        SOON,
    )?;
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn axe_finds_nothing_in_the_open_panel_and_a_panel_that_was_closed_for_long_begins_anew() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let address = "?backend=cpu&src=scene:7/3&severity=0&models=vit&panel=synthesis&make=patch";
    let mut page = browser.open_with(&site.url(address), HEARD)?;
    compare::settled(&mut page, SOON)?;
    made(&mut page, 0)?;
    for scheme in ["light", "dark"] {
        page.emulate(&[("prefers-color-scheme", scheme)])?;
        let found = faults(&mut page, ".panel.synthesis")?;
        assert!(found.is_empty(), "{scheme}:\n{}", found.join("\n"));
        let wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        assert_eq!(wide, 0, "{scheme}: the page scrolls sideways");
    }
    // Nobody looks: the engine is let go, and comes back for the next wish.
    page.evaluate(&format!("{PANEL}.open = false"))?;
    std::thread::sleep(std::time::Duration::from_secs(12));
    let before = page.evaluate("made")?.as_u64().unwrap_or_default();
    page.evaluate(&format!("{PANEL}.open = true"))?;
    let shown = made(&mut page, before)?;
    assert_eq!(shown["witnesses"][0]["refusal"], Value::Null, "{shown}");
    assert_eq!(page.console(), "");
    Ok(())
}
