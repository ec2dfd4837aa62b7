//! The packages `@vitro/elements` and `@vitro/zoo` in the projects of other people, which are in `tests/projects`: installed with
//! npm, built by each project's own tools, opened, and held against the command's answers.

use super::visitor::{Outcome, SOON, TOLERANCE, assert_same, expected};
use anyhow::Context;
use serde_json::json;
use std::ffi::OsString;
use vitro_tests::browser::{Image, Project, apart};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;
use xtask::serve::Manner;

/// The corruption of every project's `<vitro-corrupt>`.
const CORRUPTED: (&str, u8) = ("snow", 3);

#[test]
fn plain_html_takes_the_packages_as_they_are_under_a_strict_policy() -> Outcome {
    let project = Project::install("plain")?;
    // Of every file, those of the workers included; the page has the same in its head.
    let policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
    let headers = vec![("Content-Security-Policy", policy.to_owned())];
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&project.serve("", Manner { headers, ..Manner::default() })?)?;
    assert_answers_like_the_command(&mut page)?;
    let mut page = browser.open(&(project.serve("", Manner::default())? + "import-map.html"))?;
    assert_answers_like_the_command(&mut page)
}

#[test]
fn a_page_that_vite_builds_in_strict_typescript_answers_in_any_folder() -> Outcome {
    let project = Project::install("vite")?.build()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&project.serve("dist", below("some/where"))?)?;
    assert_answers_like_the_command(&mut page)?;
    let verdict = page.evaluate("document.querySelector('#verdict').textContent")?;
    assert!(verdict.as_str().is_some_and(|verdict| verdict.ends_with("models are right under fog.")), "{verdict}");

    // The image that is chosen first is given up for the second.
    let image = Image::jpeg_of_a_scene()?;
    choose(&mut page, &Image::scene(11, 4))?;
    choose(&mut page, &image)?;
    let native = expected(&image, "fog", 0, 0)?;
    let items = format!(
        "document.querySelectorAll('li').length === {} && document.querySelector('ul').innerText",
        native.len()
    );
    let told = page.wait_until(&items, SOON)?;
    for (name, probabilities) in native {
        let line = told.as_str().and_then(|told| told.lines().find(|line| line.starts_with(&format!("{name}: "))));
        let (_, largest) =
            line.and_then(|line| line.rsplit_once(", ")).with_context(|| format!("no {name} in {told}"))?;
        let (here, there) = (largest.parse::<f64>()?, probabilities.into_iter().fold(0.0, f64::max));
        assert!((here - there).abs() <= TOLERANCE, "{name}: {here} here, {there} there");
    }
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_react_application_sets_properties_and_hears_events() -> Outcome {
    let project = Project::install("react")?.build()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&project.serve("dist", below("app"))?)?;
    assert_eq!(compare::settled(&mut page, SOON)?.severity, 2);
    page.evaluate("document.querySelector('button').click()")?;
    page.wait_until("document.querySelector('vitro-compare').severity === 4", SOON)?;
    assert_answers_like_the_command(&mut page)?;
    let state = compare::settled(&mut page, SOON)?;
    let heard = state.models.iter().map(|model| format!("{}: {}", model.name, model.top().0)).collect::<Vec<_>>();
    page.wait_until(&format!("document.querySelector('p').textContent === {:?}", heard.join(", ")), SOON)?;

    // A file is a property that no attribute can hold.
    let image = Image::jpeg_of_a_scene()?;
    choose(&mut page, &image)?;
    page.evaluate("document.querySelector('vitro-classify').scrollIntoView()")?;
    let answer = page.wait_until(
        "(({ answer, busy, src }) => src.startsWith('blob:') && !busy && answer?.probabilities)(document.querySelector('vitro-classify').state)",
        SOON,
    )?;
    let here: Vec<f64> = serde_json::from_value(answer)?;
    let native = expected(&image, "fog", 0, 0)?;
    let apart = native.iter().find(|(name, _)| name == "fan").map(|(_, there)| apart(there, &here));
    assert!(apart.is_some_and(|apart| apart <= TOLERANCE), "{here:?} here, {native:?} there");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_static_site_of_astro_answers_and_imports_the_packages_while_it_is_built() -> Outcome {
    let project = Project::install("astro")?.build()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let address = project.serve("dist", below("weather"))?;
    let mut plain = browser.open_without_scripts(&address)?;
    let models =
        plain.evaluate("[...document.querySelectorAll('vitro-compare li')].map(({ textContent }) => textContent)")?;
    let mut page = browser.open(&address)?;
    assert_answers_like_the_command(&mut page)?;
    let zoo = page.evaluate("customElements.get('vitro-compare').zoo.map(({ title }) => title)")?;
    assert_eq!(models, zoo);
    Ok(())
}

