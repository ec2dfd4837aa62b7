//! What the models say: the same as on the command line, on either engine.

use super::visitor::{
    EVENTUALLY, Outcome, SOON, answered_by, answers, assert_same, drop_on, expected, expected_at_full_size,
    expected_layers, set_fog_four,
};
use base64::Engine as _;
use burn::Tensor;
use burn::tensor::{Device, TensorData};
use sha2::{Digest, Sha256};
use std::time::Duration;
use vitro::bundle::{self, Precision};
use vitro::corruption::{self, Severity};
use vitro::image::{Preprocess, Rgb8};
use vitro::measurement::Single;
use vitro::model::evaluating;
use vitro::model::mix::vars::Codes;
use vitro::view;
use vitro_tests::browser::{Image, Site, apart, photograph};
use vitro_tests::small_models::{manifest, small_models};
use xtask::browser::{Browser, WebGpu};
use xtask::compare;

#[test]
fn three_models_answer_when_the_page_opens() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    let state = compare::settled(&mut page, SOON)?;
    assert!(state.models.len() >= 3, "{state:?}");
    assert_eq!((state.backend.as_str(), state.corruption.as_str(), state.severity), ("cpu", "fog", 3));
    for model in &state.models {
        let sum: f64 = model.probabilities.iter().sum();
        assert!((sum - 1.0).abs() < 1e-3 && model.probabilities.len() == model.classes.len(), "{model:?}");
    }
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn the_first_scene_gets_the_answers_of_the_command_line() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/3&corruption=gaussian_noise&severity=3&seed=5"))?;
    let state = compare::settled(&mut page, SOON)?;
    let image = Image::of_the_page(7, 3);
    assert_same(&state, &expected(&image, "gaussian_noise", 3, 5)?);
    Ok(())
}

#[test]
fn the_corrupted_image_is_what_the_models_see_and_at_full_size_on_request() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:0/5&corruption=gaussian_noise&severity=4"))?;
    compare::settled(&mut page, SOON)?;
    let inside = "document.querySelector('vitro-compare').shadowRoot";
    let pixels = format!(
        "(({{ width, height }}, context) => [...context.getImageData(0, 0, width, height).data].filter((_, i) => i % 4 < 3))(
            ...[{inside}.querySelector('.wipe .corrupted')].flatMap((canvas) => [canvas, canvas.getContext('2d')]))"
    );
    let shown: Vec<u8> = serde_json::from_value(page.evaluate(&pixels)?)?;
    let (single, preprocess) = (Single::Scene { seed: 0, index: 5 }, Preprocess::imagenet(64));
    let noise = (corruption::find("gaussian_noise")?, Severity::try_from(4)?);
    let seen = single.corrupted(&single.prepared(&preprocess), &preprocess, noise, 0);
    assert!(shown == seen.bytes(), "the image is not what the models see");
    let tag = format!("{inside}.querySelector('.wipe .right').textContent");
    assert_eq!(page.evaluate(&tag)?, "Gaussian noise 4, 64 × 64: what the models see");
    let measured = format!("getComputedStyle({inside}.querySelector('.measured')).visibility");
    assert_eq!(page.evaluate(&measured)?, "visible");

    page.evaluate(&format!("{inside}.querySelector('.full input').click()"))?;
    let state = compare::settled(&mut page, SOON)?;
    assert_same(&state, &expected_at_full_size(&Image::of_the_page(0, 5), "gaussian_noise", 4)?);
    let shown: Vec<u8> = serde_json::from_value(page.evaluate(&pixels)?)?;
    assert!(shown == view::corrupt(&single.square(), noise.0, noise.1, 0).bytes(), "the image is not at full size");
    assert_eq!(page.evaluate(&tag)?, "Gaussian noise 4");
    // Nothing was measured so.
    assert_eq!(page.evaluate(&measured)?, "hidden");
    page.wait_until("location.search.includes('protocol=full-size')", SOON)?;
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn every_head_of_every_layer_looks_where_the_command_line_says_and_can_be_looked_at() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/3&corruption=fog&severity=4"))?;
    compare::settled(&mut page, SOON)?;
    let models = expected_layers(&Image::of_the_page(7, 3), "fog", 4)?;
    let models = models.as_array().cloned().unwrap_or_default();
    assert!(models.len() >= 3, "{models:?}");
    for model in &models {
        let there = page.evaluate(&format!("document.querySelector('vitro-compare').layers({})", model["name"]))?;
        let (there, here) = (there.as_array().cloned().unwrap_or_default(), model["layers"].as_array().cloned());
        let here = here.unwrap_or_default();
        assert!(here.len() >= 5 && here.len() == there.len(), "{}: {} layers", model["name"], there.len());
        for (here, there) in here.iter().zip(&there) {
            assert_eq!(here["name"], there["name"]);
            let [here, there]: [Vec<Vec<f64>>; 2] =
                [serde_json::from_value(here["heads"].clone())?, serde_json::from_value(there["heads"].clone())?];
            assert_eq!(here.len(), there.len());
            for (here, there) in here.iter().zip(&there) {
                assert!(apart(here, there) <= 1e-3, "{here:?} here, {there:?} there");
            }
        }
    }
    // Open it, go through it, close it by key.
    let inside = "document.querySelector('vitro-compare').shadowRoot";
    page.evaluate(&format!("{inside}.querySelector('.look').click()"))?;
    let said = format!("{inside}.querySelector('dialog output')?.textContent");
    let rollout = page.wait_until(&said, SOON)?;
    assert!(rollout.as_str().is_some_and(|said| said.starts_with("rollout: looks at ")), "{rollout}");
    let slide = |name: &str, to: usize| {
        let move_it = format!("(slider) => {{ slider.value = {to}; slider.dispatchEvent(new Event('input')); }}");
        format!("({move_it})({inside}.querySelector('dialog .{name}'))")
    };
    page.evaluate(&slide("layer", 0))?;
    page.evaluate(&slide("head", 2))?;
    let second = page.evaluate(&said)?;
    assert!(second.as_str().is_some_and(|said| said.starts_with("block 1, head 2: looks at ")), "{second}");
    page.press_named("Escape")?;
    page.wait_until(&format!("!{inside}.querySelector('dialog')"), SOON)?;
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_dropped_image_in_fog_gets_the_answers_of_the_command_line_on_the_cpu() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    compare::settled(&mut page, SOON)?;
    for image in [Some(Image::jpeg_of_a_scene()?), photograph()?].into_iter().flatten() {
        drop_on(&mut page, &image.name, &image.bytes)?;
        set_fog_four(&mut page)?;
        let state = compare::settled(&mut page, SOON)?;
        assert!(state.models.len() >= 3, "{state:?}");
        assert_same(&state, &expected(&image, "fog", 4, 0)?);
    }
    Ok(())
}

