//! What a visitor sets: keys, address, the bar across the image.

use super::visitor::{ELEMENT, Outcome, SOON, answers, assert_same, drop_on, error};
use serde_json::json;
use vitro_tests::browser::{Image, Site};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;
use xtask::serve::Manner;

#[test]
fn the_number_keys_set_the_severity_and_the_address() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    for (key, severity) in [('1', 1), ('2', 2), ('3', 3), ('4', 4), ('5', 5)] {
        page.press(key)?;
        page.wait_until(&format!("new URLSearchParams(location.search).get('severity') === '{key}'"), SOON)?;
        assert_eq!(compare::settled(&mut page, SOON)?.severity, severity);
    }
    Ok(())
}

#[test]
fn the_address_brings_the_same_view_back() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:11/4"))?;
    compare::settled(&mut page, SOON)?;
    page.press('5')?;
    page.wait_until("location.search.includes('severity=5')", SOON)?;
    let before = compare::settled(&mut page, SOON)?;
    let address = page.evaluate("location.href")?;
    page.navigate(address.as_str().unwrap_or_default())?;
    let after = compare::settled(&mut page, SOON)?;
    assert_eq!(after.severity, 5);
    assert_same(&after, &answers(&before));
    Ok(())
}

#[test]
fn the_wipe_follows_the_keys_and_shows_so_much_of_the_clean_image() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    let address = page.evaluate("location.href")?;
    page.evaluate("document.querySelector('vitro-compare').shadowRoot.querySelector('.bar').focus()")?;
    assert_eq!(wipe(&mut page)?, [50.0, 50.0]);
    let keys = [
        ("ArrowRight", 52.0),
        ("ArrowLeft", 50.0),
        ("PageUp", 70.0),
        ("PageDown", 50.0),
        ("End", 100.0),
        ("ArrowUp", 100.0),
        ("Home", 0.0),
        ("PageUp", 20.0),
    ];
    for (key, percent) in keys {
        page.press_named(key)?;
        let [said, shown] = wipe(&mut page)?;
        assert_eq!(said, percent, "{key}");
        assert!((shown - percent).abs() <= 1.0, "{key}: {shown} % of the clean image, not {percent} %");
    }
    // Where somebody looks is theirs: it is not part of the address.
    assert_eq!(page.evaluate("location.href")?, address);
    page.press('5')?;
    page.wait_until("document.querySelector('vitro-compare').state.severity === 5", SOON)?;
    compare::settled(&mut page, SOON)?;
    assert_eq!(wipe(&mut page)?[0], 20.0, "another severity leaves the bar where it is");
    Ok(())
}

/// What the bar says and how much of the clean image is in sight from the left on, both in percent of the width.
fn wipe(page: &mut Page<'_>) -> anyhow::Result<[f64; 2]> {
    // Of two canvases the upper one is hit, except where it is cut away.
    let measured = page.evaluate(
        "(() => {
            const root = document.querySelector('vitro-compare').shadowRoot;
            const { left, top, width, height } = root.querySelector('.wipe').getBoundingClientRect();
            const strips = Array.from({ length: 100 }, (_, strip) => {
                const under = root.elementsFromPoint(left + (strip + 0.5) * width / 100, top + height / 4);
                return under.find((element) => element.matches('canvas')).matches('.clean');
            });
            return [Number(root.querySelector('.bar').getAttribute('aria-valuenow')), strips.lastIndexOf(true) + 1];
        })()",
    )?;
    Ok(serde_json::from_value(measured)?)
}

