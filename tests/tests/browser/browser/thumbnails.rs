//! The small images of every corruption: the common ones at once, those of C-bar behind a heading.

use super::visitor::{ELEMENT, Outcome, SOON};
use vitro::corruption::{self, Set};
use vitro_tests::browser::Site;
use xtask::browser::{Browser, Page, WebGpu};
use xtask::compare;

/// How many small images are in sight and drawn.
const DRAWN: &str = "[...document.querySelectorAll('.thumbnails button')]
    .filter((button) => button.checkVisibility() && !button.classList.contains('stale')).length";

fn is_open(page: &mut Page<'_>) -> anyhow::Result<bool> {
    Ok(page.evaluate("document.querySelector('.thumbnails details').open")? == true)
}

#[test]
fn the_sets_of_c_bar_are_behind_a_heading_that_a_key_opens_and_the_address_keeps() -> Outcome {
    let (all, common) = (corruption::ALL.len(), corruption::by_default().count());
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("?backend=cpu&models=vit"))?;
    compare::settled(&mut page, SOON)?;
    page.wait_until(&format!("{DRAWN} === {common}"), SOON)?;
    assert!(!is_open(&mut page)?);
    page.evaluate("document.querySelector('.thumbnails summary').focus()")?;
    page.press(' ')?;
    page.wait_until("new URLSearchParams(location.search).get('more') === 'open'", SOON)?;
    page.wait_until(&format!("{DRAWN} === {all}"), SOON)?;
    let address = page.evaluate("location.href")?;
    page.navigate(address.as_str().unwrap_or_default())?;
    page.wait_until(&format!("{DRAWN} === {all}"), SOON)?;
    assert!(is_open(&mut page)?);
    page.evaluate("document.querySelector('.thumbnails summary').click()")?;
    page.wait_until("!location.search.includes('more')", SOON)?;
    Ok(())
}

#[test]
fn a_corruption_that_the_heading_hides_opens_it_when_it_is_chosen() -> Outcome {
    let hidden: Vec<_> = corruption::ALL.iter().filter(|entry| entry.set == Set::Bar).map(|entry| entry.name).collect();
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url(&format!("?backend=cpu&models=vit&corruption={}", hidden[0])))?;
    assert_eq!(compare::settled(&mut page, SOON)?.corruption, hidden[0]);
    assert!(is_open(&mut page)?);
    // The menu has them too, the last of its groups.
    let group = page.evaluate(&format!(
        "[...{ELEMENT}.shadowRoot.querySelector('select optgroup:last-child').children].map((option) => option.value)"
    ))?;
    assert_eq!(group, serde_json::json!(hidden));
    page.evaluate(&format!(
        "document.querySelector('.thumbnails details').open = false; {ELEMENT}.corruption = 'snow'"
    ))?;
    compare::settled(&mut page, SOON)?;
    assert!(!is_open(&mut page)?);
    page.evaluate(&format!("{ELEMENT}.corruption = '{}'", hidden[1]))?;
    compare::settled(&mut page, SOON)?;
    assert!(is_open(&mut page)?);
    Ok(())
}

#[test]
fn a_small_image_fills_its_place_whatever_the_models_see() -> Outcome {
    let site = Site::start()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let common = corruption::by_default().count();
    for protocol in ["measured", "full-size"] {
        let mut page = browser.open(&site.url(&format!("?backend=cpu&models=vit&protocol={protocol}")))?;
        compare::settled(&mut page, SOON)?;
        page.wait_until(&format!("{DRAWN} === {common}"), SOON)?;
        let bare = page.evaluate(
            "[...document.querySelectorAll('.thumbnails .row:first-child canvas')].filter((canvas) =>
                canvas.getContext('2d').getImageData(canvas.width - 1, canvas.height - 1, 1, 1).data[3] < 255).length",
        )?;
        assert_eq!(bare, 0, "{protocol}");
    }
    Ok(())
}
