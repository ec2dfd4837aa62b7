//! The elements as other people's pages use them: every row of `api.json`, and what a host may do with them.

use super::visitor::{Outcome, SOON, expected};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use vitro_tests::browser::{Image, Site, apart, built_page};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::serve::Manner;
use xtask::workspace;

/// The tags of all elements.
const TAGS: [&str; 4] = ["vitro-compare", "vitro-classify", "vitro-corrupt", "vitro-sweep"];
/// A page with nothing on it but the elements' module.
const BARE: &str = r#"<!doctype html><html lang="en"><title>elements</title><script type="module" src="vitro/vitro.js"></script><main></main></html>"#;
/// What a strict host allows.
const STRICT: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

#[test]
fn every_row_of_the_api_is_true() -> Outcome {
    let walker = include_bytes!("../../../src/browser/elements/walk.js").to_vec();
    let api = fs::read(workspace::root().join("web/element/api.json"))?;
    let files = vec![("walk.js", walker), ("api.json", api), ("scene.png", Image::scene(7, 3).bytes)];
    let site = bare(files, vec![])?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("bare.html"))?;
    page.evaluate(
        "void (async () => {
            const { walk } = await import('./walk.js');
            const api = await (await fetch('api.json')).json();
            window.walked = await walk(api, new URL('scene.png', location.href).href).catch((error) => ({ failures: [error.stack] }));
        })()",
    )?;
    let walked = page.wait_until("window.walked", Duration::from_secs(400))?;
    let failures: Vec<String> = serde_json::from_value(walked["failures"].clone())?;
    assert!(failures.is_empty(), "{}{}", failures.join("\n"), page.console());
    assert!(walked["rows"].as_u64().is_some_and(|rows| rows > 300), "{}", walked["rows"]);
    Ok(())
}