#[test]
fn the_wipe_shows_the_same_where_text_runs_from_right_to_left() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    page.evaluate(&format!(
        "document.documentElement.dir = 'rtl'; {ELEMENT}.shadowRoot.querySelector('.bar').focus()"
    ))?;
    for (key, percent) in [("ArrowLeft", 48.0), ("PageUp", 68.0)] {
        page.press_named(key)?;
        let [said, shown] = wipe(&mut page)?;
        assert_eq!(said, percent, "{key}");
        assert!((shown - percent).abs() <= 1.0, "{key}: {shown} % of the clean image, not {percent} %");
        let bar = page.evaluate(&format!(
            "(({{ left, width }}, bar) => 100 * (bar.left + bar.width / 2 - left) / width)(
                {ELEMENT}.shadowRoot.querySelector('.wipe').getBoundingClientRect(),
                {ELEMENT}.shadowRoot.querySelector('.bar').getBoundingClientRect())"
        ))?;
        assert!(bar.as_f64().is_some_and(|bar| (bar - percent).abs() <= 1.0), "{key}: the bar stands at {bar} %");
    }
    Ok(())
}

#[test]
fn a_label_that_comes_later_marks_the_columns_at_once() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&models=vit"))?;
    compare::settled(&mut page, SOON)?;
    let image = Image::jpeg_of_a_scene()?;
    drop_on(&mut page, &image.name, &image.bytes)?;
    page.wait_until(&format!("{ELEMENT}.src.startsWith('blob:')"), SOON)?;
    compare::settled(&mut page, SOON)?;
    let marks = |page: &mut Page<'_>| {
        page.evaluate(&format!(
            "[{ELEMENT}.state.label, {ELEMENT}.state.models.map((model) => model.right),
              [...{ELEMENT}.shadowRoot.querySelectorAll('.word')].map((word) => word.textContent)]"
        ))
    };
    assert_eq!(marks(&mut page)?, json!([null, [null], [""]]));
    let class = page.evaluate(&format!("{ELEMENT}.label = {ELEMENT}.state.models[0].top"))?;
    let marked = marks(&mut page)?;
    assert_eq!((&marked[0], &marked[1][0], &marked[2][0]), (&class, &json!(true), &json!("right")));
    page.evaluate(&format!("{ELEMENT}.label = ''"))?;
    assert_eq!(marks(&mut page)?, json!([null, [null], [""]]));
    Ok(())
}

#[test]
fn a_known_label_survives_an_error() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&src=scene:7/3"))?;
    compare::settled(&mut page, SOON)?;
    let label = page.evaluate(&format!("{ELEMENT}.state.label"))?;
    assert!(label.is_string());
    page.evaluate(&format!("{ELEMENT}.corruption = 'rain'"))?;
    assert!(error(&mut page)?.contains("rain"));
    page.evaluate(&format!("{ELEMENT}.corruption = 'snow'"))?;
    compare::settled(&mut page, SOON)?;
    assert_eq!(page.evaluate(&format!("{ELEMENT}.state.label"))?, label);
    Ok(())
}

#[test]
fn properties_that_were_set_before_the_element_was_defined_are_taken_over() -> Outcome {
    let mut browser = Browser::start(WebGpu::Off)?;
    let early = "addEventListener('DOMContentLoaded', () => {
        const element = document.querySelector('vitro-compare');
        if (element.state) throw new Error('it is defined already');
        Object.assign(element, { severity: 5, corruption: 'snow', src: 'scene:3/4' });
    })";
    // Modules run before this event; a page may still add the element's own later.
    let html = b"<!doctype html><vitro-compare></vitro-compare><script>addEventListener('load', () => import('./vitro/vitro.js'))</script>";
    let site = Site::with(Manner { files: vec![("late.html", html.to_vec())], ..Manner::default() })?;
    let mut page = browser.open_with(&site.url("late.html?backend=cpu"), early)?;
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!((state.severity, state.corruption.as_str()), (5, "snow"));
    page.evaluate(&format!("{ELEMENT}.severity = 2"))?;
    assert_eq!(page.evaluate(&format!("{ELEMENT}.getAttribute('severity')"))?, "2");
    page.evaluate(&format!("{ELEMENT}.setAttribute('severity', 'abc')"))?;
    assert_eq!(compare::settled(&mut page, SOON)?.severity, 3);
    assert_eq!(page.console(), "");
    Ok(())
}