#[test]
fn a_dropped_image_in_fog_gets_the_answers_of_the_command_line_on_webgpu() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Software)?;
    let mut page = browser.open(&site.url("?backend=webgpu&src=scene:7/20"))?;
    compare::settled(&mut page, SOON)?;
    let image = Image::jpeg_of_a_scene()?;
    drop_on(&mut page, &image.name, &image.bytes)?;
    set_fog_four(&mut page)?;
    let verdict = compare::webgpu(&mut page, EVENTUALLY)?;
    assert!(verdict.is_ok(), "{verdict:?}.{}", page.console());
    let state = answered_by(&mut page, "webgpu")?;
    assert!(state.models.len() >= 3, "{state:?}");
    assert_same(&state, &expected(&image, "fog", 4, 0)?);
    Ok(())
}

#[test]
fn every_corruption_has_the_same_bytes_in_the_browser() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html"))?;
    let image = Image::jpeg_of_a_scene()?;
    page.evaluate(&format!(
        "(async () => {{
            const module = await import('./vitro/engine-cpu.js');
            await module.default();
            const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
            globalThis.digest = async (pixels) => hex(await crypto.subtle.digest('SHA-256', pixels));
            globalThis.image = module.Image.decode(new Uint8Array({:?}));
        }})()",
        image.bytes
    ))?;
    let square = view::square(&vitro::image::decode(&image.bytes)?);
    assert_eq!(page.evaluate("digest(image.clean())")?, digest(&square), "the decoded image");
    for corruption in corruption::ALL {
        for severity in Severity::ALL {
            let (name, level, seed) = (corruption.name, severity.get(), 9);
            let here = digest(&view::corrupt(&square, corruption, severity, seed));
            let there = page.evaluate(&format!("digest(image.corrupt({name:?}, {level}, {seed}))"))?;
            assert_eq!(there, here, "{name} {level}");
        }
    }
    Ok(())
}