#[test]
fn an_image_inside_the_element_is_seen_without_javascript_and_classified_with_it() -> Outcome {
    let scene = Image::scene(7, 3);
    let host = r#"<!doctype html><html lang="en"><title>host</title><script type="module" src="vitro/vitro.js"></script>
        <vitro-classify model="vit" loading="eager"><img src="scene.png" alt="a scene" width="224" height="224"></vitro-classify></html>"#;
    let files = vec![("host.html", host.into()), ("scene.png", scene.bytes.clone())];
    let site = Site::with(Manner { files, headers: policy(STRICT), ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut plain = browser.open_without_scripts(&site.url("host.html"))?;
    let seen = "(({ naturalWidth, clientHeight }) => [naturalWidth, clientHeight])(document.querySelector('img'))";
    assert_eq!(plain.evaluate(seen)?, json!([224, 224]));
    let mut page = browser.open(&site.url("host.html"))?;
    let state = page.evaluate("customElements.whenDefined('vitro-classify').then(() => document.querySelector('vitro-classify').ready).then(({ state }) => state)")?;
    let native = expected(&scene, "fog", 0, 0)?;
    assert_answers_like(&state["answer"], &native);
    // The photograph makes room for the answer.
    assert_eq!(page.evaluate("document.querySelector('img').checkVisibility()")?, json!(false));
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn what_elements_answer_to_scripts_is_what_the_command_answers() -> Outcome {
    let scene = Image::scene(11, 4);
    let site = bare(vec![("scene.png", scene.bytes.clone())], policy(STRICT))?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("bare.html"))?;
    // As an address, as a file, and as pixels; one element that is in no document.
    let answers = page.evaluate(
        "(async () => {
            const { VitroCompare } = await import('./vitro/vitro.js');
            const compare = new VitroCompare();
            const blob = await (await fetch('scene.png')).blob();
            const images = ['scene.png', blob, await createImageBitmap(blob)];
            return Promise.all(images.map((image) => compare.classify(image)));
        })()",
    )?;
    let native = expected(&scene, "fog", 0, 0)?;
    for way in answers.as_array().into_iter().flatten() {
        assert_eq!(way.as_array().map(Vec::len), Some(native.len()), "{way}");
        for answer in way.as_array().into_iter().flatten() {
            assert_answers_like(answer, &native);
        }
    }
    assert_eq!(answers.as_array().map(Vec::len), Some(3));
    // An image that is set as a property is shown and measured as well.
    page.evaluate("void document.querySelector('main').append(Object.assign(document.createElement('vitro-classify'), { model: 'fan', loading: 'eager' }))")?;
    let state = page.evaluate(
        "(async () => {
            const element = document.querySelector('vitro-classify');
            element.image = await (await fetch('scene.png')).blob();
            await element.ready;
            while (!element.state.src.startsWith('blob:') || element.state.busy) await new Promise((next) => setTimeout(next, 20));
            return element.state;
        })()",
    )?;
    assert_answers_like(&state["answer"], &native);
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_corrupted_image_is_the_commands_to_the_byte_and_needs_no_network() -> Outcome {
    let scene = Image::scene(7, 3);
    let site = bare(vec![("scene.png", scene.bytes.clone())], policy(STRICT))?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("bare.html"))?;
    for (corruption, severity, seed) in [("snow", 3, 5), ("glass_blur", 5, 0), ("jpeg_compression", 2, 0)] {
        let pixels = page.evaluate(&format!(
            "import('./vitro/corrupt.js').then(({{ VitroCorrupt }}) => new VitroCorrupt().corrupt('scene.png',
                {{ corruption: {corruption:?}, severity: {severity}, seed: {seed} }})).then(({{ data }}) => [...data].filter((_, i) => i % 4 < 3))"
        ))?;
        let pixels: Vec<u8> = serde_json::from_value(pixels)?;
        let entry = vitro::corruption::find(corruption)?;
        let square = vitro::view::square(&vitro::image::decode(&scene.bytes)?);
        let native = vitro::view::corrupt(&square, entry, severity.try_into()?, seed);
        assert!(pixels == native.bytes(), "{corruption} differs from the command's");
    }
    let fetched = fetched(&mut page)?;
    assert!(fetched.iter().all(|file| !file.contains("engine-cpu") && !file.ends_with(".safetensors")), "{fetched:?}");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn elements_work_on_a_page_of_another_site() -> Outcome {
    let ours =
        Site::with(Manner { headers: vec![("Access-Control-Allow-Origin", "*".to_owned())], ..Manner::default() })?;
    let host = format!(
        r#"<!doctype html><html lang="en"><title>host</title><script type="module" src="{}"></script>
        <vitro-classify src="scene:7/3" model="vit" loading="eager"></vitro-classify><vitro-corrupt loading="eager"><img src="scene.png" alt=""></vitro-corrupt></html>"#,
        ours.url("vitro/vitro.js")
    );
    let theirs = Site::with(Manner {
        files: vec![("host.html", host.into_bytes()), ("scene.png", Image::scene(7, 3).bytes)],
        ..Manner::default()
    })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&theirs.url("host.html"))?;
    let state = page.evaluate("customElements.whenDefined('vitro-classify').then(() => document.querySelector('vitro-classify').ready).then(({ state }) => state)")?;
    assert_answers_like(&state["answer"], &expected(&Image::of_the_page(7, 3), "fog", 0, 0)?);
    assert_eq!(
        page.evaluate("document.querySelector('vitro-corrupt').ready.then(({ state }) => state.width)")?,
        json!(224)
    );
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn nothing_is_fetched_before_the_element_is_near_or_pressed() -> Outcome {
    let host = r#"<!doctype html><html lang="en"><title>host</title><script type="module" src="vitro/vitro.js"></script>
        <vitro-compare class="pressed" reveal="interaction" models="vit"></vitro-compare><vitro-sweep></vitro-sweep>
        <div id="far"></div><vitro-classify model="vit"></vitro-classify><vitro-corrupt></vitro-corrupt></html>"#;
    let site = Site::with(Manner { files: vec![("host.html", host.into())], ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(
        &site.url("host.html"),
        "addEventListener('DOMContentLoaded', () => { document.getElementById('far').style.height = '9000px'; })",
    )?;
    page.wait_until("customElements.get('vitro-sweep')", SOON)?;
    std::thread::sleep(Duration::from_millis(1500));
    let heavy = |files: &[String]| -> Vec<String> {
        let parts = [".wasm", "/zoo/", "/engine-", "/worker/worker.js", "/corrupt/worker.js", "/sweep/worker.js"];
        files.iter().filter(|file| parts.iter().any(|part| file.contains(part))).cloned().collect()
    };
    assert_eq!(heavy(&fetched(&mut page)?), Vec::<String>::new());
    assert_eq!(page.evaluate("document.querySelector('.pressed').matches(':state(idle)')")?, json!(true));
    // Hovering fetches the engine, and no weights.
    page.evaluate("document.querySelector('.pressed').shadowRoot.querySelector('.start').dispatchEvent(new PointerEvent('pointerenter'))")?;
    page.wait_until("vitro.engine.backend === 'cpu'", SOON)?;
    assert_eq!(page.evaluate("document.querySelector('.pressed').matches(':state(idle)')")?, json!(true));
    page.evaluate("document.querySelector('.pressed').shadowRoot.querySelector('.start').click()")?;
    let models = page.evaluate("document.querySelector('.pressed').ready.then(({ state }) => state.models.length)")?;
    assert_eq!(models, json!(1));
    page.evaluate("document.querySelector('vitro-classify').scrollIntoView()")?;
    page.evaluate("document.querySelector('vitro-classify').ready.then(() => true)")?;
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_hundred_elements_that_come_and_go_leave_nothing() -> Outcome {
    let site = bare(vec![("scene.png", Image::scene(7, 3).bytes)], vec![])?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("bare.html"))?;
    let cycle = |times: usize| {
        format!(
            "(async () => {{
                const image = await (await fetch('scene.png')).blob();
                for (let i = 0; i < {times}; i++) {{
                    for (const tag of {TAGS:?}) {{
                        const element = document.createElement(tag);
                        Object.assign(element, {{ loading: 'eager', models: 'vit', model: 'vit', ...tag === 'vitro-corrupt' && {{ src: 'scene.png' }} }});
                        if (i % 2 && 'image' in element) element.image = image;
                        document.querySelector('main').append(element);
                        // Every tenth stays until it has answered; the others go while they load.
                        if (i % 10 === 0 && tag !== 'vitro-sweep') await element.ready;
                        element.remove();
                    }}
                }}
                await new Promise((next) => setTimeout(next, 500));
                return true;
            }})()"
        )
    };
    page.evaluate(&cycle(12))?;
    let before = page.burden()?;
    page.evaluate(&cycle(100))?;
    let after = page.burden()?;
    println!("before {before:?}, after a hundred of each {after:?}");
    assert!(after.nodes <= before.nodes + 50, "{before:?} {after:?}");
    assert!(after.listeners <= before.listeners + 20, "{before:?} {after:?}");
    assert!(after.heap <= before.heap + 1_000_000, "{before:?} {after:?}");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn two_versions_on_one_page_keep_to_the_first() -> Outcome {
    let folder = built_page()?.join("vitro");
    let build = fs::read_to_string(folder.join("base/build.js"))?;
    let (head, _) = build.split_once("BUILD = '").unwrap_or((&build, ""));
    let other = format!("{head}BUILD = '';\n");
    // A second copy in another folder, of another build.
    let mut files = vec![("bare.html", BARE.into())];
    for path in scripts(&folder, "")? {
        let bytes = if path == "base/build.js" { other.clone().into_bytes() } else { fs::read(folder.join(&path))? };
        files.push((Box::leak(format!("other/{path}").into_boxed_str()) as &str, bytes));
    }
    let site = Site::with(Manner { files, ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("bare.html"))?;
    let said = page.evaluate(
        "(async () => {
            const warnings = [];
            console.warn = (text) => warnings.push(text);
            const first = await import('./vitro/vitro.js');
            const second = await import('./other/vitro.js');
            return [first.VitroCompare === second.VitroCompare, first.engine === second.engine, warnings.length, warnings[0]];
        })()",
    )?;
    assert_eq!(json!([said[0], said[1], said[2]]), json!([true, true, 4]), "{said}");
    assert!(said[3].as_str().is_some_and(|said| said.contains("another version")), "{said}");
    let answered = page.evaluate("(() => { const e = document.createElement('vitro-classify'); Object.assign(e, { model: 'vit', loading: 'eager' }); document.querySelector('main').append(e); return e.ready.then(() => true); })()")?;
    assert_eq!((answered, page.console().as_str()), (json!(true), ""));
    Ok(())
}

