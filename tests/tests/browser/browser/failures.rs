//! Every failure of the whole page is a sentence that says what to do, with a report to copy. What breaks the engine while it works
//! is in `engine`, what is no image in `images`.

use super::visitor::{ELEMENT, Outcome, SOON, error, report};
use std::fs;
use std::time::Duration;
use vitro_tests::browser::{Site, built_page};
use xtask::browser::{Browser, WebGpu};
use xtask::compare;
use xtask::serve::{Line, Manner};

/// The page's button.
const REPORT: &str = "document.querySelector('.sources .report')";

#[test]
fn without_webassembly_the_stored_comparison_stays_and_a_sentence_says_why_nothing_else_comes() -> Outcome {
    // Neither the page has it nor its worker.
    let worker = fs::read(built_page()?.join("vitro/engine/worker/worker.js"))?;
    let without = "delete globalThis.WebAssembly";
    let files = vec![
        ("vitro/engine/worker/worker.js", b"import './without.js'; import './real-worker.js';".to_vec()),
        ("vitro/engine/worker/without.js", without.into()),
        ("vitro/engine/worker/real-worker.js", worker),
    ];
    let site = Site::with(Manner { files, ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu"), without)?;
    let told = error(&mut page)?;
    assert!(told.starts_with("WebAssembly is switched off in this browser"), "{told}");
    let copied = report(&mut page, REPORT)?;
    assert!(
        copied.contains(&told) && copied.contains("WebAssembly missing") && copied.contains("browser: "),
        "{copied}"
    );
    let columns = page.evaluate(&format!("{ELEMENT}.shadowRoot.querySelectorAll('.column .top').length"))?;
    assert!(columns.as_u64() >= Some(3), "{columns}");
    assert!(
        page.evaluate("document.querySelector('.status').innerText")?
            .as_str()
            .is_some_and(|said| said.contains("Computed beforehand"))
    );
    Ok(())
}

#[test]
fn an_engine_that_arrives_damaged_is_not_started() -> Outcome {
    let mut bytes = fs::read(built_page()?.join("vitro/engine-cpu_bg.wasm"))?;
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let site = Site::with(Manner { files: vec![("vitro/engine-cpu_bg.wasm", bytes)], ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    let told = error(&mut page)?;
    assert!(told.starts_with("engine-cpu_bg.wasm arrives damaged") && told.contains("Reload"), "{told}");
    assert!(report(&mut page, REPORT)?.contains(&told));
    Ok(())
}

#[test]
fn weights_that_arrive_damaged_are_refused_by_name_and_the_others_answer() -> Outcome {
    let mut bytes = fs::read(built_page()?.join("vitro/zoo/vit.safetensors"))?;
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let site = Site::with(Manner { files: vec![("vitro/zoo/vit.safetensors", bytes)], ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/20"))?;
    let state = compare::settled(&mut page, SOON)?;
    assert!(state.models.len() >= 2 && state.models.iter().all(|model| model.name != "vit"), "{state:?}");
    let copied = report(&mut page, REPORT)?;
    assert!(copied.contains("“vit” arrives damaged"), "{copied}");
    Ok(())
}

#[test]
fn a_first_visit_that_loses_its_network_says_what_is_missing() -> Outcome {
    let line = Line { rate: 400_000.0, latency: Duration::from_millis(20) };
    let site = Site::with(Manner { line: Some(line), ..Manner::default() })?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    // The scripts are there, the engine is on its way.
    page.wait_until("globalThis.vitro && document.querySelector('.bytes') && vitro.engine.zoo.length > 0", SOON)?;
    page.wait_until("!document.querySelector('.bytes').hidden", SOON)?;
    site.set_reachable(false);
    let told = error(&mut page)?;
    assert!(
        told.starts_with("engine-cpu_bg.wasm could not be fetched to its end") && told.contains("connection"),
        "{told}"
    );
    assert!(report(&mut page, REPORT)?.contains(&told));
    Ok(())
}

#[test]
fn a_page_that_is_opened_from_the_disk_has_a_report_too() -> Outcome {
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&format!("file://{}", built_page()?.join("index.html").display()))?;
    let copied = report(&mut page, "document.querySelector('.unserved button')")?;
    assert!(copied.contains("opened from disk") && copied.contains("page: file://"), "{copied}");
    Ok(())
}
