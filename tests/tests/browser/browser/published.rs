//! The page as it is published, its scripts joined: it begins as the built one does, and every part of it finds the others.

use super::first_second::{LINE, WATCH};
use super::visitor::{ELEMENT, Outcome, SOON, answers, assert_same, photograph_of_the_page};
use serde_json::json;
use vitro_tests::browser::Site;
use xtask::browser::{Browser, WebGpu};
use xtask::compare;
use xtask::serve::Manner;

#[test]
fn what_is_published_begins_with_the_stored_comparison_and_goes_on_with_its_own_answers() -> Outcome {
    let folder = tempfile::tempdir()?;
    let site = Site::published(folder.path(), Manner { line: Some(LINE), packed: true, ..Manner::strict() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with("about:blank", WATCH)?;
    page.navigate(&site.url("?backend=cpu"))?;
    page.wait_until("seen.comparison !== null", SOON)?;
    assert_eq!(page.evaluate("globalThis.vitro?.engine.backend ?? 'none'")?, "none", "no engine is there yet");
    // The scripts have taken it over: what moves is answered before the engine is there.
    let brought = format!(
        "(({{ models, backend }}) => backend === 'none' && models.length >= 3 && models.every(({{ top }}) => top) || null)({ELEMENT}.state ?? {{ models: [] }})"
    );
    page.wait_until(&brought, SOON)?;
    let state = compare::settled(&mut page, SOON)?;
    assert_same(&state, &photograph_of_the_page("fog", 3)?);
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn what_is_published_works_without_a_network_and_so_do_the_parts_that_come_later() -> Outcome {
    let folder = tempfile::tempdir()?;
    let site = Site::published(folder.path(), Manner::strict())?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    let first = compare::settled(&mut page, SOON)?;
    let kept = "caches.keys().then((names) => Promise.all(names.map((name) => caches.open(name).then((cache) => cache.keys()))))
        .then((keys) => keys.flat().map(({ url }) => url))";
    page.wait_until(
        &format!("{kept}.then((urls) => urls.filter((url) => url.includes('.safetensors')).length >= 3 || null)"),
        SOON,
    )?;
    page.wait_until("document.querySelector('.stored').checkVisibility()", SOON)?;
    // One address for each script, that by which the page asks for it.
    let parts =
        page.evaluate(&format!("{kept}.then((urls) => urls.filter((url) => url.includes('/page/article-')).length)"))?;
    assert_eq!(parts, json!(1));
    site.set_reachable(false);
    page.navigate(&site.url("?backend=cpu&severity=3"))?;
    assert_same(&compare::settled(&mut page, SOON)?, &answers(&first));
    page.evaluate("document.querySelector('.ideas').scrollIntoView()")?;
    page.wait_until("document.querySelector('.ideas vitro-compare')?.state.models.length > 0 || null", SOON)?;
    page.evaluate("document.querySelector('.panel.synthesis').open = true")?;
    page.wait_until("document.querySelector('.panel.synthesis form') !== null || null", SOON)?;
    Ok(())
}
