//! What a visitor takes along: a link, the image, a tag; and an address that comes from anywhere.

use super::visitor::{ELEMENT, Outcome, SOON, drop_on};
use serde_json::json;
use vitro::scene::{self, Split};
use vitro::view;
use vitro_tests::browser::{Image, Site};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;
use xtask::serve::Manner;

/// Stands in for the clipboard: what is copied can be read.
const CLIPBOARD: &str = "Object.defineProperty(navigator, 'clipboard', { value: {
    writeText: async (text) => { globalThis.copied = text; },
    write: async ([item]) => { globalThis.copied = await item.getType('image/png'); },
} });";
/// One that refuses, as browsers do without a permission; and what the page offers to save instead.
const REFUSING: &str = "Object.defineProperty(navigator, 'clipboard', { value: {
    writeText: async () => { throw new DOMException('no', 'NotAllowedError'); },
    write: async () => { throw new DOMException('no', 'NotAllowedError'); },
} });
globalThis.saved = []; HTMLAnchorElement.prototype.click = function () { saved.push(this.download); };";
/// The corrupted image and every answer, exactly.
const SEEN: &str = "(({ state, shadowRoot }) => JSON.stringify([
    shadowRoot.querySelector('.wipe .corrupted').toDataURL(), state.models.map(({ name, probabilities }) => [name, probabilities]),
]))(document.querySelector('vitro-compare'))";

/// Presses a button of the row and returns what the page says then.
fn share(page: &mut Page<'_>, button: &str) -> anyhow::Result<String> {
    page.evaluate(&format!(
        "document.querySelector('.said').textContent = ''; document.querySelector('.share .{button}').click()"
    ))?;
    let said = page.wait_until("document.querySelector('.said').textContent", SOON)?;
    Ok(said.as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_copied_link_shows_the_same_pixels_and_answers() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu"), CLIPBOARD)?;
    compare::settled(&mut page, SOON)?;
    page.evaluate(&format!(
        "Object.assign({ELEMENT}, {{ src: 'scene:11/4', corruption: 'snow', severity: 4, seed: 9, models: 'fan vit' }})"
    ))?;
    compare::settled(&mut page, SOON)?;
    let before = page.evaluate(SEEN)?;
    assert_eq!(share(&mut page, "link")?, "Link copied.");
    let link = page.evaluate("copied")?;
    page.navigate(link.as_str().unwrap_or_default())?;
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!((state.corruption.as_str(), state.severity, state.seed, state.models.len()), ("snow", 4, 9, 2));
    assert_eq!(page.evaluate(SEEN)?, before);
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn what_is_on_this_device_alone_is_left_out_of_a_link_and_of_a_tag_in_words() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu&models=vit"), CLIPBOARD)?;
    compare::settled(&mut page, SOON)?;
    drop_on(&mut page, "scene.png", &Image::scene(7, 3).bytes)?;
    page.wait_until(&format!("{ELEMENT}.src.startsWith('blob:')"), SOON)?;
    compare::settled(&mut page, SOON)?;
    assert_eq!(share(&mut page, "link")?, "Link copied without your image, which stays on this device.");
    let link = page.evaluate("copied")?;
    assert!(!link.to_string().contains("blob") && link.to_string().contains("models=vit"), "{link}");
    assert_eq!(share(&mut page, "widget")?, "Tag copied without your image, which stays on this device.");
    assert!(!page.evaluate("copied")?.to_string().contains("blob"));
    Ok(())
}

#[test]
fn the_copied_image_is_the_commands_to_the_byte() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let query = "?backend=cpu&models=vit&src=scene:7/3&corruption=glass_blur&severity=3&seed=2&protocol=full-size";
    let mut page = browser.open_with(&site.url(query), CLIPBOARD)?;
    compare::settled(&mut page, SOON)?;
    assert_eq!(share(&mut page, "image")?, "Image copied.");
    let bytes = page.evaluate("copied.arrayBuffer().then((buffer) => [...new Uint8Array(buffer)])")?;
    let bytes: Vec<u8> = serde_json::from_value(bytes)?;
    let copied = vitro::image::decode(&bytes)?;
    let scene = scene::render(7, 3, Split::Test, view::SIDE).image;
    let native = view::corrupt(&scene, vitro::corruption::find("glass_blur")?, 3.try_into()?, 2);
    assert!(copied == native, "the copied image differs from the command's");
    Ok(())
}

