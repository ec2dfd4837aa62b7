//! The article under the tool: its figures are live and come when a visitor does, and its links set the tool.

use super::visitor::{
    ELEMENT, EVENTUALLY, Outcome, SOON, assert_same, drop_on, faults, photograph_seen_by, scene_seen_by,
};
use anyhow::Context;
use serde_json::json;
use vitro_tests::browser::{Image, Site};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;

const FIGURES: &str = "[...document.querySelectorAll('.ideas figure')]";

/// Goes to the article and waits until every figure that has models has their answers.
fn read(page: &mut Page<'_>) -> Outcome {
    for figure in 0.. {
        let place = format!("{FIGURES}[{figure}]");
        if page.evaluate(&format!("{place} === undefined"))? == true {
            break;
        }
        page.evaluate(&format!("{place}.scrollIntoView()"))?;
        page.wait_until(&format!("{place}.childElementCount > 0"), SOON)?;
        page.wait_until(
            &format!("((figure) => !figure || figure.state.models.length > 0 && !figure.state.busy)({place}.querySelector('vitro-compare'))"),
            EVENTUALLY,
        )?;
    }
    Ok(())
}

#[test]
fn the_figures_come_when_a_visitor_does_and_answer_as_the_command_line_does() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open("about:blank")?;
    page.resize(1280, 800)?;
    page.navigate(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    let fetched = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('article')).length";
    assert_eq!(
        page.evaluate(&format!("[{fetched}, document.querySelectorAll('vitro-compare').length]"))?,
        json!([0, 1])
    );
    assert_eq!(page.evaluate("document.querySelectorAll('.ideas article').length")?, 6);
    read(&mut page)?;
    let asked = page.evaluate(&format!(
        "{FIGURES}.map((figure) => [figure.dataset.corruption, Number(figure.dataset.severity), figure.querySelector('vitro-compare')?.state ?? null, figure.dataset.src ?? null])"
    ))?;
    let mut live = 0;
    for figure in asked.as_array().into_iter().flatten().filter(|figure| !figure[2].is_null()) {
        let (corruption, severity) = (figure[0].as_str().unwrap_or_default(), figure[1].as_u64().unwrap_or_default());
        let state = compare::parse(&figure[2]).with_context(|| format!("a figure's state is incomplete: {figure}"))?;
        let names: Vec<&str> = state.models.iter().map(|model| model.name.as_str()).collect();
        let seen_by = |names: &str, severity| match figure[3].as_str() {
            Some(scene) => scene_seen_by(scene, names, corruption, severity),
            None => photograph_seen_by(names, corruption, severity),
        };
        assert_same(&state, &seen_by(&names.join(","), u8::try_from(severity)?)?);
        live += 1;
    }
    assert!(live >= 3, "{live} figures have answers: {asked}");
    // What the first paragraph says of its figure.
    let counts = page.evaluate(&format!(
        "{FIGURES}[0].querySelector('vitro-compare').state.models.map(({{ patches }}) => patches)"
    ))?;
    assert!(counts[0].as_u64() < counts[1].as_u64(), "{counts}");
    // A slider of its own.
    page.evaluate(&format!(
        "((slider) => {{ slider.value = '0'; slider.dispatchEvent(new Event('input')); }})({FIGURES}[0].querySelector('input'))"
    ))?;
    page.wait_until(&format!("{FIGURES}[0].querySelector('vitro-compare').state.severity === 0 || null"), SOON)?;
    assert_eq!(page.evaluate(&format!("{ELEMENT}.severity"))?, 3, "the tool keeps its own");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_link_sets_the_tool_and_leaves_the_visitors_image_there() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    drop_on(&mut page, "mine.png", &Image::scene(7, 3).bytes)?;
    page.wait_until(&format!("{ELEMENT}.src.startsWith('blob:')"), SOON)?;
    let mine = page.evaluate(&format!("{ELEMENT}.src"))?;
    page.evaluate("document.querySelector('.ideas').scrollIntoView()")?;
    page.wait_until("document.querySelector('.ideas figure > *')", SOON)?;
    page.evaluate("document.querySelector('.ideas a[href*=snow]').click()")?;
    let state = compare::settled(&mut page, SOON)?;
    let names: Vec<&str> = state.models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!(names, ["cifar10/vit", "cifar10/fan"]);
    assert_eq!(
        page.evaluate(&format!("[{ELEMENT}.corruption, {ELEMENT}.severity, {ELEMENT}.src]"))?,
        json!(["snow", 3, mine])
    );
    assert_eq!(page.evaluate("document.activeElement.localName")?, "vitro-compare", "the keyboard goes on from there");
    // A scene is not a visitor's: models of photographs do not know it.
    page.evaluate("document.querySelector('.sources .roll').click()")?;
    page.wait_until(&format!("{ELEMENT}.src.startsWith('scene:') || null"), SOON)?;
    page.evaluate("document.querySelector('.ideas a[href*=snow]').click()")?;
    page.wait_until(&format!("{ELEMENT}.src.endsWith('chelsea.jpg') || null"), SOON)?;
    // Every link is an address of the page as well, and shows the same to whom it is sent.
    let link = page.evaluate("document.querySelector('.ideas a[href*=snow]').href")?;
    page.navigate(link.as_str().unwrap_or_default())?;
    let sent = compare::settled(&mut page, SOON)?;
    assert_eq!(sent.models.iter().map(|model| &model.name).collect::<Vec<_>>(), names);
    assert_eq!((sent.corruption.as_str(), sent.severity), ("snow", 3));
    let panel = page.evaluate("document.querySelector('.ideas a[href*=panel]').search")?;
    assert!(panel.as_str().is_some_and(|search| search.contains("make=patch_noise")), "{panel}");
    Ok(())
}

#[test]
fn axe_finds_nothing_in_the_article_and_it_fits_a_phone() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu"))?;
    compare::settled(&mut page, SOON)?;
    read(&mut page)?;
    for light in ["light", "dark"] {
        page.emulate(&[("prefers-color-scheme", light)])?;
        let found = faults(&mut page, ".ideas")?;
        assert!(found.is_empty(), "{light}:\n{}", found.join("\n"));
    }
    for width in [320, 768, 1280] {
        page.resize(width, 800)?;
        let wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        assert_eq!(wide, 0, "{width} pixels");
    }
    Ok(())
}