/// The scripts below a folder, by their path in it.
fn scripts(folder: &std::path::Path, below: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if entry.file_type()?.is_dir() {
            found.extend(scripts(folder, &path)?);
        } else if path.ends_with(".js") {
            found.push(path);
        }
    }
    Ok(found)
}

/// The built page with a bare page and these files beside it.
fn bare(mut files: Vec<(&'static str, Vec<u8>)>, headers: Vec<(&'static str, String)>) -> anyhow::Result<Site> {
    files.push(("bare.html", BARE.into()));
    Site::with(Manner { files, headers, ..Manner::default() })
}

fn policy(policy: &str) -> Vec<(&'static str, String)> {
    vec![("Content-Security-Policy", policy.to_owned())]
}

/// The addresses of everything that the page has fetched.
fn fetched(page: &mut Page<'_>) -> anyhow::Result<Vec<String>> {
    let fetched = page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")?;
    Ok(serde_json::from_value(fetched)?)
}

/// Holds a model's answer against the command's.
fn assert_answers_like(answer: &Value, native: &[(String, Vec<f64>)]) {
    let name = answer["name"].as_str().unwrap_or_default();
    let there = native.iter().find(|(model, _)| model == name).map(|(_, there)| there.as_slice());
    let here: Vec<f64> = serde_json::from_value(answer["probabilities"].clone()).unwrap_or_default();
    assert!(there.is_some_and(|there| apart(there, &here) <= 1e-3), "{name}: {here:?} here, {there:?} there");
}