#[test]
fn what_a_browser_does_not_let_a_page_copy_is_saved_or_shown() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open_with(&site.url("?backend=cpu&models=vit&corruption=fog&severity=2"), REFUSING)?;
    compare::settled(&mut page, SOON)?;
    assert_eq!(share(&mut page, "image")?, "Image saved: this browser does not let a page copy it.");
    assert_eq!(page.evaluate("saved")?, json!(["vitro-fog-2.png"]));
    assert_eq!(share(&mut page, "link")?, "Link: this browser leaves the copying to you.");
    let shown = page.evaluate(
        "(({ value, hidden, selectionStart, selectionEnd }) => [value.includes('corruption=fog'), hidden, selectionEnd - selectionStart === value.length])(
            document.querySelector('.share textarea'))",
    )?;
    assert_eq!(shown, json!([true, false, true]));
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_copied_tag_shows_the_same_on_a_page_that_knows_nothing_of_vitro() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let query =
        "?backend=cpu&models=fan+vit&src=scene:11/4&corruption=motion_blur&severity=5&seed=3&protocol=full-size";
    let mut page = browser.open_with(&site.url(query), CLIPBOARD)?;
    compare::settled(&mut page, SOON)?;
    let before = page.evaluate(SEEN)?;
    assert_eq!(share(&mut page, "widget")?, "Tag copied.");
    let tag = page.evaluate("copied")?;
    assert!(
        tag.as_str()
            .unwrap_or_default()
            .starts_with(&format!("<script type=\"module\" src=\"{}", site.url("vitro/vitro.js"))),
        "{tag}"
    );
    // The page has the script already; what is put in by a script does not run.
    page.navigate(&site.url("embed.html"))?;
    page.evaluate(&format!("{ELEMENT}.outerHTML = {tag}; {ELEMENT}.scrollIntoView()"))?;
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!((state.corruption.as_str(), state.severity, state.seed, state.models.len()), ("motion_blur", 5, 3, 2));
    assert_eq!(page.evaluate(SEEN)?, before);
    assert_eq!(page.evaluate(&format!("{ELEMENT}.shadowRoot.querySelector('.controls').checkVisibility()"))?, true);
    Ok(())
}

#[test]
fn an_address_from_anywhere_is_brought_into_its_range() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let query = "?backend=cpu&models=vit&severity=99&seed=-3&corruption=%3Cb%3E&src=javascript:alert(1)&theme=pink&scenes=12345&protocol=none&over=7&severities=9";
    let mut page = browser.open(&site.url(query))?;
    let state = compare::settled(&mut page, SOON)?;
    assert_eq!((state.corruption.as_str(), state.severity, state.seed), ("fog", 5, 0));
    let kept = page.wait_until(
        "location.search.includes('severity=5') && ['theme', 'protocol', 'scenes', 'over', 'severities'].map((name) => new URLSearchParams(location.search).get(name))",
        SOON,
    )?;
    assert_eq!(kept, json!([null, null, null, null, null]));
    let form =
        page.evaluate("[...new FormData(document.querySelector('.panel form'))].map(([, value]) => value).join(' ')")?;
    assert_eq!(form, "50 fifteen 1 2 3 4 5");
    assert_eq!(page.console(), "");
    Ok(())
}

#[test]
fn a_link_to_another_host_fetches_nothing_from_there_before_the_visitor_agrees() -> Outcome {
    let other =
        Site::with(Manner { headers: vec![("Access-Control-Allow-Origin", "*".to_owned())], ..Manner::default() })?;
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let image = other.url("page/photographs/chelsea.jpg");
    let query = format!("?backend=cpu&models=vit&severity=2&src={image}");
    let place = "document.querySelector('.foreign')";
    for (button, asked) in [("leave", false), ("fetch", true)] {
        let mut page = browser.open(&site.url(&query))?;
        let state = compare::settled(&mut page, SOON)?;
        assert_eq!((state.severity, state.models.len()), (2, 1));
        let said = page.evaluate(&format!("{place}.checkVisibility() && {place}.innerText"))?;
        let host = other.url("").replace("http://", "");
        assert!(said.as_str().is_some_and(|said| said.contains(host.trim_end_matches('/'))), "{said}");
        assert_eq!((page.evaluate(&format!("{ELEMENT}.src"))?, other.requests()), (json!(""), 0));
        assert!(page.evaluate("location.search")?.to_string().contains(&image), "the link stays as it came");
        page.evaluate(&format!("{place}.querySelector('.{button}').click()"))?;
        compare::settled(&mut page, SOON)?;
        let shown = page.evaluate(&format!("{ELEMENT}.src"))?;
        assert_eq!((shown == image.as_str(), page.evaluate(&format!("{ELEMENT}.state.error"))?), (asked, json!(null)));
        assert_eq!(page.evaluate(&format!("{place}.checkVisibility()"))?, false);
        page.wait_until(&format!("location.search.includes({image:?}) === {asked}"), SOON)?;
        assert_eq!(other.requests() > 0, asked);
    }
    Ok(())
}