#[test]
fn a_page_that_webpack_builds_answers() -> Outcome {
    let project = Project::install("webpack")?.build()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&project.serve("public", below("packed"))?)?;
    assert_answers_like_the_command(&mut page)
}

#[test]
fn servers_import_the_packages_without_a_document() -> Outcome {
    let project = Project::install("node")?;
    let mut programs = vec![OsString::from("node")];
    // There is no such package for every kind of machine.
    let second = project.path().join("node_modules/.bin/node");
    if second.exists() || cfg!(target_os = "linux") {
        programs.push(second.into_os_string());
    }
    for program in programs {
        let version = project.run(&program, &["--version"])?;
        let printed = project.run(&program, &["render.js"])?;
        assert!(printed.starts_with("<vitro-compare models=\"vit "), "{version}{printed}");
        for module in ["compare", "classify", "corrupt", "sweep"] {
            let script = format!("await import('@vitro/elements/{module}'); console.log(typeof globalThis.vitro)");
            let printed = project.run(&program, &["--input-type=module", "--eval", &script])?;
            assert_eq!(printed.trim(), "undefined", "{version}{module}");
        }
    }
    Ok(())
}

/// The page shows the scene `7/3` to models in fog of severity 4, and under another corruption.
fn assert_answers_like_the_command(page: &mut Page<'_>) -> Outcome {
    let scene = Image::scene(7, 3);
    let state = compare::settled(page, SOON)?;
    assert_eq!((state.corruption.as_str(), state.severity), ("fog", 4));
    let native = expected(&Image::of_the_page(7, 3), "fog", 4, 0)?;
    assert_eq!(state.models.len(), native.len(), "{state:?}");
    assert_same(&state, &native);
    let (name, severity) = CORRUPTED;
    let pixels = page.evaluate(&format!(
        "(async (element) => {{
            element.scrollIntoView();
            element.image = new Blob([new Uint8Array({:?})]);
            const {{ corruption, severity }} = (await element.ready).state;
            const {{ data }} = await element.corrupt(element.image);
            return {{ shown: [corruption, severity], pixels: [...data].filter((_, i) => i % 4 < 3) }};
        }})(document.querySelector('vitro-corrupt'))",
        scene.bytes
    ))?;
    assert_eq!(pixels["shown"], json!([name, severity]));
    let pixels: Vec<u8> = serde_json::from_value(pixels["pixels"].clone())?;
    let square = vitro::view::square(&vitro::image::decode(&scene.bytes)?);
    let native = vitro::view::corrupt(&square, vitro::corruption::find(name)?, severity.try_into()?, 0);
    assert!(pixels == native.bytes(), "{name} differs from the command's");
    assert_eq!(page.console(), "");
    Ok(())
}

/// Chooses an image file with the page's own button.
fn choose(page: &mut Page<'_>, Image { name, bytes }: &Image) -> Outcome {
    page.evaluate(&format!(
        "(() => {{
            const chosen = new DataTransfer();
            chosen.items.add(new File([new Uint8Array({bytes:?})], {name:?}));
            const input = document.querySelector('input[type=file]');
            input.files = chosen.files;
            input.dispatchEvent(new Event('change', {{ bubbles: true }}));
        }})()"
    ))?;
    Ok(())
}

fn below(below: &'static str) -> Manner {
    Manner { below, ..Manner::default() }
}
