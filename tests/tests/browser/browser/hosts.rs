//! Servers and pages of other people.

use super::visitor::{ELEMENT, Outcome, SOON, error, refusals};
use serde_json::json;
use std::time::Duration;
use vitro_tests::browser::{Site, built_page};
use xtask::browser::{Browser, WebGpu};
use xtask::compare;
use xtask::serve::Manner;

#[test]
fn an_embedded_comparison_answers() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html"))?;
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!((state.corruption.as_str(), state.severity), ("fog", 4));
    assert!(state.models.len() >= 3, "{state:?}");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_page_that_is_opened_from_the_disk_says_how_to_serve_it() -> Outcome {
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&format!("file://{}", built_page()?.join("index.html").display()))?;
    let told = "[...document.querySelectorAll('.unserved')].filter((place) => place.checkVisibility())[0]?.textContent";
    let told = page.wait_until(told, Duration::from_secs(10))?;
    assert!(
        told.as_str().is_some_and(|told| told.contains("over http") && told.contains("cargo xtask demo")),
        "{told}"
    );
    Ok(())
}

#[test]
fn a_page_without_javascript_says_that_it_needs_it() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_without_scripts(&site.url(""))?;
    let seen = page.evaluate("document.querySelector('main').innerText")?;
    // Then comes the article, which can be read without its figures; of the tool nothing is there that does nothing.
    let rest = "This page computes everything in your browser. Switch on JavaScript to see it.\n\nSix ideas";
    assert!(seen.as_str().is_some_and(|seen| seen.trim().starts_with(rest)), "{seen}");
    assert_eq!(
        page.evaluate(
            "[...document.querySelectorAll('main :is(a, figure)')].filter((each) => each.checkVisibility()).length"
        )?,
        0
    );
    Ok(())
}

#[test]
fn webassembly_of_another_type_is_compiled_all_the_same() -> Outcome {
    for kind in ["text/plain", "application/octet-stream"] {
        let site = Site::with(Manner { wasm: Some(kind), ..Manner::default() })?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url("?backend=cpu"))?;
        assert!(compare::settled(&mut page, SOON)?.models.len() >= 3, "{kind}");
        assert_eq!(page.console(), "", "{kind}");
    }
    Ok(())
}