#[test]
fn a_model_of_every_family_has_the_same_logits_and_codes_in_the_browser() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html"))?;
    page.evaluate(
        "(async () => {
            const module = await import('./vitro/engine-cpu.js');
            await module.default();
            const engine = module.open();
            globalThis.look = async (base64, pixels, side) => {
                const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
                const answer = await engine.classify(engine.load(bytes), Uint8Array.from(pixels), side);
                return [answer.logits, answer.iterations].map((values) => Array.from(values));
            };
        })()",
    )?;
    let device = Device::flex();
    for (name, config) in small_models() {
        let model = evaluating(config.init(&device)?);
        let bundle = bundle::write(&manifest(config.clone()), &model, Precision::F32)?;
        let side = config.image_size();
        let image = Rgb8::from_fn(side, side, |x, y| [(x * 37 + y) as u8, (y * 53) as u8, (x * y * 7) as u8]);
        let preprocess = Preprocess::imagenet(side);
        let mut values = Vec::new();
        preprocess.normalise(&preprocess.prepare(&image), &mut values);
        let input = Tensor::<4>::from_data(TensorData::new(values, [1, 3, side, side]), &device);
        let seen = model.trace(input);
        let here: Vec<f64> = seen.logits.into_data().iter::<f32>().map(f64::from).collect();
        // The last block's map of each iteration, without a class token, as shares.
        let patches = seen.grid[0] * seen.grid[1];
        let maps = seen.codes.last().map(Codes::maps).unwrap_or_default().into_iter().flat_map(|map| {
            let map: Vec<f64> = map.into_data().iter::<f32>().map(f64::from).collect();
            let map = map[map.len() - patches..].to_vec();
            let total: f64 = map.iter().sum();
            map.into_iter().map(move |length| if total > 0.0 { length / total } else { 0.0 })
        });
        let maps: Vec<f64> = maps.collect();

        let rgba: Vec<u8> = image.bytes().chunks(3).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
        let call = format!("look('{}', {rgba:?}, {side})", base64::prelude::BASE64_STANDARD.encode(&bundle));
        let [there, iterations]: [Vec<f64>; 2] = serde_json::from_value(page.evaluate(&call)?)?;
        assert_eq!(there.len(), here.len(), "{name}");
        for (a, b) in here.iter().zip(&there) {
            assert!((a - b).abs() <= 1e-4 * b.abs().max(1.0), "{name}: {here:?} here, {there:?} in the browser");
        }
        assert_eq!(iterations.len(), maps.len(), "{name}");
        assert_eq!(maps.is_empty(), !name.contains("vars"), "{name}");
        for (a, b) in maps.iter().zip(&iterations) {
            assert!((a - b).abs() <= 1e-4, "{name}: {maps:?} here, {iterations:?} in the browser");
        }
    }
    Ok(())
}

#[test]
fn without_webgpu_the_processor_answers() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    for script in ["", "delete Navigator.prototype.gpu"] {
        let mut page = browser.open_with(&site.url("?backend=webgpu"), script)?;
        let state = compare::settled(&mut page, SOON)?;
        assert_eq!(state.backend, "cpu");
        assert!(state.models.iter().all(|model| model.backend == "cpu"), "{state:?}");
        assert!(compare::webgpu(&mut page, SOON)?.is_err_and(|note| note.contains("processor")));
    }
    Ok(())
}

#[test]
fn the_newest_request_wins() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&severity=2&corruption=gaussian_noise"))?;
    let alone = compare::settled(&mut page, SOON)?;
    for key in ['5', '1', '4', '3', '5', '1', '4', '5', '3', '5', '1', '2'] {
        page.press(key)?;
    }
    let last = compare::settled(&mut page, SOON)?;
    assert_eq!(last.severity, 2);
    assert_same(&last, &answers(&alone));
    // Nothing of the older requests may arrive late.
    std::thread::sleep(Duration::from_secs(2));
    assert_same(&compare::settled(&mut page, SOON)?, &answers(&alone));
    Ok(())
}

/// SHA-256 of the pixels as a canvas holds them.
fn digest(image: &Rgb8) -> String {
    let opaque = image.bytes().chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect::<Vec<_>>();
    Sha256::digest(&opaque).iter().map(|byte| format!("{byte:02x}")).collect()
}
