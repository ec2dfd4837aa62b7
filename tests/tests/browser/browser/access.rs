//! Elements for everybody: axe finds nothing in any of them, in any state, whatever the page's direction, colours and motion.

use super::visitor::{Outcome, SOON, faults};
use vitro_tests::browser::{Image, Site};
use xtask::browser::{Browser, Page, WebGpu};
use xtask::serve::Manner;

/// A page with every element: waiting, answered, failed.
const HOST: &str = r#"<!doctype html><html lang="en"><head><title>elements</title><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><script type="module" src="vitro/vitro.js"></script></head><body><main><h1>Elements</h1>
<vitro-compare class="answers" loading="eager" models="vit fan" src="scene:7/3" controls></vitro-compare>
<vitro-compare loading="eager" models="nothing" src="scene:7/3"></vitro-compare>
<vitro-classify class="answers" loading="eager" model="fan" src="scene:7/3" alt="a rendered scene"></vitro-classify>
<vitro-classify class="fails" loading="eager" model="vit" src="scene:x"></vitro-classify>
<vitro-corrupt class="answers" loading="eager" corruption="snow" controls><img src="scene.png" alt="a rendered scene"></vitro-corrupt>
<vitro-corrupt reveal="interaction" poster="scene.png" alt="a rendered scene"></vitro-corrupt>
<vitro-sweep class="answers" loading="eager" reveal="auto" models="vit" corruptions="fog" severities="1 3" images="2"></vitro-sweep>
<vitro-sweep></vitro-sweep></main></body></html>"#;

#[test]
fn axe_finds_nothing_in_any_element_under_any_light_direction_or_width() -> Outcome {
    let site = host()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("host.html"))?;
    answered(&mut page)?;
    let circumstances: [(&str, &[(&str, &str)]); 5] = [
        ("ltr", &[("prefers-color-scheme", "light")]),
        ("ltr", &[("prefers-color-scheme", "dark")]),
        ("rtl", &[("prefers-color-scheme", "light")]),
        ("ltr", &[("forced-colors", "active")]),
        ("ltr", &[("prefers-reduced-motion", "reduce")]),
    ];
    for (direction, features) in circumstances {
        page.emulate(features)?;
        page.evaluate(&format!("document.documentElement.dir = {direction:?}"))?;
        let found = faults(&mut page, "html")?;
        assert!(found.is_empty(), "{direction} {features:?}:\n{}", found.join("\n"));
        let wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")?;
        assert_eq!(wide, 0, "{direction} {features:?}: the page scrolls sideways");
    }
    assert_eq!(page.console().matches("TypeError").count(), 0, "{}", page.console());
    Ok(())
}

#[test]
fn the_image_keeps_its_sides_and_words_their_order_where_text_runs_from_right_to_left() -> Outcome {
    let site = host()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("host.html"))?;
    answered(&mut page)?;
    page.evaluate("document.documentElement.dir = 'rtl'")?;
    for tag in ["vitro-compare", "vitro-corrupt"] {
        let sides = page.evaluate(&format!(
            "(({{ shadowRoot }}) => {{
                const x = (selector) => shadowRoot.querySelector(selector).getBoundingClientRect().left;
                const clip = getComputedStyle(shadowRoot.querySelector('.corrupted')).clipPath;
                return x('.tag.left') < x('.tag.right') && /^inset\\(0(px)? 0(px)? 0(px)? 50%\\)$/.test(clip) ? 'kept' : clip;
            }})(document.querySelector('{tag}.answers'))"
        ))?;
        assert_eq!(sides, "kept", "{tag}");
    }
    Ok(())
}

#[test]
fn in_forced_colours_controls_keep_a_border_and_without_motion_nothing_moves() -> Outcome {
    let site = host()?;
    let mut browser = Browser::start(WebGpu::Off)?;
    let mut page = browser.open(&site.url("host.html"))?;
    answered(&mut page)?;
    page.emulate(&[("forced-colors", "active")])?;
    let bare = page.evaluate(
        "[...document.querySelectorAll('main > *')].flatMap(({ shadowRoot }) => [...shadowRoot?.querySelectorAll('button, select, input') ?? []])
                        .filter((control) => control.checkVisibility() && !control.closest('[aria-hidden]') && !['range', 'checkbox'].includes(control.type) && parseFloat(getComputedStyle(control).borderTopWidth) === 0)
            .map(({ className, localName }) => `${localName}.${className}`)",
    )?;
    assert_eq!(bare, serde_json::json!([]));
    page.emulate(&[("prefers-reduced-motion", "reduce")])?;
    let moving = page.evaluate(
        "[...document.querySelectorAll('main > *')].flatMap(({ shadowRoot }) => [...shadowRoot?.querySelectorAll('*') ?? []])
            .filter((each) => getComputedStyle(each).transitionDuration.split(', ').some((time) => parseFloat(time) > 0)).length",
    )?;
    assert_eq!(moving, 0);
    Ok(())
}

fn host() -> anyhow::Result<Site> {
    let files = vec![("host.html", HOST.into()), ("scene.png", Image::scene(7, 3).bytes)];
    Site::with(Manner { files, ..Manner::default() })
}

/// Waits until everything has answered or failed that will.
fn answered(page: &mut Page<'_>) -> Outcome {
    page.wait_until(
        "customElements.get('vitro-sweep') && [...document.querySelectorAll('.answers')].every((each) => each.matches(':state(ready)'))
            && document.querySelector('.fails').matches(':state(error)')",
        SOON,
    )?;
    Ok(())
}