#[test]
fn the_page_works_in_a_folder_and_with_what_a_proxy_adds_to_its_address() -> Outcome {
    let site = Site::with(Manner { below: "a/b/dist", ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("a/b/dist/?backend=cpu&severity=4&utm_source=x#x"))?;
    assert_eq!(compare::settled(&mut page, SOON)?.severity, 4);
    page.press('2')?;
    page.wait_until(
        "location.search.includes('severity=2') && location.search.includes('utm_source=x') && location.hash === '#x'",
        SOON,
    )?;
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn under_the_strictest_policy_that_runs_webassembly_everything_works() -> Outcome {
    let site = Site::with(under("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"))?;
    let mut browser = Browser::start(WebGpu::Off)?;
    for file in ["?backend=cpu", "embed.html?backend=cpu"] {
        let mut page = browser.open(&site.url(file))?;
        assert!(compare::settled(&mut page, SOON)?.models.len() >= 3, "{file}");
        assert_eq!(
            page.evaluate(&format!("getComputedStyle({ELEMENT}.shadowRoot.querySelector('.frame')).display"))?,
            "grid"
        );
        // A dropped image needs no exception for blob: either.
        page.evaluate(&format!(
            "fetch('page/icon.svg').then(async (svg) => {ELEMENT}.take(new File([await svg.blob()], 'icon.svg')))"
        ))?;
        assert!(error(&mut page)?.contains("“icon.svg” is a drawing"), "{file}");
        assert_eq!(page.console(), "", "{file}");
    }
    Ok(())
}

#[test]
fn a_policy_that_forbids_the_engine_is_named() -> Outcome {
    for (policy, forbidden) in [
        ("default-src 'self'; script-src 'self'", "WebAssembly"),
        ("default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'", "workers"),
    ] {
        let site = Site::with(under(policy))?;
        let mut browser = Browser::start(WebGpu::Off)?;
        let mut page = browser.open(&site.url(""))?;
        let told = error(&mut page)?;
        assert!(told.contains(&format!("policy forbids {forbidden}")), "{policy}: {told}");
    }
    Ok(())
}

#[test]
fn a_bad_bundle_is_named_in_its_column_and_the_others_answer() -> Outcome {
    let site = Site::with(Manner { missing: Some("<!doctype html><title>app</title>"), ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html?backend=cpu"))?;
    for (name, reason) in [
        ("`${location.origin}/nothing.safetensors`", "“nothing.safetensors” is a web page"),
        ("'resnet50'", "Known: vit"),
        ("'data:application/octet-stream;base64,AAAA'", "safetensors"),
        ("'http://localhost:1/x.safetensors'", "localhost:1 does not allow other sites to read it"),
    ] {
        page.evaluate(&format!("{ELEMENT}.models = `vit ${{{name}}}`"))?;
        let refused = refusals(&mut page, 2)?;
        assert!(refused.len() == 1 && refused[0].contains(reason), "{name}: {refused:?}");
        let shown =
            page.evaluate(&format!("{ELEMENT}.shadowRoot.querySelector('.column.refused .message').textContent"))?;
        assert_eq!(shown, refused[0].as_str());
        let state = compare::settled(&mut page, SOON)?;
        assert_eq!(state.models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(), ["vit"], "{name}");
    }
    Ok(())
}

#[test]
fn an_image_that_cannot_be_had_is_named_with_the_reason() -> Outcome {
    let site = Site::with(Manner { missing: Some("<!doctype html><title>app</title>"), ..Manner::default() })?;
    // Another port is another origin, and this server allows nobody.
    let other = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    let foreign = other.url("page/icon.svg");
    for (src, reasons) in [
        ("nothing.jpg", ["“nothing.jpg” is a web page", "Choose"]),
        (foreign.as_str(), ["“icon.svg” could not be fetched", "does not allow other sites"]),
        ("scene:x", ["“scene:x” is no scene", "scene:7/3"]),
        ("data:image/png;base64,*", ["data", "damaged"]),
    ] {
        page.evaluate(&format!("{ELEMENT}.src = {src:?}"))?;
        page.wait_until(&format!("{ELEMENT}.state.error?.message.includes({:?})", reasons[0]), SOON)?;
        let told = error(&mut page)?;
        assert!(told.contains(reasons[1]), "{src}: {told}");
    }
    page.evaluate(&format!("{ELEMENT}.corruption = 'rain'; {ELEMENT}.src = 'scene:7/3'"))?;
    page.wait_until(&format!("{ELEMENT}.state.error?.code === 'corruption'"), SOON)?;
    assert!(error(&mut page)?.contains("Known: gaussian_noise, "));
    page.evaluate(&format!("{ELEMENT}.corruption = 'fog'; {ELEMENT}.src = '{DOT}'"))?;
    assert!(compare::settled(&mut page, SOON)?.models.len() >= 3);
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.error"))?, json!(null));
    Ok(())
}

#[test]
fn a_second_copy_of_the_element_is_the_first_one() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("embed.html"))?;
    compare::settled(&mut page, SOON)?;
    let same = page.evaluate(
        "(async () => {
            const [first, second] = [await import('./vitro/vitro.js'), await import('./vitro/vitro.js?again')];
            return first !== second && first.VitroCompare === second.VitroCompare && first.engine === second.engine;
        })()",
    )?;
    assert_eq!((same, page.console().as_str()), (json!(true), ""));
    Ok(())
}

fn under(policy: &str) -> Manner {
    Manner { headers: vec![("Content-Security-Policy", policy.to_owned())], ..Manner::default() }
}

/// An image of one pixel.
const DOT: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";
